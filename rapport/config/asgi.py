"""The application that granian serves: the gate, and Django behind it."""

import gc

from rapport.config.wsgi import application as django

from rapport.config.databases import bound_statements  # isort: skip
from rapport.config.gate import Gate  # isort: skip - Django is set up by the line above
from rapport.config.large_bodies import ask_room_for  # isort: skip
from rapport.core.environment import trusted_proxies  # isort: skip

bound_statements()
application = Gate(django, room_for=ask_room_for, trusted=trusted_proxies())
# what is loaded stays, and a request leaves few cycles: to look for them as often as Python does is a sixth of a request
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
