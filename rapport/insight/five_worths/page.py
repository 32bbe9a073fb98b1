"""Worth in five ways as values: the arithmetic of one customer, and the sums of the whole base."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.core.money import format_money
from rapport.insight.five_worths.unit_values import (
    CONTACT_LABELS,
    KEPT_COUNTS,
    MICROS,
    contact_costs,
    lesson_values,
    referral_shares,
)
from rapport.insight.marts.contacts import LESSONS
from rapport.ui.formats import money_short, number, percent

if TYPE_CHECKING:
    from rapport.insight.lifetime.ranges import ForetoldRange
    from rapport.insight.models import CustomerFiveWorths, FiveWorthsRun

Report = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One step of an arithmetic: what, of how many at how much each, and the amount. A sum is what stands above it."""

    label: str | Promise
    amount: str
    how: str = ""
    is_sum: bool = False


@dataclass(frozen=True)
class Arithmetic:
    """How one worth is worked out. `notes` say what to be careful with."""

    name: str
    title: str
    says: str
    lines: list[Line]
    notes: list[str]


@dataclass(frozen=True)
class BaseLine:
    label: str
    known: str
    nobody: str
    total: str
    is_sum: bool = False


@dataclass(frozen=True)
class BasePage:
    report: Report
    tiles: list[dict[str, str]]
    ledger: list[BaseLine]
    lessons: list[tuple[str | Promise, str, str, str]]
    generations: list[tuple[str, str, str, str]]
    notes: list[str]


def customer_page(
    run: FiveWorthsRun, worths: CustomerFiveWorths, bought: Any, foretold: ForetoldRange | None = None
) -> list[Arithmetic]:
    """The five worths of a customer, each with the lines that come to it.

    `bought` is what `queries.worth_of` says of her, `foretold` the range of what she will buy and bring.
    """

    def money(micros: int) -> str:
        return format_money(micros, run.currency) if run.currency else number(micros / MICROS, digits=2)

    counts = dict(zip(KEPT_COUNTS, worths.counts, strict=True))
    units = run.report["units"]
    return [
        _total(worths, money),
        _potential(run, bought, foretold, money),
        _profitability(worths, counts, units, money),
        _insight(worths, counts, units, money),
        _influence(worths, units, money),
    ]


def lesson_words(worths: CustomerFiveWorths) -> str:
    """“2 survey answers, 1 idea”: the lessons there are, in words."""
    counts = dict(zip(KEPT_COUNTS, worths.counts, strict=True))
    words = {
        "survey": ngettext("%(num)s survey answer", "%(num)s survey answers", counts["survey"]),
        "review": ngettext("%(num)s review", "%(num)s reviews", counts["review"]),
        "idea": ngettext("%(num)s idea", "%(num)s ideas", counts["idea"]),
        "beta_test": ngettext("%(num)s beta test", "%(num)s beta tests", counts["beta_test"]),
    }
    return ", ".join(words[name] % {"num": number(counts[name])} for name in LESSONS if counts[name])


def margin_share(report: Report) -> float | None:
    """What of the revenue with a known cost is left after the cost of goods, over the whole base; None where none is known."""
    both = [report["customers"], report["nobody"]]
    costed = sum(each["net_micros"] - each["uncosted_micros"] for each in both)
    return 1 - sum(each["goods_micros"] for each in both) / costed if costed > 0 else None


def _total(worths: CustomerFiveWorths, money: Callable[[int], str]) -> Arithmetic:
    orders = ngettext("%(num)s order", "%(num)s orders", worths.purchases) % {"num": number(worths.purchases)}
    back = ngettext("%(num)s taken back", "%(num)s taken back", worths.reversals) % {"num": number(worths.reversals)}
    return Arithmetic(
        "total", _("Total value so far"), _("Everything that was sold, less what was taken back, less what the goods cost us."),
        [
            Line(_("Sold"), money(worths.sold_micros), orders),
            Line(_("Taken back"), money(worths.returned_micros), back),
            Line(_("Net revenue"), money(worths.net_micros), is_sum=True),
            Line(_("Cost of goods"), money(-worths.goods_micros), _("what products cost us, times their quantities")),
            Line(_("Margin"), money(worths.margin_micros), is_sum=True),
        ],
        _uncosted(worths.uncosted_micros, money),
    )  # fmt: skip


