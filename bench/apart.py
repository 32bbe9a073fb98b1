"""A measurement in a process of its own, on an own, throw-away PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def run_apart(module: str, *arguments: object, **settings: str) -> None:
    """Run `python -m <module> <arguments>` with an empty RAPPORT_HOME; raises CalledProcessError where it fails."""
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as folder:
        Path(folder).chmod(0o755)
        environment = os.environ | {
            "RAPPORT_HOME": f"{folder}/home",
            "RAPPORT_DATABASE_ROLE": "owner",
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "rapport.config.settings"),
            **settings,
        }
        environment.pop("DATABASE_URL", None)
        command = [sys.executable, "-W", "ignore", "-m", module, *map(str, arguments)]
        subprocess.run(command, check=True, env=environment)


@contextmanager
def migrated_database() -> Iterator[None]:
    """In that process: Django, and within it the database of the empty RAPPORT_HOME with all its tables."""
    import django

    django.setup()
    from rapport.config.databases import embedded_cluster
    from rapport.config.migrations import migrate

    Path(os.environ["RAPPORT_HOME"]).mkdir(mode=0o700, exist_ok=True)
    with embedded_cluster().in_use():
        migrate()
        yield
