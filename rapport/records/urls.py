"""The URLs of this room."""

from django.urls import path

from rapport.records.bulk import views as bulk_views
from rapport.records.command_log import views as command_log_views
from rapport.records.custom_fields import views as custom_fields_views
from rapport.records.exporting import views as exporting_views
from rapport.records.filters import views as filters_views
from rapport.records.history import views as history_views
from rapport.records.imports import views
from rapport.records.layouts import views as layouts_views
from rapport.records.lists import cells_views
from rapport.records.lists import columns_views as list_columns_views
from rapport.records.pasting import views as pasting_views
from rapport.records.saved_views import views as saved_views_views
from rapport.records.tags import views as tags_views
from rapport.records.trash import views as trash_views

urlpatterns = [
    path("lists/<slug:list_name>/filter/", filters_views.build_filter, name="filter_build"),
    path("lists/<slug:list_name>/filter/count/", filters_views.count_filter, name="filter_count"),
    path("exports/new/<slug:list_name>/", exporting_views.new_export, name="export_new"),
    path("exports/<uuid:public_id>/", exporting_views.show_export, name="export"),
    path("exports/<uuid:public_id>/file/", exporting_views.download_export, name="export_file"),
    path("exports/<uuid:public_id>/cancel/", exporting_views.cancel_export, name="export_cancel"),
    path("selected/runs/<uuid:public_id>/", bulk_views.show_run, name="bulk_run"),
    path("selected/runs/<uuid:public_id>/begin/", bulk_views.begin, name="bulk_begin"),
    path("selected/runs/<uuid:public_id>/cancel/", bulk_views.cancel, name="bulk_cancel"),
    path("selected/runs/<uuid:public_id>/undo/", bulk_views.undo, name="bulk_undo"),
    path("selected/<slug:object_name>/", bulk_views.choose, name="bulk_choose"),
    path("lists/<slug:object_name>/views/", saved_views_views.views, name="list_views"),
    path("lists/<slug:object_name>/views/new/", saved_views_views.new_view, name="list_view_new"),
    path("lists/<slug:object_name>/views/first/", saved_views_views.open_with, name="list_open_with"),
    path("lists/<slug:object_name>/records/<uuid:public_id>/<slug:field_name>/", cells_views.cell, name="cell"),
    path("lists/<slug:object_name>/paste/", pasting_views.paste, name="list_paste"),
    path("lists/<slug:object_name>/columns/", list_columns_views.columns, name="list_columns"),
    path("views/<uuid:public_id>/", saved_views_views.show_view, name="list_view"),
    path("views/<uuid:public_id>/copy/", saved_views_views.copy_view, name="list_view_copy"),
    path("views/<uuid:public_id>/delete/", saved_views_views.delete_view, name="list_view_delete"),
    path("views/<uuid:public_id>/restore/", saved_views_views.restore_view, name="list_view_restore"),
    path("views/<uuid:public_id>/pin/", saved_views_views.pin_view, name="list_view_pin"),
    path("changes/", command_log_views.changes, name="changes"),
    path("changes/undo/", command_log_views.change_undo_last, name="change_undo_last"),
    path("changes/<uuid:public_id>/undo/", command_log_views.change_undo, name="change_undo"),
    path("history/<slug:kind>/<uuid:public_id>/", history_views.history, name="history"),
    path("history/<slug:kind>/<uuid:public_id>/restore/", history_views.history_restore, name="history_restore"),
    path("settings/audit/", history_views.audit, name="audit"),
    path("settings/audit/verify/", history_views.verify_audit, name="audit-verify"),
    path("tags/<slug:object_name>/offered/", tags_views.offer_tags, name="tags_offered"),
    path("tags/<slug:object_name>/<uuid:public_id>/", tags_views.record_tags, name="record_tags"),
    path("settings/tags/", tags_views.tags, name="tags"),
    path("settings/tags/<uuid:public_id>/rename/", tags_views.tag_rename, name="tag_rename"),
    path("settings/tags/<uuid:public_id>/merge/", tags_views.tag_merge, name="tag_merge"),
    path("settings/tags/<uuid:public_id>/delete/", tags_views.tag_delete, name="tag_delete"),
    path("trash/", trash_views.trash, name="trash"),
    path("trash/<slug:kind>/<uuid:public_id>/restore/", trash_views.trash_restore, name="trash_restore"),
    path("trash/<slug:kind>/<uuid:public_id>/purge/", trash_views.trash_purge, name="trash_purge"),
    path("imports/", views.imports, name="imports"),
    path("imports/<uuid:public_id>/", views.show_import, name="import"),
    path("imports/<uuid:public_id>/answers/", views.answer, name="import_answers"),
    path("imports/<uuid:public_id>/cancel/", views.cancel, name="import_cancel"),
    path("imports/<uuid:public_id>/continue/", views.go_on, name="import_continue"),
    path("imports/<uuid:public_id>/discard/", views.discard, name="import_discard"),
    path("imports/<uuid:public_id>/undo/", views.undo, name="import_undo"),
    path("imports/<uuid:public_id>/refused.csv", views.refused_rows, name="import_refused"),
    path("imports/<uuid:public_id>/field/", custom_fields_views.field_for_column, name="import_field"),
    path("imports/<uuid:public_id>/fields/", custom_fields_views.fields_for_columns, name="import_fields"),
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