def _potential(
    run: FiveWorthsRun, bought: Any, foretold: ForetoldRange | None, money: Callable[[int], str]
) -> Arithmetic:
    says = _("What is expected in the next 12 months, if the customer goes on like others with the same history.")
    if bought is None or bought.alive_percent is None:
        nothing = _("Nothing is foretold of this customer: either nothing was bought yet, or the data cannot carry it.")
        return Arithmetic("potential", _("Potential"), says, [], [nothing])
    lines = [
        Line(_("Still a customer"), percent(bought.alive_percent / 100), _why_still(run, bought)),
        Line(_("Expected orders"), number(bought.expected_purchases, digits=2), _orders_range(foretold)),
    ]
    notes = _range_notes(foretold)
    if bought.expected_micros is None:
        notes.append(_("What an order brings cannot be learned from these orders, so nothing is said of money."))
        return Arithmetic("potential", _("Potential"), says, lines, notes)
    if bought.expected_purchases > 0:
        lines.append(Line(_("An order brings"), money(round(bought.expected_micros / bought.expected_purchases))))
    lines.append(Line(_("Expected revenue"), money(bought.expected_micros), _money_range(foretold, money), is_sum=True))
    share = margin_share(run.report)
    if share is not None:
        lines.append(Line(_("Share of margin"), percent(share), _("of the whole base, where costs are known")))
        lines.append(Line(_("Expected margin"), money(round(bought.expected_micros * share)), is_sum=True))
    return Arithmetic("potential", _("Potential"), says, lines, notes)


def _why_still(run: FiveWorthsRun, bought: Any) -> str:
    """What the chance follows from: “9 purchases, on average every 30 days; the last 12 days ago”."""
    words = ngettext("%(num)s purchase", "%(num)s purchases", bought.purchases) % {"num": number(bought.purchases)}
    usual = bought.usual_days_between
    if usual:
        every = ngettext("on average every %(num)s day", "on average every %(num)s days", usual) % {
            "num": number(usual)
        }
        words = f"{words}, {every}"
    ago = max((run.as_of - bought.last_purchase_on).days, 0)
    last = ngettext("the last %(num)s day ago", "the last %(num)s days ago", ago) % {"num": number(ago)}
    return f"{words}; {last}"


def _orders_range(foretold: ForetoldRange | None) -> str:
    if foretold is None:
        return ""
    low, high = foretold.orders
    if low == high:
        return _("%(count)s in %(share)s of such cases") % {"count": number(low), "share": percent(foretold.share)}
    return _("%(low)s to %(high)s in %(share)s of such cases") % {
        "low": number(low), "high": number(high), "share": percent(foretold.share),
    }  # fmt: skip


def _money_range(foretold: ForetoldRange | None, money: Callable[[int], str]) -> str:
    if foretold is None or foretold.micros is None:
        return ""
    low, high = foretold.micros
    return _("%(low)s to %(high)s in %(share)s of such cases") % {
        "low": money(low), "high": money(high), "share": percent(foretold.share),
    }  # fmt: skip


def _range_notes(foretold: ForetoldRange | None) -> list[str]:
    if foretold is None:
        return [_("It is a mean. How far it can be trusted has a page of its own.")]
    return [
        _(
            "Such cases are customers with the same history, if the model is right; of them %(none)s order nothing in that time."
            " How far the model can be trusted has a page of its own."
        ) % {"none": percent(foretold.chance_of_none)}
    ]  # fmt: skip


