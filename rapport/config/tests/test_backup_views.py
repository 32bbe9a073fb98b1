"""The page of backups."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.urls import reverse

from rapport.core.clock import utc_now


def made(home: Path, *, days_ago: float) -> str:
    folder = home / "backups"
    folder.mkdir(exist_ok=True)
    name = f"rapport-{utc_now() - timedelta(days=days_ago):%Y%m%dT%H%M%SZ}.tar"
    (folder / name).write_bytes(bytes(3 << 20))
    return name


def test_the_page_lists_what_is_there_and_how_old_it_is(ada: Any, as_user: Any, home: Path) -> None:
    names = [made(home, days_ago=0.1), made(home, days_ago=1)]

    page = as_user(ada).get(reverse("backups")).content.decode()

    assert all(name in page for name in names)
    assert "3.0" in page
    assert "The last backup is late" not in page


def test_the_page_says_when_the_last_one_is_late_or_there_is_none(ada: Any, as_user: Any, home: Path) -> None:
    assert "No backup yet" in as_user(ada).get(reverse("backups")).content.decode()
    made(home, days_ago=4)

    assert "The last backup is late" in as_user(ada).get(reverse("backups")).content.decode()


def test_a_backup_can_be_asked_for_once(ada: Any, as_user: Any, home: Path) -> None:
    client = as_user(ada)

    assert client.post(reverse("backup_now")).status_code == 302
    assert client.post(reverse("backup_now")).status_code == 302

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs where task_name = 'backup.make'")
        assert cursor.fetchone() == (1,)


def test_only_administrators_see_backups(alice: Any, as_user: Any, home: Path) -> None:
    assert as_user(alice).get(reverse("backups")).status_code == 403
    assert as_user(alice).post(reverse("backup_now")).status_code == 403
