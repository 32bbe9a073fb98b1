"""The product's settings with the room of the fault tests beside the others."""

from rapport.config.settings import *  # noqa: F403
from rapport.config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.room"]
ROOT_URLCONF = "tests.faults.urls"
