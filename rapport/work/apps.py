"""The Django application of this room."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "rapport.work"
    label = "work"
    is_room = True
