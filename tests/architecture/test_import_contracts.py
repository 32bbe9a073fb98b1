"""The import contracts hold, and a planted violation of each kind turns them red."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

VIOLATIONS = {
    "upward": ("core/planted.py", "import rapport.customers.queries\n"),
    "sideways into models": ("commerce/planted.py", "from rapport.customers.models import Customer\n"),
    "sideways into the forms of a subject": (
        "commerce/planted.py",
        "from rapport.records.custom_fields.forms import FieldForm\n",
    ),
    "upward inside a subject": ("insight/churn/queries.py", "import rapport.insight.churn.views\n"),
    "lazy": ("ui/planted.py", "def f():\n    import rapport.accounts.queries\n"),
    "engine": ("customers/planted.py", "import duckdb\n"),
    "undeclared room": ("planted/__init__.py", "import rapport.core.clock\n"),
}


def _check(folder: Path) -> subprocess.CompletedProcess[str]:
    program = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": "rapport.config.settings"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "rapport", folder / "rapport", ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / ".importlinter", folder)
    return folder


def test_the_contracts_hold(copy: Path):
    checked = _check(copy)

    assert checked.returncode == 0, checked.stdout[-3000:] + checked.stderr[-1000:]


def test_every_folder_with_pages_is_held_to_them():
    pages = sorted((ROOT / "rapport").glob("*/*/views.py"))
    named = (ROOT / ".importlinter").read_text().split()

    assert len(pages) > 20
    assert [each.parent.name for each in pages if ".".join(each.parent.relative_to(ROOT).parts) not in named] == []


@pytest.mark.parametrize("kind", VIOLATIONS)
def test_a_planted_violation_is_found(copy: Path, kind: str):
    name, text = VIOLATIONS[kind]
    planted = copy / "rapport" / name
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(text)

    try:
        checked = _check(copy)
        assert checked.returncode == 1
        assert "BROKEN" in checked.stdout + checked.stderr or "not listed" in checked.stdout + checked.stderr, (
            checked.stdout
        )
    finally:
        planted.unlink()
        if name.endswith("__init__.py"):
            shutil.rmtree(planted.parent)