def _profitability(
    worths: CustomerFiveWorths, counts: dict[str, int], units: Report, money: Callable[[int], str]
) -> Arithmetic:
    costs = contact_costs(units)
    happened = {**counts, "delivery": counts["deliveries"]}
    lines = [Line(_("Margin"), money(worths.margin_micros), _("net revenue less cost of goods"))]
    for name, cost in costs.items():
        if happened[name]:
            lines.append(Line(CONTACT_LABELS[name], money(-happened[name] * cost), _each(happened[name], cost, money)))
    lines.append(Line(_("Contribution"), money(worths.contribution_micros), is_sum=True))
    if worths.contribution_percent is not None:
        lines.append(Line(_("Of net revenue"), percent(worths.contribution_percent / 100)))
    notes = _uncosted(worths.uncosted_micros, money)
    unset = [str(CONTACT_LABELS[name]).lower() for name, cost in costs.items() if happened[name] and not cost]
    if unset:
        notes.append(_("Not set, so counted as nothing: %(what)s.") % {"what": ", ".join(unset)})
    return Arithmetic(
        "profitability",
        _("Profitability"),
        _("What is left after goods, service, campaigns and delivery."),
        lines,
        notes,
    )


def _insight(
    worths: CustomerFiveWorths, counts: dict[str, int], units: Report, money: Callable[[int], str]
) -> Arithmetic:
    values = lesson_values(units)
    lines = [
        Line(CONTACT_LABELS[name], money(counts[name] * values[name]), _each(counts[name], values[name], money))
        for name in LESSONS if counts[name]
    ]  # fmt: skip
    lines.append(Line(_("Value of lessons"), money(worths.insight_micros), is_sum=True))
    return Arithmetic(
        "insight", _("Insight"), _("What this customer taught us: answers, reviews, ideas and tests, at the values set for them."),
        lines, [_("It stands beside money, and is not added to it.")],
    )  # fmt: skip


def _influence(worths: CustomerFiveWorths, units: Report, money: Callable[[int], str]) -> Arithmetic:
    lines = [
        Line(
            _generation(place),
            money(credit),
            _("%(num)s customers, %(share)s of what they contribute") % {
                "num": number(customers), "share": percent(share / MICROS, digits=1),
            },
        )
        for place, (customers, credit, share) in enumerate(
            zip(worths.referrals, worths.credits, referral_shares(units), strict=True)
        )
        if customers
    ]  # fmt: skip
    lines.append(Line(_("Credited"), money(worths.influence_micros), is_sum=True))
    notes = [_("It is a part of what the referred customers contribute, and counted there; it is not added once more.")]
    if worths.referred and not units.get("referral_share"):
        notes.append(_("No share is set for referrals, so nothing is credited."))
    return Arithmetic(
        "influence", _("Influence"), _("What customers contribute who came to us through this one."), lines, notes
    )


def _each(count: int, each: int, money: Callable[[int], str]) -> str:
    return _("%(count)s × %(each)s") % {"count": number(count), "each": money(each)} if each else number(count)


def _uncosted(micros: int, money: Callable[[int], str]) -> list[str]:
    if not micros:
        return []
    return [
        _(
            "Of %(amount)s no cost is known; its goods count as if they had cost nothing, so that the margin looks higher."
        )
        % {"amount": money(micros)}
    ]


def _generation(place: int) -> str:
    return (_("Referred"), _("Referred by those"), _("And by those in turn"))[place]


def base_page(run: FiveWorthsRun, foretold: Report) -> BasePage:
    """The sums of everybody, and that with what is of nobody known they are those of the ledger."""
    report = run.report

    def money(micros: int) -> str:
        return format_money(micros, run.currency) if run.currency else number(micros / MICROS, digits=2)

    return BasePage(
        report=report,
        tiles=_tiles(run, foretold),
        ledger=_ledger(report, money),
        lessons=[
            (CONTACT_LABELS[name], number(count), money(lesson_values(report["units"])[name]),
             money(count * lesson_values(report["units"])[name]))
            for name, count in report["insight"]["items"].items()
        ],
        generations=[
            (_generation(place), number(each["referred"]), percent(each["share"] / MICROS, digits=1), money(each["micros"]))
            for place, each in enumerate(report["influence"]["generations"])
        ],
        notes=_notes(report, money),
    )  # fmt: skip


