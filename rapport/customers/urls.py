"""The URLs of this room."""

from django.urls import path

from rapport.customers import views

urlpatterns = [
    path("", views.home, name="home"),
    path("customers/", views.customers, name="customers"),
    path("customers/new/", views.new_customer, name="customer_new"),
    path("customers/<uuid:public_id>/", views.customer, name="customer"),
    path("customers/<uuid:public_id>/edit/", views.edit, name="customer_edit"),
    path("customers/<uuid:public_id>/log/", views.log, name="customer_log"),
    path("customers/<uuid:public_id>/owner/", views.owner, name="customer_owner"),
]
