"""Rooms and the small files they contribute: how one room learns of another without naming it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from django.apps import apps

T = TypeVar("T")


@cache
def contributed(file: str) -> tuple[ModuleType, ...]:
    """Every room's module named `file` (panels, fields, importers …), in the order of INSTALLED_APPS."""
    modules = []
    for config in apps.get_app_configs():
        if getattr(config, "is_room", False) and find_spec(f"{config.name}.{file}") is not None:
            modules.append(importlib.import_module(f"{config.name}.{file}"))
    return tuple(modules)


def contributions(file: str, attribute: str, kind: type[T]) -> Iterator[T]:
    """The items that rooms list under `attribute` of their file `file`; anything of another type is a programming error."""
    for module in contributed(file):
        for item in getattr(module, attribute, ()):
            if not isinstance(item, kind):
                raise TypeError(f"{module.__name__}.{attribute} lists {item!r}, which is not a {kind.__name__}")
            yield item


def template_folders(configurations: list[str]) -> list[Path]:
    """The templates/ folder of each room, found without importing the room."""
    folders = []
    for configuration in configurations:
        spec = find_spec(configuration.rsplit(".apps.", 1)[0])
        if spec is not None and spec.origin is not None:
            folders.append(Path(spec.origin).parent / "templates")
    return folders
