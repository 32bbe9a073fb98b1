"""The URLs of this room."""

from django.urls import path

from rapport.insight import views, views_base

urlpatterns = [
    path("worth/", views.worth, name="worth"),
    path("worth/refresh/", views.refresh, name="worth_refresh"),
    path("customer-base/", views_base.customer_base, name="customer_base"),
]
