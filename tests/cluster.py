"""A pytest plugin that comes before Django's: it starts the tests' own PostgreSQL and points the settings at it.

Set DATABASE_URL (and DATABASE_OWNER_URL) to run the same tests on another server; its role must be allowed to create databases.
"""

from __future__ import annotations

import os
from pathlib import Path

from rapport.core.postgres import APP_ROLE, OWNER_ROLE, Cluster

HOME = Path(os.environ.get("RAPPORT_TEST_HOME") or Path(__file__).parents[1] / ".rapport-test")
ON_OWN_CLUSTER = not (os.environ.get("DATABASE_URL") or os.environ.get("RAPPORT_TEST_DATABASE"))
CLUSTER = Cluster(HOME / "postgres", fast=True)

os.environ["RAPPORT_HOME"] = str(HOME / os.environ.get("PYTEST_XDIST_WORKER", "main"))
os.environ["RAPPORT_ORIGIN"] = "http://localhost:8000"
os.environ["RAPPORT_DATABASE_ROLE"] = "owner"
os.environ["RAPPORT_EXTRA_ROOMS"] = "tests.architecture.sample_room.apps.SampleRoomConfig"
if ON_OWN_CLUSTER:
    CLUSTER.start()
    os.environ["DATABASE_URL"] = CLUSTER.url(role=APP_ROLE)
    os.environ["DATABASE_OWNER_URL"] = CLUSTER.url(role=OWNER_ROLE)
    os.environ["RAPPORT_TEST_DATABASE"] = "own"
