"""The URLs of this room."""

from django.urls import path

from rapport.insight.acceptance import views as views_acceptance
from rapport.insight.churn import views as views_churn
from rapport.insight.contracts import views as views_contracts
from rapport.insight.customer_base import views as views_base
from rapport.insight.dashboards import views as views_dashboards
from rapport.insight.five_worths import views as views_five_worths
from rapport.insight.forecast import views as views_forecast
from rapport.insight.journeys import views as views_journeys
from rapport.insight.lifetime import views as views_lifetime
from rapport.insight.report_builder import kept_views as views_kept
from rapport.insight.report_builder import views as views_reports
from rapport.insight.rfm import margin_views as views_groups
from rapport.insight.rfm import views
from rapport.insight.together import views as views_together
from rapport.insight.warehouse import views as views_lineage

urlpatterns = [
    path("worth/", views.worth, name="worth"),
    path("worth/refresh/", views.refresh, name="worth_refresh"),
    path("worth/lifetime/", views_lifetime.lifetime, name="lifetime"),
    path("worth/contracts/", views_contracts.contracts, name="contracts"),
    path("worth/forecast/", views_forecast.forecast, name="forecast"),
    path("worth/next-actions/", views_acceptance.acceptance, name="next_action_check"),
    path("worth/lineage/", views_lineage.lineage, name="lineage"),
    path("worth/leaving/", views_churn.churn, name="churn"),
    path("worth/leaving/learn/", views_churn.churn_learn, name="churn_learn"),
    path("dashboards/", views_dashboards.dashboards, name="dashboards"),
    path("dashboards/new/", views_dashboards.new_dashboard, name="dashboard_new"),
    path("dashboards/tiles/<slug:name>/", views_dashboards.tile_of_ours, name="tile_of_ours"),
    path("reports/<uuid:public_id>/tile/", views_dashboards.report_tile, name="report_tile"),
    path("dashboards/<uuid:public_id>/", views_dashboards.show_dashboard, name="dashboard"),
    path("dashboards/<uuid:public_id>/change/", views_dashboards.change_dashboard, name="dashboard_change"),
    path("dashboards/<uuid:public_id>/move/", views_dashboards.move_tile, name="dashboard_move"),
    path(
        "dashboards/<uuid:public_id>/delete/",
        views_kept.delete_kept,
        {"kind": views_kept.DASHBOARDS},
        name="dashboard_delete",
    ),
    path(
        "dashboards/<uuid:public_id>/restore/",
        views_kept.restore_kept,
        {"kind": views_kept.DASHBOARDS},
        name="dashboard_restore",
    ),
    path(
        "dashboards/<uuid:public_id>/mail/",
        views_kept.mail_kept,
        {"kind": views_kept.DASHBOARDS},
        name="dashboard_mail",
    ),
    path(
        "dashboards/<uuid:public_id>/mail/colleague/",
        views_kept.mail_colleague,
        {"kind": views_kept.DASHBOARDS},
        name="dashboard_mail_colleague",
    ),
    path("reports/", views_reports.report_list, name="reports"),
    path("reports/new/", views_reports.new_report, name="report_new"),
    path("reports/<uuid:public_id>/", views_reports.show_report, name="report"),
    path("reports/<uuid:public_id>/change/", views_reports.change_report, name="report_change"),
    path(
        "reports/<uuid:public_id>/delete/", views_kept.delete_kept, {"kind": views_kept.REPORTS}, name="report_delete"
    ),
    path(
        "reports/<uuid:public_id>/restore/",
        views_kept.restore_kept,
        {"kind": views_kept.REPORTS},
        name="report_restore",
    ),
    path("reports/<uuid:public_id>/file/", views_reports.report_file, name="report_file"),
    path("reports/<uuid:public_id>/mail/", views_kept.mail_kept, {"kind": views_kept.REPORTS}, name="report_mail"),
    path(
        "reports/<uuid:public_id>/mail/colleague/",
        views_kept.mail_colleague,
        {"kind": views_kept.REPORTS},
        name="report_mail_colleague",
    ),
    path("worth/five/", views_five_worths.five_worths, name="five_worths"),
    path("customers/<uuid:public_id>/worth/", views_five_worths.customer_worth, name="customer_worth"),
    path("settings/unit-values/", views_five_worths.unit_values, name="unit_values"),
    path("settings/rfm-groups/", views_groups.group_margins, name="group_margins"),
    path("customer-base/", views_base.customer_base, name="customer_base"),
    path("customer-journeys/", views_journeys.journeys, name="journeys"),
    path("bought-together/", views_together.bought_together, name="bought_together"),
    path("customers/<uuid:public_id>/likely-next/", views_together.likely_next, name="likely_next"),
]
