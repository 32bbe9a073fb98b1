"""Threads that send: each endpoint has at most one of them, so that whoever answers slowly holds up nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async


class Lanes:
    """A lane belongs to one endpoint until its work is done. Only the loop of the worker takes lanes, so it needs no lock.

    The work runs as jobs do, in a thread that knows this loop: from any other thread the queue cannot be written to,
    since its connections belong to the loop.
    """

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(max_workers=count, thread_name_prefix="webhooks")
        self._count = count
        self._busy: dict[int, asyncio.Task[None]] = {}

    def take(self, endpoint_id: int, work: Callable[[int], None]) -> bool:
        """Begin the work, unless all lanes are taken or one is the endpoint's already; says whether it began."""
        if endpoint_id in self._busy or len(self._busy) >= self._count:
            return False
        run = sync_to_async(work, thread_sensitive=False, executor=self._threads)
        lane = asyncio.get_running_loop().create_task(run(endpoint_id))
        self._busy[endpoint_id] = lane
        lane.add_done_callback(lambda _done: self._busy.pop(endpoint_id, None))
        return True
