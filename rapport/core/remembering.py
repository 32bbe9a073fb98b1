"""What a request has asked once it need not ask again: a memory that lasts as long as the request, or until it writes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

T = TypeVar("T")


@dataclass
class _Memory:
    """What was found so far. In a request that writes, it keeps after the first change only what lasts."""

    ends_with_a_change: bool
    has_changed: bool = False
    found: dict[Hashable, Any] = field(default_factory=dict)
    lasting: dict[Hashable, Any] = field(default_factory=dict)


_memory: ContextVar[_Memory | None] = ContextVar("memory of the request", default=None)


@contextmanager
def memory_of_a_request(*, until_it_writes: bool = False) -> Iterator[None]:
    """Only around what changes nothing, or begins with its change, so that nothing remembered is out of date by it.

    With `until_it_writes` also around what reads before it changes something inside `acting`.
    """
    token = _memory.set(_Memory(until_it_writes))
    try:
        yield
    finally:
        _memory.reset(token)


def remembered(key: Hashable, find: Callable[[], T], *, lasts: bool = False) -> T:
    """What `find` returned for this key in this request; outside of one, and once it writes, it is asked each time.

    What `lasts` is remembered beyond a change: whoever changes it has to `forget` it.
    """
    memory = _memory.get()
    if memory is None or (memory.has_changed and not lasts):
        return find()
    kept = memory.lasting if lasts else memory.found
    if key not in kept:
        kept[key] = find()
    return cast(T, kept[key])


def remember(key: Hashable, value: object, *, lasts: bool = False) -> None:
    """It was found out on the way, and need not be asked."""
    memory = _memory.get()
    if memory is not None and (lasts or not memory.has_changed):
        (memory.lasting if lasts else memory.found)[key] = value


def forget(key: Hashable) -> None:
    """It has been changed: it is asked again."""
    memory = _memory.get()
    if memory is not None:
        memory.found.pop(key, None)
        memory.lasting.pop(key, None)


def forget_before_a_change() -> None:
    """Something is about to be changed: from now on, nothing but what lasts is remembered."""
    memory = _memory.get()
    if memory is not None and memory.ends_with_a_change and not memory.has_changed:
        memory.has_changed = True
        memory.found.clear()
