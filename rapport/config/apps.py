"""The Django application of what knows every room: it contributes the page of backups to the menu."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "rapport.config"
    label = "config"
    is_room = True
