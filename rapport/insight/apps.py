"""The Django application of this room."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "rapport.insight"
    label = "insight"
    is_room = True
