"""The Django application of this room."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "rapport.records"
    label = "records"
    is_room = True
