"""How many processors we may use, which is fewer than the machine has where we are held to some of them."""

from __future__ import annotations

import os


def processors() -> int:
    """Those this process may run on (`taskset`, a container's set); of systems that do not tell, all of the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
