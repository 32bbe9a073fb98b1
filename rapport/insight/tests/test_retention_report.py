"""`rapport report retention`: the published cohorts, contracts in fields of customers, and what is refused."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from rapport.insight.contracts.computing import observed, renewals_of
from rapport.insight.tests.test_churn_report import make_fields
from rapport.insight.tests.test_commands import rapport
from tests.import_files import import_text

AS_OF = date(2026, 6, 15)


def report(capsys: Any, *arguments: str) -> Any:
    capsys.readouterr()
    assert rapport("report", "retention", "--as-of", AS_OF.isoformat(), *arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_contracts_are_counted_by_the_renewals_they_met() -> None:
    began: list[date | None] = [date(2026, 1, 10)] * 4 + [date(2026, 6, 1), date(2026, 7, 1), None]
    ended = [date(2026, 1, 20), date(2026, 3, 10), date(2026, 12, 1), None, None, None, None]

    renewals, unmet = renewals_of(began, ended, as_of=AS_OF, months=1)

    assert renewals.left.tolist() == [1, 1, 0, 0, 0]
    assert renewals.stayed.tolist() == [0, 0, 0, 0, 2]  # an end in December is not known in June
    assert unmet == 1
    met, kept = observed(renewals)
    assert met.tolist() == [4, 3, 2, 2, 2]
    assert kept.tolist() == pytest.approx([3 / 4, 2 / 3, 1, 1, 1])


def test_who_left_before_a_renewal_is_not_counted_before_those_who_stay_can_be() -> None:
    """Half of those who begin leave in the first year, the others stay: looked at from any day, half renew."""
    began: list[date | None] = [date(2024, 1, 1) + timedelta(days=day) for day in range(600) for _ in range(2)]
    ended = [start + timedelta(days=100) if number % 2 and start else None for number, start in enumerate(began)]

    for as_of in (date(2025, 3, 1), date(2025, 8, 20), date(2026, 6, 15)):
        renewals, unmet = renewals_of(began, ended, as_of=as_of, months=12)
        met, kept = observed(renewals)

        assert kept[0] == pytest.approx(0.5)
        assert met[0] + unmet == sum(start is not None and start <= as_of for start in began)


@pytest.mark.parametrize(
    ("start", "renewed", "months"),
    [(date(2026, 1, 31), date(2026, 2, 28), 1), (date(2024, 2, 29), date(2025, 2, 28), 12),
     (date(2025, 11, 30), date(2026, 2, 28), 3), (date(2026, 1, 15), date(2026, 2, 15), 1)],
)  # fmt: skip
def test_a_month_without_such_a_day_renews_on_its_last(start: date, renewed: date, months: int) -> None:
    def counted(end: date | None, as_of: date) -> tuple[list[float], list[float], int]:
        found, unmet = renewals_of([start], [end], as_of=as_of, months=months)
        return found.left.tolist(), found.stayed.tolist(), unmet

    before = renewed - timedelta(days=1)
    assert counted(None, renewed) == ([0], [1], 0)
    assert counted(renewed, renewed) == ([1], [0], 0)
    assert counted(before, renewed) == ([1], [0], 0)
    assert counted(before, before) == counted(None, before)
    assert counted(None, before)[2] == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("transactional_db")
def test_survivors_yield_the_published_model_and_its_hold_out(home: Path, business: Any, capsys: Any) -> None:
    said = report(capsys, "--survivors", "1000,869,743,653,593,551,517,491")

    assert {name: round(value, 3) for name, value in said["parameters"].items()} == {"a": 0.668, "b": 3.806}
    assert said["log_likelihood"] == pytest.approx(-1611.16, abs=0.01)
    assert (said["contracts"], said["ended"]) == (1000, 509)
    assert [each["met"] for each in said["renewals"][:3]] == [1000, 869, 743]
    assert len(said["renewals"]) == 7 + 12
    assert said["check"]["retention_off"] < said["check"]["alike_off"]
    assert (said["check"]["known_renewals"], said["check"]["foretold_renewals"]) == (5, 2)
    rapport("report", "retention", "--survivors", "1000,869,743,653,593,551,517,491")
    assert "sBG of 1,000 contracts, of which 509 ended: a 0.6681, b 3.806" in capsys.readouterr().out

    assert "no contracts of its own" in report(capsys)["refused"]
    assert "never grows" in report(capsys, "--survivors", "10,20")["refused"]
    assert "no field called" in report(capsys, "--began", "Began", "--ended", "Ended")["refused"]
    with pytest.raises(SystemExit):
        rapport("report", "retention", "--survivors", "many")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("transactional_db")
def test_fields_of_customers_say_who_renewed(home: Path, business: Any, capsys: Any) -> None:
    make_fields(Began="date", Ended="date")
    ends = ["2026-02-01"] * 30 + ["2026-03-01"] * 20 + ["2026-04-01"] * 10 + [""] * 60
    lines = [f"{number},2026-01-01,{end}" for number, end in enumerate(ends)]
    import_text("Customer ID,Began,Ended\n" + "\n".join(lines) + "\n", preset="people")

    said = report(capsys, "--began", "Began", "--ended", "Ended")

    assert (said["contracts"], said["ended"], said["met_no_renewal"]) == (120, 60, 0)
    assert (said["began_field"], said["ended_field"]) == ("Began", "Ended")
    assert [round(each["retention"], 4) for each in said["renewals"][:5]] == [
        0.75,
        round(7 / 9, 4),
        round(6 / 7, 4),
        1,
        1,
    ]
    refused = report(capsys, "--began", "Began", "--ended", "Ended", "--every", "quarter")["refused"]
    assert "Nobody has met a second renewal" in refused
