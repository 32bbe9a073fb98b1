"""The URLs of this room."""

from django.urls import path

from rapport.records import views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/<uuid:public_id>/", views.show_import, name="import"),
    path("imports/<uuid:public_id>/answers/", views.answer, name="import_answers"),
    path("imports/<uuid:public_id>/cancel/", views.cancel, name="import_cancel"),
    path("imports/<uuid:public_id>/continue/", views.go_on, name="import_continue"),
    path("imports/<uuid:public_id>/discard/", views.discard, name="import_discard"),
    path("imports/<uuid:public_id>/undo/", views.undo, name="import_undo"),
    path("imports/<uuid:public_id>/refused.csv", views.refused_rows, name="import_refused"),
]
