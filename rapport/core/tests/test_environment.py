"""Settings: all documented, and wrong ones refused in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rapport.config.databases import parse_database_url
from rapport.config.email import email_settings
from rapport.core import environment
from rapport.core.environment import SettingInvalid

CHECKOUT = Path(__file__).parents[3]
SETTINGS_PAGE = (CHECKOUT / "docs" / "settings.md").read_text()


def documented() -> dict[str, str]:
    return dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", SETTINGS_PAGE, re.MULTILINE))


def test_every_setting_is_documented_and_no_other() -> None:
    assert set(documented()) == {setting.name for setting in environment.ALL}


def test_the_documented_defaults_are_the_real_ones() -> None:
    by_name = {setting.name: setting.default for setting in environment.ALL if setting is not environment.HOME}

    told = {name: default.strip("`") for name, default in documented().items() if name in by_name}

    assert told == {name: default or "unset" for name, default in by_name.items()}


def test_no_other_variable_is_read_behind_the_back_of_the_list() -> None:
    """`os.environ` is read in the list itself, and where a process marks or finds its own children."""
    allowed = {"core/environment.py", "core/postgres.py", "config/cli.py", "config/wsgi.py", "config/processes.py",
               "config/supervisor.py", "config/suite.py", "config/migrations.py"}  # fmt: skip

    readers = {
        str(file.relative_to(CHECKOUT / "rapport"))
        for file in (CHECKOUT / "rapport").rglob("*.py")
        if "/tests/" not in str(file) and re.search(r"os\.(environ|getenv)", file.read_text())
    }

    assert readers <= allowed


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "80.5"])
def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PORT", port)

    with pytest.raises(SettingInvalid, match="PORT is"):
        environment.port()


@pytest.mark.parametrize("number", ["0", "65", "two"])
def test_a_number_of_web_processes_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    monkeypatch.setenv("RAPPORT_WEB_WORKERS", number)

    with pytest.raises(SettingInvalid, match="RAPPORT_WEB_WORKERS is"):
        environment.web_workers()


def test_the_origin_follows_the_port_until_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAPPORT_ORIGIN", raising=False)
    monkeypatch.setenv("PORT", "8123")

    assert environment.origin() == "http://localhost:8123"
    monkeypatch.setenv("RAPPORT_ORIGIN", "https://crm.example.com/")

    assert environment.origin() == "https://crm.example.com"


def test_the_parts_of_a_database_url_are_unquoted() -> None:
    found = parse_database_url("postgresql://ann%40corp:p%2Fw@db.example.com:5433/the%20crm?sslmode=require")

    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("ann@corp", "p/w", "the crm")
    assert (found["HOST"], found["PORT"], found["OPTIONS"]["sslmode"]) == ("db.example.com", "5433", "require")


@pytest.mark.parametrize("url", ["mysql://root@localhost/crm", "postgresql://user@host", "rapport"])
def test_a_database_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(SettingInvalid, match="DATABASE_URL must look like"):
        parse_database_url(url)


def test_mail_goes_nowhere_while_no_server_is_named() -> None:
    assert email_settings("")["EMAIL_IS_CONFIGURED"] is False
    assert email_settings("smtps://ann:secret@mail.example.com")["EMAIL_PORT"] == 465
    with pytest.raises(SettingInvalid, match="EMAIL_URL must look like"):
        email_settings("mail.example.com")
