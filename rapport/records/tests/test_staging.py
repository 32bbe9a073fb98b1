"""The processes that parse: one that falls is told, and none is left behind."""

from __future__ import annotations

import os
import signal

import psutil
import pytest

from rapport.records.imports.rows import Block
from rapport.records.imports.staging import PROCESSES, StagingFailed, _started_workers
from rapport.records.imports.staging_worker import Spec, SpecColumn
from rapport.records.imports.values import Reading

pytestmark = pytest.mark.django_db


def spec() -> Spec:
    columns = (SpecColumn("number", 0, "Number", "code", True, (), 200),)
    return Spec(1, columns, ("Number",), ",", (), ("number",), ("number",), 1, "", Reading(), {})


def test_every_process_answers_a_block_and_has_ended_when_they_are_left() -> None:
    before = set(psutil.Process().children(recursive=True))

    with _started_workers(spec()) as workers:
        answers = [worker.stage(Block(1, "\n\n", 2), mended=False) for worker in workers]
        begun = set(psutil.Process().children(recursive=True)) - before

    assert [answer.blank for answer in answers] == [2] * PROCESSES
    assert len(begun) == PROCESSES + 1
    assert not any(process.is_running() for process in begun)


def test_a_process_that_falls_is_told() -> None:
    before = set(psutil.Process().children(recursive=True))

    with _started_workers(spec()) as workers:
        workers[0].stage(Block(1, "\n", 1), mended=False)
        for process in set(psutil.Process().children(recursive=True)) - before:
            os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(StagingFailed):
            workers[0].stage(Block(1, "\n", 1), mended=False)
