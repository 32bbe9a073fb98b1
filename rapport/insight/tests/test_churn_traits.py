"""The risk of leaving as a trait: written back for everybody, in lists, and on the customer page with its reasons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rapport.core.acting import SYSTEM
from rapport.customers.consents.restrictions import restrict_processing
from rapport.customers.models import Customer, Profile
from rapport.customers.tests.world import touch
from rapport.insight import queries
from rapport.insight.churn.keeping import learn_and_keep
from rapport.insight.churn.learning import learn_from_purchases
from rapport.insight.churn.questions import ChurnQuestion, scored_label
from rapport.insight.churn.traits import risk_shown
from rapport.insight.models import CustomerRisk, ScoreRun
from rapport.insight.reports import reports
from rapport.insight.tests.shop import make_order
from rapport.insight.tests.test_churn_report import make_fields, make_shop, subscribers
from rapport.insight.warehouse.refresh import make_snapshot
from rapport.records.custom_fields.actions import archive_field, save_layout
from rapport.records.layouts.sight import hidden_names, visible_fields
from rapport.records.models import CustomField
from tests.import_files import import_text

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
COLUMNS = "/customers/?column=name&column=leaving_percent&filter=leaving_percent.at_least:0&sort=-leaving_percent"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]


def refresh() -> None:
    make_snapshot(zone=queries.report_settings().zone, currency="GBP", now=NOW)


def test_everybody_who_was_looked_at_has_a_risk_and_it_can_be_said_again(
    home: Path, business: Any, ada: Any, as_user: Any
) -> None:
    make_shop()
    held = Customer.objects.order_by("id")[1]
    restrict_processing(held, ground="objected", by=SYSTEM, now=NOW)
    refresh()

    made = learn_and_keep(ChurnQuestion(), now=NOW)

    assert made is not None
    assert not made.is_refused, made.report
    run = ScoreRun.objects.get(model=made)
    assert run.customers == CustomerRisk.objects.count() == made.report["customers"]
    assert not CustomerRisk.objects.filter(customer_id=held.pk).exists()
    snapshot = queries.current_snapshot()
    assert snapshot is not None
    with reports(snapshot, rules=queries.segment_rules()) as answers:
        again = learn_from_purchases(answers, as_of=made.as_of).foretold
    for each in again.scored(0, len(again.order)):
        kept = CustomerRisk.objects.get(customer_id=each.customer_id)
        assert kept.leaving_percent == round(each.chance * 100, 1)
        assert [reason["field"] for reason in kept.reasons] == [reason["field"] for reason in each.reasons]
    expected = sum(CustomerRisk.objects.values_list("leaving_percent", flat=True)) / 100
    assert expected == pytest.approx(made.report["expected_leavers"], abs=0.1)

    client = as_user(ada)
    assert "Risk of leaving, in %" in client.get(COLUMNS).text
    somebody = CustomerRisk.objects.exclude(reasons=[]).select_related("customer").order_by("-leaving_percent").first()
    assert somebody is not None
    hers = client.get(f"/customers/{somebody.customer.public_id}/").text
    for words in ("Risk of leaving", "to buy nothing in", "Can I trust this?"):
        assert words in hers
    held_page = client.get(f"/customers/{held.public_id}/").text
    assert "to buy nothing in" not in held_page


def test_the_risk_of_yesterday_is_the_same_when_more_came_since(home: Path, business: Any) -> None:
    make_shop()
    refresh()

    def asked() -> tuple[dict[str, Any], list[tuple[int, float]]]:
        snapshot = queries.current_snapshot()
        assert snapshot is not None
        with reports(snapshot, rules=queries.segment_rules()) as answers:
            found = learn_from_purchases(answers, as_of=NOW.date())
        told = {name: said for name, said in found.report.items() if name not in ("snapshot", "values_of")}
        return told, [(each.customer_id, each.chance) for each in found.foretold.scored(0, len(found.foretold.order))]

    before = asked()
    for customer in list(Customer.objects.order_by("id")[:40]):
        customer.profile = Profile.objects.get(customer=customer)
        make_order(customer, NOW + timedelta(days=1), 300)
        touch(customer, "call", days_ago=-3, channel="phone", direction="in")
    refresh()

    assert asked() == before


def test_where_the_data_can_carry_it_no_more_nobody_has_a_risk(home: Path, business: Any) -> None:
    make_shop()
    refresh()
    learn_and_keep(ChurnQuestion(), now=NOW)
    assert CustomerRisk.objects.exists()

    make_snapshot(zone=queries.report_settings().zone, currency="USD", now=NOW)
    refused = learn_and_keep(ChurnQuestion(), now=NOW)

    assert refused is not None
    assert refused.is_refused
    assert not CustomerRisk.objects.exists()


def test_a_field_that_says_who_left_gives_the_risk_to_those_who_see_it(
    home: Path, business: Any, ada: Any, alice: Any, as_user: Any
) -> None:
    make_fields(Plan="text", Months="number", Calls="number", Reason="text", **{"Left us": "boolean"})
    import_text(subscribers(), preset="people")
    refresh()
    question = ChurnQuestion("c_left_us", afterwards=("c_reason",))

    learn_and_keep(question, now=NOW)

    assert scored_label() == "c_left_us"
    written = CustomerRisk.objects.count()
    assert 0 < written < 240  # who has left cannot leave
    riskiest = CustomerRisk.objects.select_related("customer").order_by("-leaving_percent").first()
    assert riskiest is not None
    assert any(reason["field"] == "c_months" for reason in riskiest.reasons)
    page = as_user(ada).get(f"/customers/{riskiest.customer.public_id}/").text
    assert "to leave" in page
    assert 'href="/customers/?sort=-leaving_percent"' in as_user(ada).get("/worth/leaving/?label=c_left_us").text
    assert "Months: " in page
    layout: Any = {"ordering": (), "columns": None, "hidden_panels": (), "panel_ordering": (), "by": ada}
    save_layout(alice.role, "customer", hidden=("c_months",), **layout)
    shown = risk_shown(alice, riskiest.customer_id)
    assert shown is not None
    assert not any("Months" in words for words, _others, _raises in shown["reasons"])
    save_layout(alice.role, "customer", hidden=("c_left_us",), **layout)
    assert scored_label() == "c_left_us"
    assert risk_shown(alice, riskiest.customer_id) is None
    assert risk_shown(ada, riskiest.customer_id) is not None
    assert as_user(alice).get(COLUMNS).status_code == 400  # though it is not learned again yet
    assert "leaving_percent" in visible_fields(ada, "customer")
    assert as_user(ada).get(COLUMNS).status_code == 200
    learn_and_keep(question, now=NOW)
    assert CustomerRisk.objects.count() == written
    assert as_user(alice).get(COLUMNS).status_code == 400
    save_layout(alice.role, "customer", hidden=(), **layout)
    assert as_user(alice).get(COLUMNS).status_code == 200


def test_whoever_is_not_shown_the_field_that_a_risk_was_learned_from_is_not_shown_the_risk(
    home: Path, business: Any, ada: Any, alice: Any
) -> None:
    make_fields(Plan="text", Months="number", Calls="number", Reason="text", **{"Left us": "boolean"})
    layout: Any = {"ordering": (), "columns": None, "hidden_panels": (), "panel_ordering": (), "by": ada}
    import_text(subscribers(), preset="people")
    refresh()
    save_layout(alice.role, "customer", hidden=("c_left_us",), **layout)
    assert "leaving_percent" in visible_fields(alice, "customer")

    learn_and_keep(ChurnQuestion("c_left_us", afterwards=("c_reason",)), now=NOW)

    assert "leaving_percent" not in visible_fields(alice, "customer")
    assert "leaving_percent" in hidden_names(alice, "customer")
    assert "leaving_percent" in visible_fields(ada, "customer")
    archive_field(CustomField.objects.get(name="c_left_us"), by=ada, now=NOW)
    assert "leaving_percent" not in visible_fields(ada, "customer")
