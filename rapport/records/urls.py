"""The URLs of this room."""

from django.urls import path

from rapport.records import bulk_views, custom_fields_views, exporting_views, layouts_views, views

urlpatterns = [
    path("exports/new/<slug:list_name>/", exporting_views.new_export, name="export_new"),
    path("exports/<uuid:public_id>/", exporting_views.show_export, name="export"),
    path("exports/<uuid:public_id>/file/", exporting_views.download_export, name="export_file"),
    path("exports/<uuid:public_id>/cancel/", exporting_views.cancel_export, name="export_cancel"),
    path("selected/runs/<uuid:public_id>/", bulk_views.show_run, name="bulk_run"),
    path("selected/runs/<uuid:public_id>/begin/", bulk_views.begin, name="bulk_begin"),
    path("selected/runs/<uuid:public_id>/cancel/", bulk_views.cancel, name="bulk_cancel"),
    path("selected/runs/<uuid:public_id>/undo/", bulk_views.undo, name="bulk_undo"),
    path("selected/<slug:object_name>/", bulk_views.choose, name="bulk_choose"),
    path("imports/", views.imports, name="imports"),
    path("imports/<uuid:public_id>/", views.show_import, name="import"),
    path("imports/<uuid:public_id>/answers/", views.answer, name="import_answers"),
    path("imports/<uuid:public_id>/cancel/", views.cancel, name="import_cancel"),
    path("imports/<uuid:public_id>/continue/", views.go_on, name="import_continue"),
    path("imports/<uuid:public_id>/discard/", views.discard, name="import_discard"),
    path("imports/<uuid:public_id>/undo/", views.undo, name="import_undo"),
    path("imports/<uuid:public_id>/refused.csv", views.refused_rows, name="import_refused"),
    path("imports/<uuid:public_id>/field/", custom_fields_views.field_for_column, name="import_field"),
    path("settings/fields/", custom_fields_views.fields, name="fields"),
    path("settings/fields/new/", custom_fields_views.new_field, name="field_new"),
    path("settings/fields/roles/", layouts_views.layouts, name="layouts"),
    path("settings/fields/roles/<uuid:public_id>/", layouts_views.layout, name="layout"),
    path("settings/fields/<uuid:public_id>/", custom_fields_views.field, name="field"),
    path("settings/fields/<uuid:public_id>/archive/", custom_fields_views.archive_field, name="field_archive"),
    path("settings/fields/<uuid:public_id>/restore/", custom_fields_views.restore_field, name="field_restore"),
    path("settings/fields/<uuid:public_id>/move/", custom_fields_views.move_field, name="field_move"),
    path("fields/<slug:object_name>/<uuid:public_id>/", custom_fields_views.values, name="own_fields"),
]
