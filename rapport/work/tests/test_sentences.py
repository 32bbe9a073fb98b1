"""One line about a contact, in English: what was done, what is to do, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.work.sentences import LONGEST, read_sentence

LONDON, SEOUL = ZoneInfo("Europe/London"), ZoneInfo("Asia/Seoul")
MONDAY_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def read(text, *, now=MONDAY_NOON, zone=LONDON):
    found = read_sentence(text, now=now, zone=zone)
    return (
        found.kind,
        found.task,
        found.due_on and found.due_on.isoformat(),
        found.due_time and f"{found.due_time:%H:%M}",
    )


@pytest.mark.parametrize(
    ("text", "kind", "task", "due_on", "due_time"),
    [
        ("called, wants a quote, Tue 3pm", "call", "wants a quote", "2026-03-03", "15:00"),
        ("Called Ana Souza, send the contract by Friday", "call", "send the contract", "2026-03-06", None),
        ("spoke to Bea; visit tomorrow morning", "call", "visit", "2026-03-03", "09:00"),
        ("met them, call back in 2 hours", "visit", "call back", "2026-03-02", "14:00"),
        ("had a meeting with Ana, demo next week", "visit", "demo", "2026-03-09", None),
        ("call back tomorrow at 9:30", "", "call back", "2026-03-03", "09:30"),
        ("called, Tue, 3pm", "call", "", "2026-03-03", "15:00"),
        ("called, order, 3pm Wed", "call", "order", "2026-03-04", "15:00"),
        ("called, Mon", "call", "", "2026-03-09", None),
        ("called, demo next Tuesday 3 pm", "call", "demo", "2026-03-10", "15:00"),
        ("send offer 10 March", "", "send offer", "2026-03-10", None),
        ("send offer on March 1st", "", "send offer", "2027-03-01", None),
        ("send offer 2026-04-30", "", "send offer", "2026-04-30", None),
        ("called, pay next month", "call", "pay", "2026-04-01", None),
        ("called, quote by 11am", "call", "quote", "2026-03-03", "11:00"),
        ("called, quote by 1pm", "call", "quote", "2026-03-02", "13:00"),
        ("called, call again in a week", "call", "call again", "2026-03-09", None),
        ("note: prefers mail", "note", "", None, None),
        ("e-mailed the price list", "note", "", None, None),
    ],
)
def test_a_line_says_what_was_done_and_what_is_to_do_when(text, kind, task, due_on, due_time):
    assert read(text) == (kind, task, due_on, due_time)


@pytest.mark.parametrize("text", [
    "called on Tuesday", "met them Friday 3pm, all fine", "called at 15:00", "sent it 1999-01-01", "2026-13-45",
    "30 February", "25:99", "she wants 3 more", "recalled, ok", "", ",,,", "called",
])  # fmt: skip
def test_no_task_is_made_of_what_is_over_or_is_no_day(text):
    assert read(text)[2] is None


def test_whom_the_contact_was_with_is_read():
    assert (
        read_sentence("Called Padaria Souza, wants a quote, Tue", now=MONDAY_NOON, zone=LONDON).whom == "Padaria Souza"
    )


def test_days_are_those_of_who_writes():
    late = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)  # already Tuesday in Seoul

    assert read("x tomorrow", now=late, zone=LONDON)[2] == "2026-03-03"
    assert read("x tomorrow", now=late, zone=SEOUL)[2] == "2026-03-04"


def test_hours_ahead_are_counted_across_a_change_of_the_clocks():
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # half an hour before British clocks go forward

    found = read_sentence("x in 2 hours", now=before, zone=LONDON)

    assert (found.due_on, found.due_time) == (date(2026, 3, 29), time(3, 30))


@given(st.text(max_size=200))
def test_any_line_is_read(text):
    found = read_sentence(text, now=MONDAY_NOON, zone=LONDON)

    assert found.text == text.strip()
    assert found.due_on is None or found.due_on >= MONDAY_NOON.date()


def test_very_long_lines_are_read_at_once():
    for text in ("called " * 20_000, "in 3 " * 20_000, " " * 100_000, ", Tue" * 20_000):
        assert len(read_sentence(text, now=MONDAY_NOON, zone=LONDON).text) <= LONGEST
