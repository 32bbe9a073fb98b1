"""The text of a filter: what is written reads back as the same, and there is one way to write it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.records.filters.text import (
    JOINS,
    LONGEST_TEXT,
    Condition,
    Junction,
    Misspelled,
    TooDeep,
    Written,
    read_list,
    read_text,
    simplified,
    write_list,
    write_text,
)

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
VALUES = st.text(
    alphabet=st.one_of(st.sampled_from(";)~(,:.|&=+% "), st.characters(exclude_categories=["Cs"])), max_size=12
)
CONDITIONS = st.builds(Condition, NAMES, NAMES, VALUES)


def grown(parts: st.SearchStrategy[Written], depth: int) -> st.SearchStrategy[Written]:
    if depth == 0:
        return parts
    group = st.builds(Junction, st.sampled_from(JOINS), st.lists(parts, min_size=1, max_size=3).map(tuple))
    return grown(st.one_of(parts, group), depth - 1)


WRITTEN = grown(CONDITIONS, 4)


@given(WRITTEN)
@settings(max_examples=300, deadline=None)
def test_what_is_written_reads_back_as_exactly_that(written: Written) -> None:
    assert read_text(write_text(written)) == written


@given(WRITTEN)
@settings(max_examples=300, deadline=None)
def test_there_is_one_simplest_way_to_write_it(written: Written) -> None:
    simple = simplified(written)

    assert simplified(simple) == simple
    assert simplified(read_text(write_text(simple))) == simple


@given(st.text(alphabet="abc.:;()~ynoeatl", max_size=40))
@settings(max_examples=500, deadline=None)
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        found = read_text(text)
    except Misspelled:
        return
    assert read_text(write_text(found)) == found


@given(st.lists(VALUES.map(str.strip).filter(bool), max_size=5))
@settings(max_examples=200, deadline=None)
def test_a_list_of_values_reads_back_as_exactly_that(values: list[str]) -> None:
    assert read_list(write_list(values)) == values


def test_a_simple_filter_is_read_as_it_always_was() -> None:
    assert read_text("city.is:a;b) ~ :c") == Condition("city", "is", "a;b) ~ :c")
    assert read_text("email.empty") == Condition("email", "empty", "")


def test_groups_stand_in_groups() -> None:
    found = read_text("any(city.is:Porto;none(owner.is:me;name.contains:x~;y~)))")

    inner = Junction("none", (Condition("owner", "is", "me"), Condition("name", "contains", "x;y)")))
    assert found == Junction("any", (Condition("city", "is", "Porto"), inner))


@pytest.mark.parametrize(
    "text", ["any(", "any(a.is:b", "any(a.is:b))", "any(a.is:b);", "any(a.is:~b)", "any(a.is:b~", "none(a.is:b)x"]
)
def test_what_is_misspelled_is_refused(text: str) -> None:
    with pytest.raises(Misspelled):
        read_text(text)


def test_groups_are_nested_four_times_at_most_and_texts_are_bounded() -> None:
    assert read_text("any(all(any(all(a.is:b;c.is:d))))")

    with pytest.raises(TooDeep):
        read_text("any(all(any(all(any(a.is:b)))))")
    with pytest.raises(Misspelled):
        read_text("any(" * 100_000)
    with pytest.raises(Misspelled):
        read_text("a.is:" + "b" * LONGEST_TEXT)


@pytest.mark.parametrize(
    ("text", "simple"),
    [
        ("any(a.is:b)", "a.is:b"),
        ("all(a.is:b;all(c.is:d;e.is:f))", "all(a.is:b;c.is:d;e.is:f)"),
        ("any(a.is:b;any(c.is:d))", "any(a.is:b;c.is:d)"),
        ("none(none(a.is:b))", "a.is:b"),
        ("none(any(a.is:b;c.is:d))", "none(a.is:b;c.is:d)"),
        ("none(all(a.is:b;c.is:d))", "none(all(a.is:b;c.is:d))"),
        ("none(none(a.is:b;c.is:d))", "any(a.is:b;c.is:d)"),
    ],
)
def test_groups_that_do_not_matter_are_left_out(text: str, simple: str) -> None:
    assert write_text(simplified(read_text(text))) == simple
