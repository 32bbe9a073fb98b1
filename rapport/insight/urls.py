"""The URLs of this room."""

from django.urls import path

from rapport.insight import views

urlpatterns = [
    path("worth/", views.worth, name="worth"),
    path("worth/refresh/", views.refresh, name="worth_refresh"),
]
