"""The page of contracts as values: who renews, who is still there, and how the model did on renewals it had not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.ui.formats import number, percent

Report = Mapping[str, Any]
_WIDE, _TALL, _LEFT = 330.0, 170.0, 8.0
_A_YEAR = {"month": 12, "quarter": 4, "year": 1}


@dataclass(frozen=True)
class Bar:
    """A share that came, as a column, and in words."""

    left: float
    width: float
    top: float
    height: float
    title: str


@dataclass(frozen=True)
class Curve:
    """What came, renewal by renewal, as columns; what the model says of these and of later ones as a line."""

    bars: list[Bar]
    line: str
    dots: list[tuple[float, float, str]]


@dataclass(frozen=True)
class ContractsPage:
    report: Report
    tiles: list[dict[str, str]]
    says: str
    verdict: str
    survival: Curve
    retention: Curve
    first: str
    last: str
    survival_lines: list[list[str]]
    retention_lines: list[list[str]]
    parameters: list[list[str]]
    checked: list[list[str]]
    later: list[list[str]]


def contracts_page(report: Report) -> ContractsPage:
    """Everything the page shows of a report that was not refused."""
    renewals = report["renewals"]
    return ContractsPage(
        report=report,
        tiles=_tiles(report),
        says=_says(report),
        verdict=_verdict(report["check"]),
        survival=_curve(renewals, "survival"),
        retention=_curve(renewals, "retention"),
        first=number(renewals[0]["renewal"]),
        last=number(renewals[-1]["renewal"]),
        survival_lines=[_line(each, "survival") for each in renewals],
        retention_lines=[_line(each, "retention") for each in renewals],
        parameters=[
            [name, number(value, digits=3), _error(report["standard_errors"][name])]
            for name, value in sorted(report["parameters"].items())
        ],
        checked=_checked(report["check"]),
        later=[_later(each) for each in report["check"]["later"]] if report["check"] else [],
    )


def _tiles(report: Report) -> list[dict[str, str]]:
    renewals, year = report["renewals"], _A_YEAR[report["every"]]
    known = sum(each["met"] is not None for each in renewals)
    after = next((each for each in renewals if each["renewal"] == year), renewals[-1])
    newest, coming = renewals[known - 1], renewals[known]
    return [
        {
            "label": _("Contracts that met a renewal"),
            "value": number(report["contracts"]),
            "note": _("%(ended)s of them ended") % {"ended": number(report["ended"])},
        },
        {
            "label": _("Renew at the first renewal"),
            "value": percent(renewals[0]["expected_retention"]),
            "note": _("%(came)s did") % {"came": percent(renewals[0]["retention"])},
        },
        {
            "label": _("Renew at renewal %(number)s") % {"number": number(coming["renewal"])},
            "value": percent(coming["expected_retention"]),
            "note": _("%(came)s did at the one before, the last that is known")
            % {"came": percent(newest["retention"])},
        },
        {
            "label": _("Still there after a year"),
            "value": percent(after["expected_survival"]),
            "note": _("expected of a new contract"),
        },
    ]


def _says(report: Report) -> str:
    leaves = report["parameters"]["a"] / (report["parameters"]["a"] + report["parameters"]["b"])
    words = _(
        "Of new contracts %(share)s are expected to end at the first renewal. Those who leave first are gone, so that of those who"
        " stay more and more renew, without anybody growing more loyal."
    )
    return words % {"share": percent(leaves)}


def _verdict(check: Report | None) -> str:
    if check is None:
        return _("There are too few renewals to hold some of them out, so how far this can be trusted is not known.")
    words = {
        "known": number(check["known_renewals"]),
        "later": number(check["foretold_renewals"]),
        "off": percent(check["retention_off"], digits=1),
        "alike": percent(check["alike_off"], digits=1),
    }
    if check["retention_off"] < check["alike_off"]:
        return _(
            "Learned from the first %(known)s renewals alone, the model was off by %(off)s on average in who renewed at the"
            " %(later)s after them; that all customers are alike would have been off by %(alike)s."
        ) % words  # fmt: skip
    return _(
        "Learned from the first %(known)s renewals alone, the model was off by %(off)s on average in who renewed at the %(later)s"
        " after them, no nearer than that all customers are alike (%(alike)s). Do not plan with it."
    ) % words  # fmt: skip


def _curve(renewals: Sequence[Report], name: str) -> Curve:
    step = (_WIDE - 2 * _LEFT) / len(renewals)

    def up(share: float) -> float:
        return round(_TALL - _TALL * 0.94 * share, 1)

    middles = [round(_LEFT + step * (place + 0.5), 1) for place in range(len(renewals))]
    expected = [each[f"expected_{name}"] for each in renewals]
    return Curve(
        bars=[
            Bar(
                round(middle - step * 0.33, 1), round(step * 0.66, 1), up(each[name]), round(_TALL - up(each[name]), 1),
                _title(each, name),
            )
            for middle, each in zip(middles, renewals, strict=True)
            if each[name] is not None
        ],
        line=" ".join(f"{middle},{up(share)}" for middle, share in zip(middles, expected, strict=True)),
        dots=[
            (middle, up(share), _("Renewal %(number)s: %(share)s expected") % {
                "number": number(each["renewal"]), "share": percent(share, digits=1),
            })
            for middle, share, each in zip(middles, expected, renewals, strict=True)
        ],
    )  # fmt: skip


def _title(each: Report, name: str) -> str:
    return _("Renewal %(number)s: %(share)s came, %(expected)s expected") % {
        "number": number(each["renewal"]), "share": percent(each[name], digits=1),
        "expected": percent(each[f"expected_{name}"], digits=1),
    }  # fmt: skip


def _line(each: Report, name: str) -> list[str]:
    met = "—" if each["met"] is None else number(each["met"])
    return [number(each["renewal"]), met, _share(each[name]), _share(each[f"expected_{name}"])]


def _checked(check: Report | None) -> list[list[str]]:
    if check is None:
        return []
    return [
        [_("sBG, learned from the renewals before"), percent(check["retention_off"], digits=1)],
        [_("All customers are alike"), percent(check["alike_off"], digits=1)],
    ]


def _later(each: Report) -> list[str]:
    return [
        number(each["renewal"]), number(each["met"]), *(_share(each[name]) for name in ("retention", "expected", "alike")),
    ]  # fmt: skip


def _share(value: float | None) -> str:
    return "—" if value is None else percent(value, digits=1)


def _error(value: float | None) -> str:
    return "—" if value is None else number(value, digits=3)


def unmet_words(count: int) -> str:
    """How many contracts are not learned from, since their first renewal is still to come."""
    if not count:
        return ""
    return ngettext(
        "%(num)s contract has not met its first renewal yet.",
        "%(num)s contracts have not met their first renewal yet.",
        count,
    ) % {"num": number(count)}
