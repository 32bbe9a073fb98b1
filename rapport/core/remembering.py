"""What a reading request has asked once it need not ask again: a memory that lasts as long as the request."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

T = TypeVar("T")
_memory: ContextVar[dict[Hashable, Any] | None] = ContextVar("memory of the request", default=None)


@contextmanager
def memory_of_a_request() -> Iterator[None]:
    """Only around what changes nothing, or begins with its change, so that nothing remembered is out of date by it."""
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


def remembered(key: Hashable, find: Callable[[], T]) -> T:
    """What `find` returned for this key in this request; outside of one, and in those that write, it is asked each time."""
    memory = _memory.get()
    if memory is None:
        return find()
    if key not in memory:
        memory[key] = find()
    return cast(T, memory[key])
