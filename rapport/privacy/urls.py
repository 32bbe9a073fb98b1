"""The URLs of this room."""

from django.urls import path

from rapport.privacy import views

urlpatterns = [
    path("customers/<uuid:public_id>/export/", views.export, name="person_export"),
    path("customers/<uuid:public_id>/erase/", views.erase, name="person_erase"),
    path("customers/<uuid:public_id>/restriction/", views.restriction, name="person_restriction"),
    path("privacy/exports/<uuid:public_id>/", views.download, name="person_export_download"),
    path("privacy/erasures/", views.erasures, name="erasures"),
    path("privacy/erasures/<uuid:public_id>/", views.erasure, name="erasure"),
    path("settings/retention/", views.retention, name="retention"),
    path("settings/retention/run/", views.run_now, name="retention_run"),
    path("settings/retention/<slug:name>/", views.rule, name="retention_rule"),
]
