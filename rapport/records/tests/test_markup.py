"""Words of texts that other systems keep as HTML."""

from __future__ import annotations

import time

import pytest

from rapport.records.imports.markup import plain_text

LONGEST = 20_000  # letters that a note of a file may have


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, ""),
        ("", ""),
        ("2 < 3 and 4 > 3", "2 < 3 and 4 > 3"),
        ("Wrote <ada@example.com>\nagain", "Wrote <ada@example.com>\nagain"),
        ("<p>Called&nbsp;back,<br/>he is <b>glad</b></p>", "Called back, he is glad"),
        ("<p>one</p> <p two", "one <p two"),
        ("<p two", "<p two"),
        ('<a href="/x"\n title="1 < 2">Offer</a> &amp; more', "Offer & more"),
    ],
)
def test_words_are_left_of_markup(text: str | None, words: str) -> None:
    assert plain_text(text) == words


@pytest.mark.parametrize("open_tag", ["<p ", "<p", "</font ", "<a href="])
def test_tags_that_nothing_closes_cost_no_more_than_their_letters(open_tag: str) -> None:
    text = open_tag * (50 * LONGEST // len(open_tag))

    began = time.process_time()
    assert plain_text(text) == text
    assert plain_text(f"<p>{text}") == " ".join(text.split())

    assert time.process_time() - began < 5
