"""The URLs of this room."""

from django.urls import path

from rapport.insight import (
    views,
    views_base,
    views_churn,
    views_forecast,
    views_journeys,
    views_lifetime,
    views_lineage,
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
    path("customer-base/", views_base.customer_base, name="customer_base"),
    path("customer-journeys/", views_journeys.journeys, name="journeys"),
    path("bought-together/", views_together.bought_together, name="bought_together"),
    path("customers/<uuid:public_id>/likely-next/", views_together.likely_next, name="likely_next"),
]
