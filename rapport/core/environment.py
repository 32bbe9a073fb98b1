"""Every setting Rapport reads from the environment, with its meaning; docs/settings.md is checked against this list."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from rapport.core.processors import processors

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_MOST_WEB_WORKERS = 64
_LARGEST_FILE_MEGABYTES = 2_000


class SettingInvalid(ValueError):
    """A setting in the environment cannot be used as it stands."""


@dataclass(frozen=True)
class Setting:
    name: str
    default: str
    meaning: str

    def read(self) -> str:
        return os.environ.get(self.name, "").strip() or self.default


def _default_home() -> str:
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").exists():
        return str(checkout / ".rapport")
    return str(Path.home() / ".rapport")


HOME = Setting(
    "RAPPORT_HOME", _default_home(), "Folder of everything that must survive: database, files, secrets, warehouse."
)
PORT = Setting("PORT", "8000", "TCP port of the web server.")
BIND = Setting("RAPPORT_BIND", "127.0.0.1", "Address the web server listens on.")
ORIGIN = Setting(
    "RAPPORT_ORIGIN",
    "",
    "Scheme, host and port that users see, e.g. https://crm.example.com; fixes links, cookies, passkeys.",
)
DATABASE_URL = Setting(
    "DATABASE_URL", "", "A PostgreSQL 15+ server for the application's role; unset means the embedded server."
)
DATABASE_OWNER_URL = Setting(
    "DATABASE_OWNER_URL",
    "",
    "The same database for the role that owns the tables (migrations); unset means DATABASE_URL.",
)
EMAIL_URL = Setting(
    "EMAIL_URL",
    "",
    "smtp://user:password@host:587 or smtps://; unset: invitations and resets show a one-time link to the administrator.",
)
WEB_WORKERS = Setting(
    "RAPPORT_WEB_WORKERS", "", "Number of web processes; unset: as many as there are processors, from 2 to 4."
)
LOG_LEVEL = Setting("RAPPORT_LOG_LEVEL", "WARNING", "Least severe level that is logged: DEBUG, INFO, WARNING or ERROR.")
DATABASE_ROLE = Setting(
    "RAPPORT_DATABASE_ROLE", "app", "Which of the two roles this process uses: app, or owner for migrations."
)

LARGEST_FILE = Setting("RAPPORT_LARGEST_FILE_MB", "25", "Megabytes that a file on a record may have.")
BACKUP_EVERY = Setting(
    "RAPPORT_BACKUP_EVERY_HOURS", "24", "A backup is made by itself when the last one is so many hours old; 0: never."
)
BACKUP_KEEP = Setting("RAPPORT_BACKUP_KEEP", "7", "How many of the newest scheduled backups are kept.")
BACKUP_FOLDER = Setting(
    "RAPPORT_BACKUP_FOLDER",
    "",
    "Folder of the scheduled backups, best on another disk; unset: backups in RAPPORT_HOME.",
)
TRUSTED_PROXIES = Setting(
    "RAPPORT_TRUSTED_PROXIES",
    "",
    "Networks of the proxies before the server, separated by commas; their X-Forwarded-For says who asks. Unset: nobody's.",
)
WEBHOOK_NETWORKS = Setting(
    "RAPPORT_WEBHOOK_NETWORKS",
    "",
    "Networks of one's own that webhooks may go to, separated by commas, e.g. 10.1.0.0/16; unset: public addresses alone.",
)
WAREHOUSE_ENGINE = Setting(
    "RAPPORT_WAREHOUSE_ENGINE", "duckdb", "What computes the marts: duckdb, or spark, which is installed as an extra."
)
EXTRA_ROOMS = Setting(
    "RAPPORT_EXTRA_ROOMS",
    "",
    "Application configurations of rooms outside the package, separated by commas; they contribute like our own.",
)

ALL = (
    HOME,
    PORT,
    BIND,
    ORIGIN,
    DATABASE_URL,
    DATABASE_OWNER_URL,
    EMAIL_URL,
    WEB_WORKERS,
    LOG_LEVEL,
    DATABASE_ROLE,
    LARGEST_FILE,
    BACKUP_EVERY,
    BACKUP_KEEP,
    BACKUP_FOLDER,
    TRUSTED_PROXIES,
    WEBHOOK_NETWORKS,
    WAREHOUSE_ENGINE,
    EXTRA_ROOMS,
)


def extra_rooms() -> list[str]:
    return [name.strip() for name in EXTRA_ROOMS.read().split(",") if name.strip()]


def home() -> Path:
    return Path(HOME.read()).expanduser().absolute()


def port() -> int:
    text = PORT.read()
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingInvalid(f"PORT is {text!r}; give a number from 1 to 65535.")
    return int(text)


def warehouse_engine() -> str:
    name = WAREHOUSE_ENGINE.read().lower()
    if name not in ("duckdb", "spark"):
        raise SettingInvalid(f"RAPPORT_WAREHOUSE_ENGINE is {name!r}; give duckdb or spark.")
    return name


def web_workers() -> int:
    text = WEB_WORKERS.read() or str(max(2, min(4, processors())))
    if not text.isdigit() or not 0 < int(text) <= _MOST_WEB_WORKERS:
        raise SettingInvalid(f"RAPPORT_WEB_WORKERS is {text!r}; give a number from 1 to {_MOST_WEB_WORKERS}.")
    return int(text)


def largest_file() -> int:
    """Bytes that a file on a record may have."""
    text = LARGEST_FILE.read()
    if not text.isdigit() or not 0 < int(text) <= _LARGEST_FILE_MEGABYTES:
        raise SettingInvalid(
            f"RAPPORT_LARGEST_FILE_MB is {text!r}; give a number from 1 to {_LARGEST_FILE_MEGABYTES:,}."
        )
    return int(text) << 20


def origin() -> str:
    return ORIGIN.read().rstrip("/") or f"http://localhost:{port()}"


def backup_every_hours() -> int:
    return _number(BACKUP_EVERY, least=0, most=24 * 366)


def backup_keep() -> int:
    return _number(BACKUP_KEEP, least=1, most=10_000)


def backup_folder() -> Path:
    text = BACKUP_FOLDER.read()
    return Path(text).expanduser().absolute() if text else home() / "backups"


def trusted_proxies() -> tuple[Network, ...]:
    """The networks whose word on who asks is taken."""
    return _networks(TRUSTED_PROXIES, example="127.0.0.1/32")


def webhook_networks() -> tuple[Network, ...]:
    """The networks of one's own that webhooks may go to."""
    return _networks(WEBHOOK_NETWORKS, example="10.1.0.0/16")


def _networks(setting: Setting, *, example: str) -> tuple[Network, ...]:
    text = setting.read()
    try:
        return tuple(ipaddress.ip_network(each.strip()) for each in text.split(",") if each.strip())
    except ValueError as error:
        raise SettingInvalid(f"{setting.name} is {text!r}; give networks such as {example}.") from error


def _number(setting: Setting, *, least: int, most: int) -> int:
    text = setting.read()
    if not text.isdigit() or not least <= int(text) <= most:
        raise SettingInvalid(f"{setting.name} is {text!r}; give a number from {least} to {most:,}.")
    return int(text)
