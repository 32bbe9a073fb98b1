"""BG/NBD: customers buy at a rate of their own and may leave for good right after a repeat purchase.

Fader, Hardie and Lee, "Counting Your Customers" the Easy Way, Marketing Science 24(2), 2005. Who never bought again cannot
have left by this model, so its chance of being alive says nothing of them; MBG/NBD and Pareto/NBD do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rapport.insight.scores.beta_geometric import BetaGeometric, fit_beta_geometric
from rapport.insight.scores.histories import Histories
from rapport.insight.scores.repeat_buying import Fitted


@dataclass(frozen=True)
class BgNbd(BetaGeometric):
    name: ClassVar[str] = "BG/NBD"
    more_chances: ClassVar[int] = 0


def fit(histories: Histories) -> Fitted:
    """The BG/NBD that explains these histories best, in their unit of time. Raises UnableToFit in words."""
    return fit_beta_geometric(BgNbd, BgNbd.more_chances, histories)
