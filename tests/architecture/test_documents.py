"""What the README and the pages of docs name is there: links, files, commands with their options, targets of make, modules."""

from __future__ import annotations

import argparse
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from rapport.config.commands import COMMANDS
from rapport.core.command_line import Command
from rapport.core.rooms import contributions

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_ROOMS = [ROOT, ROOT / "rapport", *(path for path in (ROOT / "rapport").iterdir() if path.is_dir())]
_FENCED = re.compile(r"^```\w*\n(.*?)^```", re.M | re.S)
_INDENTED = re.compile(r"^    .+$", re.M)
_INLINE = re.compile(r"`([^`\n]+)`")
_COMMAND = re.compile(r"(?:^|(?<!db\.example\.com)/|\s)rapport ([a-z]+)\b([^#`|]*)")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_FILE = re.compile(r"(?:[\w-]+/)*[\w-]+\.(?:py|md|toml|js|css)")
_ELSEWHERE = {"summary.html"}  # within files that are made


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    missing = [
        *(f"link {target}" for target in _links(text) if not (page.parent / target).exists()),
        *(f"file {name}" for name in _files(text) if not _is_file(page, name)),
        *_wrong_commands(text),
        *(f"make {name}" for name in _targets(text) if name not in _made()),
        *(f"module {name}" for name in re.findall(r"python -m ([\w.]+)", text) if find_spec(name) is None),
        *(f"bench {name}" for name in re.findall(r"python -m bench (\w+)", text) if find_spec(f"bench.{name}") is None),
    ]  # fmt: skip
    assert not missing


def _links(text: str) -> list[str]:
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    return [each.partition("#")[0] for each in targets if "://" not in each and not each.startswith("#")]


def _files(text: str) -> list[str]:
    return [name for name in _INLINE.findall(text) if _FILE.fullmatch(name) and name not in _ELSEWHERE]


def _is_file(page: Path, name: str) -> bool:
    """From the root, from a room, from `rapport/<room>/static`, or by its name alone."""
    if any((folder / name).exists() for folder in [page.parent, *_ROOMS, ROOT / "tests" / "security"]):
        return True
    return any(ROOT.glob(f"rapport/*/static/{name}" if "/" in name else f"rapport/**/{name}"))


def _code(text: str) -> list[str]:
    fenced = [line for block in _FENCED.findall(text) for line in block.replace("\\\n", " ").splitlines()]
    indented = _INDENTED.findall(text.replace("\\\n", " "))
    return [*fenced, *indented, *_INLINE.findall(_FENCED.sub("", text))]


def _wrong_commands(text: str) -> list[str]:
    wrong: list[str] = []
    for line in _code(text):
        if line.strip().startswith(("create ", "make ")):  # no command, though our name stands in it
            continue
        for name, rest in _COMMAND.findall(line):
            known = _options().get(name)
            if known is None:
                wrong.append(f"rapport {name}")
            else:
                wrong.extend(f"rapport {name} {each}" for each in _OPTION.findall(rest) if each not in known)
    return wrong


def _targets(text: str) -> list[str]:
    return [name for line in _code(text) for name in re.findall(r"(?:^|\s)make ([a-z]+)", line)]


@cache
def _made() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))


@cache
def _options() -> dict[str, set[str]]:
    """Each command with the options it takes."""
    found: dict[str, set[str]] = {}
    for command in [*COMMANDS, *contributions("commands", "COMMANDS", Command)]:
        parser = argparse.ArgumentParser(command.name)
        command.configure(parser)
        found[command.name] = _of(parser)
    return found


def _of(parser: argparse.ArgumentParser) -> set[str]:
    strings = set(parser._option_string_actions)
    inner = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return strings.union(*(_of(each) for choices in inner for each in choices.values()))
