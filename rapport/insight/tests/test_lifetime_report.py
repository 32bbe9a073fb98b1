"""`rapport report clv`: the published figures from a file that came in, and a shop whose orders end today."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from rapport.insight.lifetime import words as lifetime_words
from rapport.insight.scores.histories import UnableToFit
from rapport.insight.tests import cdnow
from rapport.insight.tests.returning_shop import CLOSED, open_returning_shop
from rapport.insight.tests.shop import make_customer, make_orders
from rapport.insight.tests.test_commands import rapport
from rapport.records.commands import COMMANDS as RECORDS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]


def report(capsys: Any, *arguments: str) -> Any:
    capsys.readouterr()
    assert rapport("report", "clv", *arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.real_data
def test_the_file_of_cdnow_yields_the_published_models_and_their_hold_out(
    home: Path, capsys: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    if not cdnow.SAMPLE.exists():
        pytest.skip(f"THE PUBLISHED NUMBERS WERE NOT CHECKED: {cdnow.SAMPLE} is missing")
    monkeypatch.chdir(tmp_path)
    parser = ArgumentParser()
    RECORDS[0].configure(parser)
    words = [
        "--preset",
        "purchases",
        "--currency",
        "USD",
        "--time-zone",
        "America/New_York",
        "--source",
        "cdnow",
        "--json",
    ]
    assert RECORDS[0].run(parser.parse_args([str(cdnow.SAMPLE), *words])) == 0

    said = report(capsys, "--as-of", "1997-09-30")

    assert (said["customers"], said["repeaters"], said["unique_rows"], said["time_unit"]) == (2357, 946, 1016, "weeks")
    assert said["acquired"] == {"first_on": "1997-01-01", "newest_on": "1997-03-25"}
    assert (said["holdout"]["weeks"], said["holdout"]["until"], said["holdout"]["actual_purchases"]) == (
        39,
        "1998-06-30",
        1882,
    )
    models = {each["model"]: each for each in said["models"]}
    assert {name: [round(value, 3) for value in each["parameters"].values()] for name, each in models.items()} == {
        "BG/NBD": [0.243, 4.414, 0.793, 2.426],
        "MBG/NBD": [0.525, 6.183, 0.891, 1.614],
        "Pareto/NBD": [0.553, 10.578, 0.606, 11.669],
    }
    assert [round(each["log_likelihood"], 2) for each in said["models"]] == [-9582.43, -9582.14, -9594.98]
    bg = models["BG/NBD"]["holdout"]
    assert (round(bg["expected_purchases"], 1), round(bg["mae"], 4), round(bg["error"], 2)) == (1653.4, 0.7855, -0.12)
    assert (round(said["baseline"]["mae"], 4), round(said["baseline"]["correlation"], 3)) == (1.0237, 0.584)
    assert (said["model"], said["parameters"]) == ("Pareto/NBD", models["Pareto/NBD"]["parameters"])
    assert said["reason"].startswith("Pareto/NBD was nearest to what customers did")
    spending = said["spending"]
    assert [round(value, 2) for value in spending["parameters"].values()] == [6.25, 3.74, 15.44]
    assert (round(spending["log_likelihood"], 2), spending["customers"], round(spending["correlation"], 2)) == (
        -4055.92,
        946,
        0.11,
    )
    assert [line["customers"] for line in said["by_frequency"]] == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert said["by_frequency"][1]["actual"] == pytest.approx(0.697, abs=5e-4)
    assert said["warnings"] == []
    assert (said["cohorts"]["taken"], said["cohorts"]["verdict"]) == ("pooled", "one_year")
    assert (said["currency"], said["time_zone"]) == ("USD", "America/New_York")


def test_orders_that_end_today_are_checked_against_their_own_last_weeks(home: Path, business: Any, capsys: Any) -> None:
    open_returning_shop()
    today = (CLOSED - timedelta(days=1)).isoformat()

    said = report(capsys, "--as-of", today)

    assert (said["customers"], said["holdout"]["weeks"], said["holdout"]["known_until"]) == (240, 17, "2024-09-03")
    assert {each["model"] for each in said["models"]} == {"BG/NBD", "MBG/NBD", "Pareto/NBD"}
    for each in said["models"]:
        assert each["holdout"]["parameters"] != each["parameters"]
        assert each["holdout"]["rmse"] < said["baseline"]["rmse"]
        assert abs(each["holdout"]["error"]) < 0.35
    assert said["chance_alive_by"]["model"] != "BG/NBD"
    assert 0 < said["forecast"]["alive"] < 240
    assert said["forecast"]["value"] == pytest.approx(
        said["forecast"]["purchases"] * said["spending"]["mean"], rel=0.25
    )
    assert said["holdout"]["expected_value"] == pytest.approx(said["holdout"]["actual_value"], rel=0.35)
    assert sum(line["customers"] for line in said["by_frequency"]) == said["holdout"]["customers"] == 240

    # the parameters of the day in autumn are those that the hold-out learned: a later day changes no earlier fit
    earlier = report(capsys, "--as-of", "2024-09-03", "--holdout-weeks", "17")
    assert {each["model"]: each["parameters"] for each in earlier["models"]} == {
        each["model"]: each["holdout"]["parameters"] for each in said["models"]
    }
    assert earlier["holdout"]["known_until"] == "2024-09-03"
    assert rapport("report", "clv", "--as-of", today) == 0
    printed = capsys.readouterr().out
    for words in (
        "240 customers won from",
        "Held out: 17 weeks after 2024-09-03",
        "Gamma-Gamma: p ",
        "same rate as before",
    ):
        assert words in printed


def test_what_cannot_be_foretold_is_refused_in_words(home: Path, business: Any, capsys: Any) -> None:
    assert "who bought: 0." in report(capsys, "--as-of", "2024-05-01")["refused"]
    open_returning_shop(130)
    assert "weeks after 2026-07-02" in report(capsys, "--as-of", "2026-12-31", "--holdout-weeks", "26")["refused"]
    assert "cannot all be held out" in report(capsys, "--as-of", "2024-12-30", "--holdout-weeks", "60")["refused"]
    make_orders(make_customer("Late"), [date(2024, 12, 31)])
    assert rapport("report", "clv", "--as-of", "2024-01-10") == 0
    assert capsys.readouterr().out.startswith("No lifetime value as of 2024-01-10: ")


def test_a_refusal_is_said_in_the_language_of_its_reader(monkeypatch: Any) -> None:
    refusal = UnableToFit(
        "Customers who bought: %(customers)s. To learn from them takes %(least)s.", customers="7", least=100
    )
    german = {refusal.words: "Wer kaufte: %(customers)s. Es braucht %(least)s."}

    monkeypatch.setattr(lifetime_words, "_", lambda words: german.get(words, words))

    assert refusal.said["refused"] == "Customers who bought: 7. To learn from them takes 100."
    assert lifetime_words.refusal_in_words(refusal.said) == "Wer kaufte: 7. Es braucht 100."
    assert lifetime_words.refusal_in_words({"refused": "As it was kept before."}) == "As it was kept before."
