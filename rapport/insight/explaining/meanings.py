"""What the numbers of each page mean, in a sentence each; docs/metrics.md and the pages it names have the whole definitions."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Meaning = tuple[str | Promise, str | Promise]
BASE, WORTH, JOURNEYS, TOGETHER, LIFETIME, LEAVING, FORECAST, FIVE, CONTRACTS = (
    "base", "worth", "journeys", "together", "lifetime", "leaving", "forecast", "five", "contracts",
)  # fmt: skip

_VALUE: Meaning = (_("Value"), _("All orders, less what was cancelled, returned or corrected."))
_PURCHASE: Meaning = (_("Purchase"), _("An order that was sold. Two orders on one day are two purchases."))

MEANINGS: Mapping[str, tuple[Meaning, ...]] = {
    BASE: (
        (_("Customers who bought"), _("Those with a purchase within the period.")),
        _PURCHASE,
        (_("They brought"), _("The value of the orders of those who bought, within the period.")),
        (_("Tenth"), _("Those who bought, lined up from the most value to the least and cut into ten equal parts.")),
        (
            _("Kept, new, back, lost"),
            _(
                "Kept bought in this period and in the one before; new ones for the first time ever; back bought again after a"
                " pause; lost bought in the period before, and not in this one."
            ),
        ),
        (
            _("What moved it"),
            _(
                "The change is customers × purchases of each × value of a purchase. Each part is what the change of one of them"
                " did, on average over every order in which they could have changed."
            ),
        ),
        (
            _("What is earned"),
            _("The value of what has a known cost, less that cost; shown where costs of 95 % of the value are known."),
        ),
        (_("Cohort"), _("Those who first bought in the same month, quarter or year.")),
        (
            _("Moves between groups"),
            _("From the RFM group of the other day to that of this day; who only stands at the edge of a group stays."),
        ),
    ),
    WORTH: (
        (_("Recency, frequency"), _("Days since the last purchase; number of purchases so far.")),
        (
            _("Monetary value"),
            _("The average purchase, or all purchases together, as chosen. What came back is not taken off."),
        ),
        (_("Bands 1 to 5"), _("Fifths of all customers who bought; 5 is the best. Equal customers are in the same band.")),
        (_("RFM group"), _("The name of a pair of bands of recency and frequency.")),
        _VALUE,
        (_("Value at risk"), _("What those of the group At risk have brought so far.")),
        (_("Moved"), _("Customers in the group now, less those in it on the other day.")),
        (_("Monthly revenue"), _("The value of all orders of the month, also of those whose customer is not known.")),
    ),
    JOURNEYS: (
        (_("Step"), _("One kind of contact; the same kind again at once is the same step.")),
        (_("Journey"), _("A customer’s contacts until there is none for the time that is chosen.")),
        (_("Way"), _("From one step to the next; “Taken” is how often, “Customers” by how many of them.")),
        (_("Half within"), _("The time that half of those who went this way did not exceed.")),
        (_("Drop out"), _("The share of a step that was the last of its journey.")),
    ),
    TOGETHER: (
        (_("Purchases with both"), _("Purchases with at least one of each of the two products.")),
        (_("Lift"), _("How many times as often as by chance both are bought together.")),
        (_("Share of the product’s purchases"), _("Of all purchases with the first product, those with the other one too.")),
        (_("Hit at all"), _("The share of customers who bought at least one of ten named products.")),
        (_("Recall"), _("The share of what was bought that had been named.")),
        (_("nDCG"), _("From 0 to 1: how much of what was bought was named, and how near to the top.")),
    ),
    LIFETIME: (
        (
            _("Still a customer"),
            _(
                "The chance that somebody who bought so often, and so long ago, will buy again: the longer the silence beyond the"
                " usual pause, the smaller it is."
            ),
        ),
        (_("Expected orders, revenue"), _("What such customers order and bring in the next 12 months, on average.")),
        (_("Due"), _("The day by which half of such customers have ordered again.")),
        (_("Weeks held out"), _("The newest weeks, which were foretold from those before them alone.")),
        (_("Mean error"), _("By how many orders a customer is missed, on average; root mean squared weighs large errors more.")),
        (_("Log-likelihood"), _("How well a model fits what happened; nearer to zero is better.")),
    ),
    LEAVING: (
        (_("Risk of leaving"), _("The chance to buy nothing for the time that is named, or of what the chosen field says.")),
        (_("AUC"), _("How often somebody who left had a higher risk than somebody who stayed; 0.5 is a coin, 1 is always.")),
        (_("PR-AUC"), _("How many of those with the highest risks really left, over all ways to draw the line.")),
        (_("Brier"), _("The mean squared miss of the risks; 0 is best.")),
        (_("ECE"), _("How far foretold shares lie from those that came, on average; 0 is best.")),
        (_("Lift"), _("How many times as many leave among those with the highest risk as among all.")),
    ),
    FORECAST: (
        (_("Net revenue"), _("The value of all orders of the period, also of those whose customer is not known.")),
        (_("80 %, 95 %"), _("In so many of 100 cases what comes lies within, as it did on earlier days.")),
        (_("Off by"), _("How far what was foretold lay from what came.")),
        (_("MASE"), _("The error in naive steps: below 1 it is nearer than saying the same as before.")),
    ),
    FIVE: (
        (_("Total value"), _("Everything that was sold, less what was taken back.")),
        (_("Potential"), _("What is expected in the next 12 months, if customers go on as others with the same history.")),
        (_("Profitability"), _("What is left after goods, service, campaigns and delivery, at the costs that are set.")),
        (_("Insight"), _("Answers, reviews, ideas and tests, at the values that are set; it stands beside money.")),
        (_("Influence"), _("A share of what those contribute who came through a customer; counted once.")),
    ),
    CONTRACTS: (
        (_("Met it"), _("Contracts that have come to this renewal by the day.")),
        (_("Still there, renewed"), _("Of all contracts; of those that met this renewal.")),
        (_("Expected"), _("What customers do whose chance to end a contract differs from one to the next (sBG).")),
    ),
}  # fmt: skip
