"""A reading request asks once; everything else asks each time."""

from __future__ import annotations

import pytest

from rapport.core.remembering import forget, forget_before_a_change, memory_of_a_request, remembered


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


def test_a_request_that_writes_remembers_until_its_change_and_beyond_it_only_what_lasts():
    answers = iter(range(10))

    def ask(key, **how):
        return remembered(key, lambda: next(answers), **how)

    with memory_of_a_request(until_it_writes=True):
        before = [ask("a"), ask("a"), ask("mark", lasts=True)]
        forget_before_a_change()
        after = [ask("a"), ask("a"), ask("mark", lasts=True)]
        forget("mark")
        changed = ask("mark", lasts=True)

    assert (before, after, changed) == ([0, 0, 1], [2, 3, 1], 4)
