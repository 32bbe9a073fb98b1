"""A day's stories in a real browser by keyboard alone: keystrokes and seconds of each (tests/browser/test_keystrokes.py)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

STORIES = "tests/browser/test_keystrokes.py"


def run() -> None:
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as folder:
        log = Path(folder) / "stories.jsonl"
        command = [sys.executable, "-m", "pytest", "-q", "--no-header", STORIES]
        done = subprocess.run(command, env=os.environ | {"RAPPORT_STORIES": str(log)}, capture_output=True, text=True)
        if done.returncode or not log.exists():
            raise RuntimeError(done.stdout[-2000:])
        for line in log.read_text().splitlines():
            told = json.loads(line)
            print(f"   {told['story']}: {told['keystrokes']} keystrokes, {told['seconds']:.1f} s")
