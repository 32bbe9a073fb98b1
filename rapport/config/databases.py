"""Where the database is: DATABASE_URL, or the embedded server under RAPPORT_HOME."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

from rapport.core import environment
from rapport.core.postgres import APP_ROLE, OWNER_ROLE, Cluster, DatabaseUnavailable

OLDEST_SERVER = 15
_TIMEOUTS = (
    "-c lock_timeout=2000 -c idle_in_transaction_session_timeout=300000 -c timezone=UTC -c client_min_messages=warning"
)

SLOWEST_STATEMENT_SECONDS = 30  # of a page; what may take longer is a job


def embedded_cluster() -> Cluster:
    return Cluster(environment.home() / "postgres")


def is_embedded() -> bool:
    return not environment.DATABASE_URL.read()


def application_role() -> str:
    """The role that serves pages and jobs; the owner's rights are for migrations alone."""
    url = environment.DATABASE_URL.read()
    return unquote(urlsplit(url).username or "") if url else APP_ROLE


def database_settings() -> dict[str, Any]:
    as_owner = environment.DATABASE_ROLE.read() == "owner"
    if is_embedded():
        url = embedded_cluster().url(role=OWNER_ROLE if as_owner else APP_ROLE)
    else:
        owner_url = environment.DATABASE_OWNER_URL.read() if as_owner else ""
        url = owner_url or environment.DATABASE_URL.read()
    settings = parse_database_url(url)
    if is_embedded():  # a pooler between us and a server of somebody's might give the next statement to another session
        settings["OPTIONS"]["prepare_threshold"] = 0
    return settings


def bound_statements() -> None:
    """For web processes, before they connect: a statement that takes too long is given up, so that none keeps others out."""
    options = connections.settings[DEFAULT_DB_ALIAS]["OPTIONS"]
    options["options"] = f"{_TIMEOUTS} -c statement_timeout={SLOWEST_STATEMENT_SECONDS}s"


def parse_database_url(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise environment.SettingInvalid("DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    query = parse_qs(parts.query)
    options: dict[str, Any] = {"options": _TIMEOUTS, "connect_timeout": 10}
    if "sslmode" in query:
        options["sslmode"] = query["sslmode"][0]
    return {
        "ENGINE": "rapport.core.database",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", [parts.hostname or ""])[0],
        "PORT": str(parts.port or query.get("port", [""])[0]),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def refuse_unfit_server() -> None:
    """Raise DatabaseUnavailable unless the server of DATABASE_URL answers and is new enough."""
    for setting in (environment.DATABASE_URL, environment.DATABASE_OWNER_URL):
        url = setting.read()
        if not url:
            continue
        parse_database_url(url)
        try:
            with psycopg.connect(url, connect_timeout=10) as connection:
                version = connection.info.server_version
        except psycopg.Error as error:
            raise DatabaseUnavailable(f"The server of {setting.name} does not let us in: {error}") from error
        if version < OLDEST_SERVER * 10_000:
            raise DatabaseUnavailable(
                f"The server of {setting.name} is PostgreSQL {version // 10_000};"
                f" Rapport needs PostgreSQL {OLDEST_SERVER} or newer."
            )
