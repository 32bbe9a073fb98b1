"""The URLs of this room."""

from django.urls import path

from rapport.webhooks import views

_ONE = "settings/webhooks/<uuid:public_id>/"

urlpatterns = [
    path("settings/webhooks/", views.webhooks, name="webhooks"),
    path("settings/webhooks/new/", views.new, name="webhook_new"),
    path(_ONE, views.endpoint, name="webhook"),
    path(f"{_ONE}edit/", views.edit, name="webhook_edit"),
    path(f"{_ONE}switch/", views.switch, name="webhook_switch"),
    path(f"{_ONE}test/", views.ping, name="webhook_ping"),
    path(f"{_ONE}secret/", views.rotate, name="webhook_rotate"),
    path(f"{_ONE}replay/", views.replay, name="webhook_replay"),
    path(f"{_ONE}delete/", views.delete, name="webhook_delete"),
    path(f"{_ONE}messages/<uuid:message_id>/", views.message, name="webhook_message"),
    path(f"{_ONE}messages/<uuid:message_id>/replay/", views.replay_message, name="webhook_message_replay"),
]
