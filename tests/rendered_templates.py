"""A pytest plugin: on a run of the whole suite, every template of the product must have been rendered by some test.

A template is rendered when Jinja first loads it; each process writes down what it loaded, and the one that the run began
with compares. A run of a part of the suite proves nothing about the rest and is not judged. What a browser saw was
rendered by another process and does not count: a room tests its templates itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).parents[1] / "rapport"


def all_templates() -> set[str]:
    return {
        str(file.relative_to(folder))
        for folder in PACKAGE.glob("*/templates")
        for file in folder.rglob("*")
        if file.is_file()
    }


@pytest.fixture(scope="session", autouse=True)
def _written_down(request: pytest.FixtureRequest) -> Iterator[None]:
    from django.template import engines
    from django.template.backends.jinja2 import Jinja2

    environment = next(engine.env for engine in engines.all() if isinstance(engine, Jinja2))
    loaded: set[str] = set()
    read = environment.loader.get_source

    def read_and_note(env: Any, template: str) -> Any:
        loaded.add(template)
        return read(env, template)

    environment.loader.get_source = read_and_note
    yield
    environment.loader.get_source = read
    _folder().mkdir(parents=True, exist_ok=True)
    (_folder() / _worker(request.config)).write_text("\n".join(sorted(loaded)))


def pytest_sessionstart(session: pytest.Session) -> None:
    if _worker(session.config) == "main" and _folder().exists():
        for old in _folder().iterdir():
            old.unlink()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _worker(session.config) != "main" or session.exitstatus != 0 or not _is_whole_suite(session.config):
        return
    rendered = {name for file in _folder().iterdir() for name in file.read_text().splitlines()}
    never = sorted(all_templates() - rendered)
    if never:
        session.config.stash[_NEVER] = never
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for name in config.stash.get(_NEVER, []):
        terminalreporter.write_line(f"FAILED no test renders the template {name}", red=True)


_NEVER = pytest.StashKey[list[str]]()


def _is_whole_suite(config: pytest.Config) -> bool:
    everything = config.args_source == pytest.Config.ArgsSource.TESTPATHS
    return everything and not config.getoption("keyword") and not config.getoption("markexpr")


def _worker(config: pytest.Config) -> str:
    return str(getattr(config, "workerinput", {}).get("workerid", "main"))


def _folder() -> Path:
    from tests.cluster import HOME

    return HOME / "rendered-templates"
