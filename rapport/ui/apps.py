"""The Django application of this room."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "rapport.ui"
    label = "ui"
    is_room = True
