"""The worker: runs the jobs of the queue, and keeps a place free for the care of the queue itself."""

from __future__ import annotations

import asyncio
import signal

from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from rapport.core.jobs import CARE_QUEUE, SENDING_QUEUE, SIGN_OF_LIFE_EVERY_SECONDS, STALLED_AFTER_SECONDS

_LET_JOBS_END_WITHIN = 10.0


def work(*, concurrency: int) -> int:
    """Run jobs until a signal asks to stop; returns 1 when the worker had to give up, so that it is started again."""
    connector = app.connector
    if isinstance(connector, DjangoConnector):
        connector = connector.get_worker_connector()
    with app.replace_connector(connector) as ready:
        return asyncio.run(_work(ready, concurrency=concurrency))


async def _work(ready: App, *, concurrency: int) -> int:
    async with ready.open_async():
        # long jobs may fill every place of the first worker; the others then still put back what stalled and send what waits
        workers = [
            asyncio.create_task(_run(ready, name="worker", concurrency=concurrency)),
            asyncio.create_task(_run(ready, name="care", concurrency=1, queues=[CARE_QUEUE])),
            asyncio.create_task(_run(ready, name="sending", concurrency=1, queues=[SENDING_QUEUE])),
        ]
        asked_to_stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
        stop = asyncio.create_task(asked_to_stop.wait())
        await asyncio.wait([*workers, stop], return_when=asyncio.FIRST_COMPLETED)
        for task in (*workers, stop):
            task.cancel()
        await asyncio.gather(*workers, stop, return_exceptions=True)
        return 0 if asked_to_stop.is_set() else 1


async def _run(ready: App, *, name: str, concurrency: int, queues: list[str] | None = None) -> None:
    await ready.run_worker_async(
        name=name,
        queues=queues,  # type: ignore[arg-type]
        concurrency=concurrency,
        delete_jobs="successful",
        install_signal_handlers=False,
        shutdown_graceful_timeout=_LET_JOBS_END_WITHIN,
        update_heartbeat_interval=SIGN_OF_LIFE_EVERY_SECONDS,
        stalled_worker_timeout=STALLED_AFTER_SECONDS,
    )
