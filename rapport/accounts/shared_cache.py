"""A cache in the database, so that all web processes count sign-in attempts together; it holds JSON and nothing else."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection
from django.db.models import Q

from rapport.accounts.models import SharedValue
from rapport.core.clock import utc_now

_ADD = """
insert into accounts_sharedvalue (key, value, expires_at) values (%s, %s::jsonb, %s)
on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at
where accounts_sharedvalue.expires_at <= %s
returning key
"""


class SharedCache(BaseCache):
    """Django's own database cache pickles its values; whoever could write to its table could run code here."""

    def __init__(self, location: str, parameters: dict[str, Any]) -> None:
        super().__init__(parameters)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        found = self._alive().filter(key=self.make_and_validate_key(key, version=version)).first()
        return default if found is None else found.value

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        SharedValue.objects.update_or_create(
            key=self.make_and_validate_key(key, version=version),
            defaults={"value": value, "expires_at": self._expiry(timeout)},
        )

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """One statement, so that of two processes at once only one adds."""
        row = [self.make_and_validate_key(key, version=version), json.dumps(value), self._expiry(timeout), utc_now()]
        with connection.cursor() as cursor:
            cursor.execute(_ADD, row)
            return cursor.fetchone() is not None

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        name = self.make_and_validate_key(key, version=version)
        return bool(self._alive().filter(key=name).update(expires_at=self._expiry(timeout)))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(SharedValue.objects.filter(key=self.make_and_validate_key(key, version=version)).delete()[0])

    def clear(self) -> None:
        SharedValue.objects.all().delete()

    def _alive(self) -> Any:
        return SharedValue.objects.filter(Q(expires_at=None) | Q(expires_at__gt=utc_now()))

    def _expiry(self, timeout: Any) -> datetime | None:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return None if seconds is None else utc_now() + timedelta(seconds=seconds)


def remove_expired(*, now: datetime) -> int:
    return SharedValue.objects.filter(expires_at__lte=now).delete()[0]
