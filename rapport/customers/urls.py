"""The URLs of this room."""

from django.urls import path

from rapport.customers import consents_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("customers/", views.customers, name="customers"),
    path("customers/new/", views.new_customer, name="customer_new"),
    path("customers/<uuid:public_id>/", views.customer, name="customer"),
    path("customers/<uuid:public_id>/edit/", views.edit, name="customer_edit"),
    path("customers/<uuid:public_id>/log/", views.log, name="customer_log"),
    path("customers/<uuid:public_id>/owner/", views.owner, name="customer_owner"),
    path("customers/<uuid:public_id>/consents/", consents_views.customer_consents, name="customer_consents"),
    path("customers/<uuid:public_id>/consents/record/", consents_views.record, name="customer_consent_record"),
    path("customers/<uuid:public_id>/consents/withdraw/", consents_views.withdraw, name="customer_consent_withdraw"),
    path("customers/<uuid:public_id>/consents/ask/", consents_views.ask, name="customer_consent_ask"),
    path("consent/<str:token>/", consents_views.confirm, name="consent_confirm"),
    path("settings/purposes/", consents_views.purposes, name="purposes"),
    path("settings/purposes/<uuid:public_id>/", consents_views.purpose, name="purpose"),
]
