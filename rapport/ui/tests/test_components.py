"""Components: what they say to a screen reader, and that what they are given is text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django import forms
from django.template import engines

EVIL = '"><script>alert(1)</script>'


@pytest.fixture
def ui() -> Any:
    return engines["jinja2"].env.globals["ui"]


class OneField(forms.Form):
    email = forms.EmailField(label="E-mail", help_text="We write only when asked to.")


def test_a_wrong_field_is_tied_to_its_help_and_its_error(ui: Any) -> None:
    form = OneField({"email": "nonsense"})

    field, summary = ui.field(form["email"]), ui.error_summary(form)

    assert 'aria-describedby="id_email_helptext id_email_error"' in field
    assert 'aria-invalid="true"' in field
    assert 'id="id_email_error">Enter a valid email address.' in field
    assert "1 thing to correct" in summary
    assert 'href="#id_email"' in summary


def test_a_form_without_mistakes_has_no_summary(ui: Any) -> None:
    assert ui.error_summary(OneField()).strip() == ""


def test_a_table_names_its_columns_and_says_how_it_is_sorted(ui: Any) -> None:
    columns = [{"label": "Name", "sort": "?sort=name", "direction": "descending"}, {"label": "Value", "numeric": True}]

    table = ui.table("People", columns, caller=lambda: "")

    assert '<caption class="visually-hidden">People</caption>' in table
    assert '<th scope="col" aria-sort="descending"><a href="?sort=name">Name' in table
    assert '<th scope="col" class="number">Value</th>' in table


@pytest.mark.parametrize(
    "render",
    [
        lambda ui: ui.button(EVIL, key=EVIL, name=EVIL, value=EVIL, attrs={"data-x": EVIL}),
        lambda ui: ui.link_button(EVIL, EVIL),
        lambda ui: ui.chip(EVIL, title=EVIL, href=EVIL),
        lambda ui: ui.tile(EVIL, EVIL, EVIL),
        lambda ui: ui.fact(EVIL, EVIL, source=EVIL, title=EVIL),
        lambda ui: ui.person(EVIL, EVIL),
        lambda ui: ui.tabs(EVIL, [(EVIL, EVIL, True, EVIL)]),
        lambda ui: ui.filter_pill(EVIL, EVIL, EVIL, EVIL),
        lambda ui: ui.input("x", EVIL, value=EVIL, error=EVIL, help=EVIL),
        lambda ui: ui.select("x", EVIL, [(EVIL, EVIL)]),
        lambda ui: ui.entry("phone", EVIL, meta=EVIL, detail=EVIL, href=EVIL),
        lambda ui: ui.toast(EVIL, undo_url=EVIL),
        lambda ui: ui.copy(EVIL),
        lambda ui: ui.bar_chart([(EVIL, 1, EVIL)], EVIL, note=EVIL),
        lambda ui: ui.matrix([(EVIL, [{"value": 1, "shown": EVIL, "title": EVIL, "href": EVIL}])], [EVIL], EVIL, EVIL, EVIL),
    ],
)  # fmt: skip
def test_whatever_a_component_is_given_is_text(ui: Any, render: Any) -> None:
    assert "<script" not in render(ui)


def test_a_time_shows_little_and_knows_exactly(ui: Any) -> None:
    shown = ui.time(datetime(2011, 12, 9, 12, 50, tzinfo=UTC))

    assert 'datetime="2011-12-09T12:50:00+00:00"' in shown
    assert 'title="9 Dec 2011, 12:50:00 UTC"' in shown
    assert ">9 Dec 2011</time>" in shown


def test_a_chart_has_a_name_and_a_table_with_the_same_figures(ui: Any) -> None:
    chart = ui.bar_chart([("Jan", 30, "€30 k"), ("Feb", 40, "€40 k", "open")], "Monthly revenue")
    assert "<span>Feb</span>" in ui.bar_chart([("Jan", 3, "3"), ("Feb", 4, "4"), ("Mar", 5, "5")], "Few")
    assert "<span>2</span>" not in ui.bar_chart([(str(month), 1, "1") for month in range(1, 13)], "Many")

    assert 'aria-label="Monthly revenue"' in chart
    assert "<title>Feb: €40 k</title>" in chart
    assert '<th scope="row">Feb</th><td class="number">€40 k</td>' in chart


@pytest.mark.parametrize("draw", ["bar_chart", "line_chart"])
def test_a_chart_of_nothing_is_drawn(ui: Any, draw: str) -> None:
    for points in ([], [("Jan", 0, "€0")], [("Jan", -5, "−€5")]):
        assert "<svg" in getattr(ui, draw)(points, "Empty")


def test_the_darkest_cell_is_the_largest(ui: Any) -> None:
    rows = [("Often", [{"value": 0, "shown": "0"}, {"value": 5, "shown": "5"}, {"value": 10, "shown": "10"}])]

    drawn = ui.matrix(rows, ["Long ago", "Lately", "Now"], "Customers", "Frequency", "Recency")

    levels = [drawn.index(f"heat-{level}") for level in (0, 7, 10)]  # the root of one half is 0.7
    assert levels == sorted(levels)
    assert '<th scope="row"><span class="visually-hidden">Often</span></th>' in drawn
