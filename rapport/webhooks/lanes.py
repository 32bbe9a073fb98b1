"""Threads that send: each endpoint has at most one of them, so that whoever answers slowly holds up nobody else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class Lanes:
    """A lane belongs to one endpoint until its work is done."""

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(max_workers=count, thread_name_prefix="webhooks")
        self._count = count
        self._busy: set[int] = set()
        self._guard = threading.Lock()

    def take(self, endpoint_id: int, work: Callable[[int], None]) -> bool:
        """Begin the work, unless all lanes are taken or one is the endpoint's already; says whether it began."""
        with self._guard:
            if endpoint_id in self._busy or len(self._busy) >= self._count:
                return False
            self._busy.add(endpoint_id)
        self._threads.submit(self._run, endpoint_id, work)
        return True

    def _run(self, endpoint_id: int, work: Callable[[int], None]) -> None:
        try:
            work(endpoint_id)
        finally:
            with self._guard:
                self._busy.discard(endpoint_id)
