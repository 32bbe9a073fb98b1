"""What the tables of security say is there: every file they name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_FILE = re.compile(r"`((?:rapport|tests|bench|work)/[\w./-]+)`|(?<![\w/])(docs/[\w./-]+\.md)")


@pytest.mark.parametrize("page", ["asvs", "security"])
def test_every_file_that_the_table_names_is_there(page):
    text = (ROOT / "docs" / f"{page}.md").read_text()
    named = {one or other for one, other in _FILE.findall(text)}

    assert len(named) > 10
    assert sorted(each for each in named if not any((top / each).exists() for top in (ROOT, ROOT / "rapport"))) == []
