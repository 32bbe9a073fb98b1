"""This room hears what every room announces."""

from rapport.core.events import Listener
from rapport.webhooks.hearing import hear

LISTENERS = (Listener(hear),)
