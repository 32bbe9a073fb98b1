"""`rapport report churn` and `arms`: from records and imported files to what is printed."""

from __future__ import annotations

import json
import warnings
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rapport.core.acting import SYSTEM, acting
from rapport.insight.tests.shop import make_customer
from rapport.insight.tests.test_commands import rapport
from rapport.records.custom_fields.actions import add_field
from tests.import_files import import_text

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]
TELCO = Path(__file__).parents[4] / "shared" / "data" / "telco_churn" / "Telco-Customer-Churn.csv"


def printed(capsys: Any, *arguments: str) -> Any:
    capsys.readouterr()
    assert rapport("report", *arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


def make_fields(**kinds: str) -> dict[str, str]:
    """Fields of customers by label; returns what file columns they are."""
    return {label: add_field("customer", label=label, kind=kind, by=SYSTEM).name for label, kind in kinds.items()}


def subscribers(size: int = 240) -> str:
    """A file of customers: whoever is new and calls often leaves; a reason is noted when she does."""
    draw = np.random.default_rng(8)
    lines = ["Customer ID,Plan,Months,Calls,Reason,Left us"]
    for each in range(size):
        months, calls = int(draw.integers(1, 40)), int(draw.integers(0, 6))
        plan = ("basic", "full")[each % 2]
        left = draw.random() < 1 / (1 + np.exp(months / 6 - calls / 1.2 - 1))
        said = "" if each % 24 == 0 else ("yes" if left else "no")
        lines.append(f"{each},{plan},{months},{calls},{'price' if left and said else ''},{said}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def known(home: Path, business: Any) -> None:
    make_fields(Plan="text", Months="number", Calls="number", Reason="text", **{"Left us": "boolean"})
    import_text(subscribers(), preset="people")


def test_who_leaves_is_learned_from_a_field_that_says_so(known: None, capsys: Any) -> None:
    report = printed(capsys, "churn", "--as-of", "2026-03-02", "--label", "left us", "--seeds", "2")

    assert (report["customers"], report["not_said"], report["learned_from"]) == (230, 10, "label")
    assert report["label"] == {"field": "c_left_us", "label": "Left us", "means_left": "true"}
    assert report["auc"] > 0.75
    assert len(report["models"][0]["by_seed"]["auc"]) == 2
    assert [each["name"] for each in report["baselines"]] == ["one_column", "everybody_alike"]
    assert {each["field"] for each in report["features"]} == {"c_plan", "c_months", "c_calls"}
    left_out = {each["name"]: each["why"] for each in report["left_out"]}
    assert left_out["c_reason"] == "telltale"
    assert left_out["orders"] == "orders"
    assert sum(group["customers"] for group in report["calibration"]) == 230
    likely = report["most_likely_to_leave"]
    assert [each["chance"] for each in likely] == sorted((each["chance"] for each in likely), reverse=True)
    assert any("such customers" in reason for each in likely for reason in each["reasons"])

    again = printed(capsys, "churn", "--as-of", "2026-03-02", "--label", "c_left_us", "--seeds", "2")
    assert again["auc"] == report["auc"]


def test_what_was_known_only_afterwards_is_said_and_never_used(known: None, capsys: Any) -> None:
    asked = ("churn", "--as-of", "2026-03-02", "--label", "Left us", "--seeds", "1")

    report = printed(capsys, *asked, "--known-after", "Calls", "--known-before", "Reason")

    assert {each["field"] for each in report["features"]} == {"c_plan", "c_months", "c_reason"}
    assert {each["name"]: each["why"] for each in report["left_out"]}["c_calls"] == "afterwards"


def test_what_cannot_be_learned_is_refused_in_words(known: None, capsys: Any) -> None:
    for asked, said in (
        (("--label", "Shoe size"), "no field called “Shoe size”"),
        (("--label", "Plan"), "Name one: on the page, or with --left"),
        (("--label", "Left us", "--known-after", "Nobody"), "no field called “Nobody”"),
        (("--label", "Reason", "--left", "price"), "0 stayed"),
        (("--label", "Reason"), "“Reason” says price of everybody"),
        (("--label", "Reason", "--left", "moved"), "customers who left and customers who stayed"),
        ((), "no purchases of known customers"),
    ):
        report = printed(capsys, "churn", "--as-of", "2026-03-02", *asked)

        assert said in report["refused"]
    rapport("report", "churn", "--as-of", "2026-03-02")
    assert "no purchases of known customers" in capsys.readouterr().out


def test_usual_words_say_who_left_also_among_others(home: Path, business: Any, capsys: Any) -> None:
    said = {
        "Exited": ("1", "0"), "Closed": ("True.", "False."), "Attrition_Flag": ("Attrited Customer", "Existing Customer"),
        "Standing": ("Churned", "Not churned"), "ChurnValue": ("1.0", "0.0"),
    }  # fmt: skip
    make_fields(Months="number", ExitedReason="number", **dict.fromkeys(said, "text"))
    draw = np.random.default_rng(8)
    lines = [",".join(["Customer ID", "Months", "ExitedReason", *said])]
    for each in range(200):
        months = int(draw.integers(1, 40))
        left = draw.random() < 1 / (1 + np.exp(months / 6 - 3))
        words = (yes if left else no for yes, no in said.values())
        lines.append(",".join([str(each), str(months), str(draw.integers(1, 9)), *words]))
    import_text("\n".join(lines) + "\n", preset="people", decimal=".")

    found = {name: printed(capsys, "churn", "--as-of", "2026-03-02", "--label", name, "--seeds", "1") for name in said}

    assert {name: report["label"]["means_left"] for name, report in found.items()} == {
        name: yes for name, (yes, _no) in said.items()
    }
    assert len({(report["leavers"], report["customers"]) for report in found.values()}) == 1
    left_out = {each["name"]: each["why"] for each in found["Exited"]["left_out"]}
    assert left_out["c_exitedreason"] == "called_after"
    assert left_out["c_attrition_flag"] == "telltale"
    assert {each["field"] for each in found["Exited"]["features"]} == {"c_months"}


def test_codes_of_regions_are_learned_from_and_names_of_places_stay_out(home: Path, business: Any, capsys: Any) -> None:
    make_fields(**{"Left us": "boolean"})
    draw = np.random.default_rng(4)
    lines = ["Customer ID,State,City,Left us"]
    for each in range(300):
        state = ("KS", "oh", "New Jersey")[each % 3]
        left = draw.random() < (0.7 if state == "KS" else 0.2)
        lines.append(f"{each},{state},Town {each % 5},{'yes' if left else 'no'}")
    import_text("\n".join(lines) + "\n", preset="people")

    report = printed(capsys, "churn", "--as-of", "2026-03-02", "--label", "Left us", "--seeds", "1")

    assert [(each["field"], each["missing"]) for each in report["features"]] == [("region", 100)]
    assert report["auc"] > 0.6
    assert any("KS" in reason for reason in report["most_likely_to_leave"][0]["reasons"])


def make_shop(customers: int = 160) -> None:
    """Half buy every week or two for eight months, the others rarely; some of each stop for good."""
    from rapport.commerce.models import Order
    from rapport.customers.models import Source

    draw = np.random.default_rng(9)
    people = [make_customer(f"Customer {number}") for number in range(customers)]
    made, first = [], date(2025, 7, 1)
    with acting(SYSTEM):
        source = Source.objects.get(name="shop")
        for number, customer in enumerate(people):
            every, stops = (10, 400) if number % 2 else (38, 400)
            stops = int(draw.integers(40, 240)) if draw.random() < 0.7 else stops
            day = int(draw.integers(0, 20))
            while day < min(240, stops):
                placed = datetime.combine(first + timedelta(days=day), datetime.min.time(), tzinfo=UTC)
                made.append(
                    Order(
                        source_id=source.pk, external_id=f"{len(made)}", kind="sale", customer=customer,
                        profile_id=customer.profile.pk, channel="web_shop", currency="GBP", total_micros=10**7,
                        line_count=1, placed_at=placed + timedelta(hours=12),
                    )
                )  # fmt: skip
                day += max(1, round(draw.normal(every, every / 4)))
        Order.objects.bulk_create(made)


def test_without_a_label_leaving_is_learned_from_purchases(home: Path, business: Any, capsys: Any) -> None:
    make_shop()

    report = printed(capsys, "churn", "--as-of", "2026-02-26")

    assert (report["learned_from"], report["mart"]) == ("purchases", "purchase_rhythm v1")
    assert report["horizon_days"] in (45, 60)
    origins = report["validation"]["origins"]
    assert len(origins) == 3
    for origin in origins:
        ends = [date.fromisoformat(day) + timedelta(days=report["horizon_days"]) for day in origin["learned_from"]]
        assert max(ends) <= date.fromisoformat(origin["as_of"])
        assert date.fromisoformat(origin["until"]) <= date(2026, 2, 26)
    names = ["recency_alone", "same_as_last_period", "everybody_alike"]
    assert [each["name"] for each in report["baselines"]] == names
    assert report["auc"] > 0.6
    assert report["auc_interval"][0] < report["auc_interval"][1]
    assert sum(group["customers"] for group in report["calibration"]) == sum(each["customers"] for each in origins)
    assert report["most_likely_to_leave"][0]["reasons"]

    earlier = printed(capsys, "churn", "--as-of", "2026-01-20", "--within", "30")
    assert (earlier["orders_until"], earlier["horizon_days"]) == ("2026-01-20", 30)
    assert all(each["until"] <= "2026-01-20" for each in earlier["validation"]["origins"])
    late = printed(capsys, "churn", "--as-of", "2027-01-01")
    assert "The purchases end on 2026-02-2" in late["refused"]
    rapport("report", "churn", "--as-of", "2026-02-26")
    assert "Most likely to leave:" in capsys.readouterr().out


def test_arms_are_compared_from_imported_fields(home: Path, business: Any, capsys: Any) -> None:
    make_fields(Arm="text", Visit="boolean", Spend="number")
    rows = [f"{each},{('mail', 'none')[each % 2]},{'yes' if each % 4 else 'no'},{each % 3}" for each in range(120)]
    import_text("Customer ID,Arm,Visit,Spend\n" + "\n".join(rows) + "\n", preset="people")

    report = printed(capsys, "arms", "--arm", "Arm", "--control", "none", "--outcome", "Visit", "--outcome", "Spend")

    nothing, mail = report["arms"]
    assert (nothing["arm"], nothing["customers"], mail["arm"], mail["customers"]) == ("none", 60, "mail", 60)
    assert (nothing["outcomes"]["Visit"]["mean"], mail["outcomes"]["Visit"]["mean"]) == (1.0, 0.5)
    assert mail["outcomes"]["Visit"]["detectable"]
    assert mail["outcomes"]["Spend"]["difference"] == pytest.approx(0)
    assert not mail["outcomes"]["Spend"]["detectable"]
    rapport("report", "arms", "--arm", "Arm", "--control", "none", "--outcome", "Spend")
    assert "no effect that can be told from chance" in capsys.readouterr().out
    assert "Name the field" in printed(capsys, "arms")["refused"]
    assert "holds texts" in printed(capsys, "arms", "--arm", "Spend", "--control", "1", "--outcome", "Arm")["refused"]


@pytest.mark.real_data
def test_telco_comes_in_as_a_file_and_is_learned_from(home: Path, business: Any, capsys: Any) -> None:
    if not TELCO.exists():
        warnings.warn(f"TELCO WAS NOT IMPORTED: {TELCO} is missing.", stacklevel=1)
        pytest.skip(f"{TELCO} is missing")
    content = TELCO.read_text(encoding="utf-8")
    header = content.split("\n", 1)[0].strip().split(",")
    numbers, flags = {"tenure", "MonthlyCharges", "TotalCharges"}, {"Churn", "Partner", "Dependents"}
    for name in header[1:]:
        make_fields(**{name: "number" if name in numbers else "boolean" if name in flags else "text"})
    job = import_text(content, preset="people", decimal=".")

    report = printed(capsys, "churn", "--as-of", "2026-11-22", "--label", "Churn", "--seeds", "2")

    assert job.counts["phases"]["people"]["new"] == 7_043
    assert (report["customers"], report["leavers"]) == (7_043, 1_869)
    assert len(report["features"]) == 19
    assert report["models"][0]["auc"] >= 0.845
    assert report["models"][0]["ece"] <= 0.02
