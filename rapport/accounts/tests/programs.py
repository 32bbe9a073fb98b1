"""Programs that act for people, for the tests of every room's API."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from rapport.accounts.api_tokens import PREFIX, rights_to_lend
from rapport.accounts.links import hash_of, new_token
from rapport.accounts.models import ApiToken
from rapport.accounts.permissions import CONNECT
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now

API = "/api/v1"


def let_connect(user: Any) -> None:
    """The person's role may connect programs from now on."""
    with acting(SYSTEM):
        user.role.rights = sorted({*user.role.rights, CONNECT.name})
        user.role.save(update_fields=["rights"])


class Program:
    """A program with a token of `user`'s; without `rights`, with all that she can lend."""

    def __init__(self, user: Any, *rights: str, **token: Any) -> None:
        let_connect(user)
        self.text, now = PREFIX + new_token(), utc_now()
        lent = list(rights) or [right.name for right in rights_to_lend(user)]
        with acting(SYSTEM):
            self.token = ApiToken.objects.create(
                **{"name": "Shop", "owner": user, "token_hash": hash_of(self.text), "rights": lent, "made_at": now,
                   "expires_at": now + timedelta(days=1), **token}
            )  # fmt: skip
        self._client = Client()
        self._client.raise_request_exception = False

    def ask(
        self, method: str, path: str, body: Any = None, *, query: Any = None, kind: str = "application/json",
        **headers: str,
    ) -> Any:  # fmt: skip
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self._client.generic(
            method, path if path.startswith("/api") else API + path, content, content_type=kind,
            query_params=query, headers={"Authorization": f"Bearer {self.text}"} | headers,
        )  # fmt: skip

    def get(self, path: str, query: Any = None, **headers: str) -> Any:
        return self.ask("GET", path, query=query, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("PATCH", path, body, **headers)

    def send(self, path: str, parts: dict[str, Any], **headers: str) -> Any:
        """A form with files, as multipart/form-data."""
        return self.ask("POST", path, encode_multipart(BOUNDARY, parts), kind=MULTIPART_CONTENT, **headers)
