"""The URLs of this room."""

from django.urls import path

from rapport.customers import views, views_peek
from rapport.customers.consents import views as consents_views
from rapport.customers.contact_points import views as contact_views
from rapport.customers.editing import views as views_in_place
from rapport.customers.next_best import views as next_views
from rapport.customers.relationships import views as relationship_views
from rapport.customers.survivorship import views as survivorship_views

urlpatterns = [
    path("", views.home, name="home"),
    path("customers/", views.customers, name="customers"),
    path("customers/new/", views.new_customer, name="customer_new"),
    path("customers/<uuid:public_id>/", views.customer, name="customer"),
    path("customers/<uuid:public_id>/edit/", views.edit, name="customer_edit"),
    path("customers/<uuid:public_id>/log/", views.log, name="customer_log"),
    path("customers/<uuid:public_id>/owner/", views.owner, name="customer_owner"),
    path("customers/<uuid:public_id>/trash/", views.trash, name="customer_trash"),
    path("customers/<uuid:public_id>/contacts/", contact_views.contacts, name="customer_contacts"),
    path("customers/<uuid:public_id>/contacts/first/", contact_views.contact_first, name="customer_contact_first"),
    path(
        "customers/<uuid:public_id>/contacts/add/<slug:kind>/", contact_views.contact_add, name="customer_contact_add"
    ),
    path("customers/<uuid:public_id>/vcard/", contact_views.vcard, name="customer_vcard"),
    path("customers/<uuid:public_id>/around/", relationship_views.relationships, name="customer_relationships"),
    path(
        "customers/<uuid:public_id>/around/add/", relationship_views.relationship_add, name="customer_relationship_add"
    ),
    path("customers/relationships/<uuid:public_id>/", relationship_views.relationship, name="relationship"),
    path("customers/relationships/<uuid:public_id>/end/", relationship_views.relationship_end, name="relationship_end"),
    path(
        "customers/relationships/<uuid:public_id>/remove/",
        relationship_views.relationship_remove,
        name="relationship_remove",
    ),
    path("customers/contacts/<uuid:public_id>/", contact_views.contact_point, name="contact_point"),
    path(
        "customers/contacts/<uuid:public_id>/remove/", contact_views.contact_point_remove, name="contact_point_remove"
    ),
    path("customers/<uuid:public_id>/consents/", consents_views.customer_consents, name="customer_consents"),
    path("customers/<uuid:public_id>/consents/record/", consents_views.record, name="customer_consent_record"),
    path("customers/<uuid:public_id>/consents/withdraw/", consents_views.withdraw, name="customer_consent_withdraw"),
    path("customers/<uuid:public_id>/consents/object/", consents_views.object_to_all, name="customer_consent_object"),
    path("customers/<uuid:public_id>/consents/ask/", consents_views.ask, name="customer_consent_ask"),
    path("consent/<str:token>/", consents_views.confirm, name="consent_confirm"),
    path("settings/purposes/", consents_views.purposes, name="purposes"),
    path("settings/purposes/<uuid:public_id>/", consents_views.purpose, name="purpose"),
    path("settings/sources/", survivorship_views.survivorship, name="survivorship"),
    path("settings/sources/pass/", survivorship_views.survivorship_pass, name="survivorship_pass"),
    path("customers/<uuid:public_id>/next/<slug:rule>/take/", next_views.take, name="customer_next_take"),
    path("customers/<uuid:public_id>/next/<slug:rule>/not-now/", next_views.not_now, name="customer_next_refuse"),
    path("customers/<uuid:public_id>/peek/", views_peek.peek, name="customer_peek"),
    path("customers/<uuid:public_id>/fields/<str:unit>/", views_in_place.field, name="customer_field"),
    path(
        "customers/<uuid:public_id>/fields/<str:unit>/take-back/", views_in_place.take_back, name="customer_take_back"
    ),
]
