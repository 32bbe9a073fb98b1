"""The Django application of this room."""

from django.apps import AppConfig


class SampleRoomConfig(AppConfig):
    name = "tests.architecture.sample_room"
    label = "sample_room"
    is_room = True
