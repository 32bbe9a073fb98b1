"""The URLs of this room."""

from django.urls import path

from rapport.insight import (
    views,
    views_base,
    views_churn,
    views_dashboards,
    views_forecast,
    views_journeys,
    views_lifetime,
    views_lineage,
    views_reports,
    views_together,
)

urlpatterns = [
    path("worth/", views.worth, name="worth"),
    path("worth/refresh/", views.refresh, name="worth_refresh"),
    path("worth/lifetime/", views_lifetime.lifetime, name="lifetime"),
    path("worth/forecast/", views_forecast.forecast, name="forecast"),
    path("worth/lineage/", views_lineage.lineage, name="lineage"),
    path("worth/leaving/", views_churn.churn, name="churn"),
    path("worth/leaving/learn/", views_churn.churn_learn, name="churn_learn"),
    path("dashboards/", views_dashboards.dashboards, name="dashboards"),
    path("dashboards/new/", views_dashboards.new_dashboard, name="dashboard_new"),
    path("dashboards/<uuid:public_id>/", views_dashboards.show_dashboard, name="dashboard"),
    path("dashboards/<uuid:public_id>/change/", views_dashboards.change_dashboard, name="dashboard_change"),
    path("dashboards/<uuid:public_id>/move/", views_dashboards.move_tile, name="dashboard_move"),
    path("dashboards/<uuid:public_id>/delete/", views_dashboards.delete_dashboard, name="dashboard_delete"),
    path("dashboards/<uuid:public_id>/restore/", views_dashboards.restore_dashboard, name="dashboard_restore"),
    path("dashboards/<uuid:public_id>/mail/", views_dashboards.mail_dashboard, name="dashboard_mail"),
    path("reports/", views_reports.report_list, name="reports"),
    path("reports/new/", views_reports.new_report, name="report_new"),
    path("reports/<uuid:public_id>/", views_reports.show_report, name="report"),
    path("reports/<uuid:public_id>/change/", views_reports.change_report, name="report_change"),
    path("reports/<uuid:public_id>/delete/", views_reports.delete_report, name="report_delete"),
    path("reports/<uuid:public_id>/restore/", views_reports.restore_report, name="report_restore"),
    path("reports/<uuid:public_id>/file/", views_reports.report_file, name="report_file"),
    path("reports/<uuid:public_id>/mail/", views_reports.mail_report, name="report_mail"),
    path("customer-base/", views_base.customer_base, name="customer_base"),
    path("customer-journeys/", views_journeys.journeys, name="journeys"),
    path("bought-together/", views_together.bought_together, name="bought_together"),
    path("customers/<uuid:public_id>/likely-next/", views_together.likely_next, name="likely_next"),
]
