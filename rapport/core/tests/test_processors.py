from __future__ import annotations

import os
import subprocess
import sys

import pytest

from rapport.core.processors import processors


def test_somebody_held_to_one_processor_counts_one() -> None:
    if not hasattr(os, "sched_getaffinity"):
        pytest.skip("this system does not hold processes to processors")
    held = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
    ask = "from rapport.core.processors import processors; print(processors())"

    counted = subprocess.run([sys.executable, "-c", held + ask], capture_output=True, text=True, check=True)

    assert counted.stdout == "1\n"
    assert 1 <= processors() <= (os.cpu_count() or 1)