def _tiles(run: FiveWorthsRun, foretold: Report) -> list[dict[str, str]]:
    """`sort` names what the list of customers is ordered by, for the best of each worth."""
    report, known = run.report, run.report["customers"]
    influence, credited = report["influence"], sum(each["micros"] for each in report["influence"]["generations"])
    lessons = sum(report["insight"]["items"].values())

    def short(micros: int) -> str:
        return money_short(micros, run.currency) if run.currency else number(micros / MICROS)

    to_serve = known["service_micros"] + known["campaign_micros"] + known["delivery_micros"]
    net = known["net_micros"]
    costed = known["uncosted_micros"] < net
    return [
        {
            "label": _("Total value so far"), "value": short(net), "sort": "-value",
            "note": _("margin %(amount)s") % {"amount": short(known["margin_micros"])},
        },
        {
            "label": _("Potential, next 12 months"), "sort": "-expected_value",
            "value": short(foretold["micros"]) if foretold["micros"] is not None else "—",
            "note": _("%(num)s orders expected") % {"num": number(foretold["purchases"])}
            if foretold["purchases"] is not None else _("nothing is foretold"),
        },
        {
            "label": _("Profitability"),
            "value": percent(known["contribution_micros"] / net) if net > 0 and costed else "—",
            "note": _("%(amount)s after %(cost)s to serve") % {
                "amount": short(known["contribution_micros"]), "cost": short(to_serve),
            } if costed or not net else _("what the goods cost is not known"),
            "sort": "-contribution",
        },
        {
            "label": _("Insight"), "sort": "-insight_items",
            "value": ngettext("%(num)s lesson", "%(num)s lessons", lessons) % {"num": number(lessons)},
            "note": _("worth %(amount)s") % {"amount": short(report["insight"]["value_micros"])},
        },
        {
            "label": _("Influence"), "value": short(credited), "sort": "-influence",
            "note": _("%(num)s referred, %(buying)s still buying") % {
                "num": number(influence["generations"][0]["referred"]), "buying": number(influence["referred_buying"]),
            },
        },
    ]  # fmt: skip


_LEDGER = (
    ("sold_micros", 1, False), ("returned_micros", 1, False), ("net_micros", 1, True), ("goods_micros", -1, False),
    ("margin_micros", 1, True), ("service_micros", -1, False), ("campaign_micros", -1, False),
    ("delivery_micros", -1, False), ("contribution_micros", 1, True),
)  # fmt: skip


def _ledger(report: Report, money: Callable[[int], str]) -> list[BaseLine]:
    labels = {
        "sold_micros": _("Sold"), "returned_micros": _("Taken back"), "net_micros": _("Net revenue"),
        "goods_micros": _("Cost of goods"), "margin_micros": _("Margin"), "service_micros": _("Service"),
        "campaign_micros": _("Campaigns"), "delivery_micros": _("Delivery"), "contribution_micros": _("Contribution"),
    }  # fmt: skip
    known, nobody = report["customers"], report["nobody"]
    return [
        BaseLine(
            labels[name], money(sign * known[name]), money(sign * nobody[name]), money(sign * (known[name] + nobody[name])),
            is_sum,
        )
        for name, sign, is_sum in _LEDGER
    ]  # fmt: skip


def _notes(report: Report, money: Callable[[int], str]) -> list[str]:
    lines, notes = report["lines"], []
    unknown = lines["lines"] - lines["costed"]
    uncosted = report["customers"]["uncosted_micros"] + report["nobody"]["uncosted_micros"]
    if uncosted > 0 and not unknown:
        notes.append(
            _("Orders of %(amount)s do not say what was in them, and count as if their goods had cost nothing.")
            % {"amount": money(uncosted)}
        )
    if unknown:
        counted = ngettext(
            "%(num)s of %(all)s order lines has no known cost and counts as if its goods had cost nothing.",
            "%(num)s of %(all)s order lines have no known cost and count as if their goods had cost nothing.",
            unknown,
        ) % {"num": number(unknown), "all": number(lines["lines"])}
        amount = _("Revenue without a known cost: %(amount)s.") % {"amount": money(uncosted)}
        notes.append(f"{counted} {amount}")
    if not report["units"]:
        notes.append(
            _("What service, campaigns, deliveries and lessons cost or are worth is not set, so they count as nothing.")
        )
    if report["influence"]["cut"]:
        cut = report["influence"]["cut"]
        notes.append(
            ngettext(
                "%(num)s referral led back to where it began, and is not counted.",
                "%(num)s referrals led back to where they began, and are not counted.",
                cut,
            )
            % {"num": number(cut)}
        )
    return notes
