"""What few need is loaded when it is needed: every process and every command pays for what it loads at its start."""

from __future__ import annotations

import subprocess
import sys

_LARGE = ("sklearn", "pandas", "scipy.stats", "reportlab", "pyspark")
_START = f"""
import sys, django
django.setup()
import rapport.config.urls
print([name for name in {_LARGE} if name in sys.modules])
"""


def test_a_process_that_serves_pages_loads_nothing_that_only_learning_and_printing_need() -> None:
    started = subprocess.run([sys.executable, "-c", _START], capture_output=True, text=True, check=False)

    assert started.returncode == 0, started.stderr
    assert started.stdout.strip() == "[]"
