"""The WSGI application that the gate of rapport.config.asgi runs in threads."""

import os
import signal

from django.core.wsgi import get_wsgi_application

from rapport.config.processes import SUPERVISED, die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
if os.environ.get(SUPERVISED):
    die_with_parent(os.getppid(), signal.SIGKILL)
application = get_wsgi_application()
