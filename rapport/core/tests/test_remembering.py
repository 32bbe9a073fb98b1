"""A reading request asks once; everything else asks each time."""

from __future__ import annotations

import pytest

from rapport.core.remembering import memory_of_a_request, remembered


def test_within_a_request_the_first_answer_is_kept_by_key():
    answers = iter(range(10))

    with memory_of_a_request():
        found = [remembered(key, lambda: next(answers)) for key in ("a", "a", "b", "a")]

    assert found == [0, 0, 1, 0]


def test_nothing_is_kept_from_one_request_to_the_next_nor_outside():
    answers = iter(range(10))

    with memory_of_a_request():
        first = remembered("a", lambda: next(answers))
    with memory_of_a_request():
        second = remembered("a", lambda: next(answers))

    assert [first, second, remembered("a", lambda: next(answers)), remembered("a", lambda: next(answers))] == [
        0,
        1,
        2,
        3,
    ]


def test_what_fails_is_asked_again():
    def fail():
        raise LookupError

    with memory_of_a_request():
        with pytest.raises(LookupError):
            remembered("a", fail)

        assert remembered("a", lambda: 1) == 1
