"""The keys: whatever a page offers is documented, and the documentation says what there is."""

from __future__ import annotations

import re
from pathlib import Path

from rapport.ui.keys import as_markdown, letters
from tests.rendered_templates import PACKAGE

DOCUMENT = Path(__file__).parents[2] / "docs" / "keyboard.md"
NAMED = re.compile(r"""(?:\bkey=|data-key=|data-row-key=|data-row-act=)"([A-Za-z])"|row_acts\(\[(.*?)\]\)""", re.DOTALL)
OF_ROWS = re.compile(r"""\("([a-z])",""")


def keys_in_templates() -> set[str]:
    found: set[str] = set()
    for file in PACKAGE.glob("*/templates/**/*.html"):
        if file.name != "gallery.html":
            for one, rows in NAMED.findall(file.read_text()):
                found |= {one.lower()} if one else set(OF_ROWS.findall(rows))
    return found


def test_every_key_of_a_page_is_told_of_in_some_rooms_keys() -> None:
    assert {"e", "l", "a"} <= keys_in_templates()
    assert keys_in_templates() - letters() == set()


def test_the_documentation_has_exactly_the_keys_that_there_are() -> None:
    told = DOCUMENT.read_text()

    missing = [line for line in as_markdown().splitlines() if line not in told]
    tables = told.partition("## All keys")[2].partition("## For developers")[0]
    gone = [line for line in tables.splitlines() if line not in as_markdown().splitlines()]

    assert (missing, gone) == ([], []), f"docs/keyboard.md, under “All keys”:\n{as_markdown()}"
