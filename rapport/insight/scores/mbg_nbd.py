"""MBG/NBD: like BG/NBD, but a customer may leave right after the first purchase too.

Batislam, Denizel and Filiztekin, Empirical validation and comparison of models for customer base analysis, International
Journal of Research in Marketing 24(3), 2007.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rapport.insight.scores.beta_geometric import BetaGeometric, fit_beta_geometric
from rapport.insight.scores.histories import Histories
from rapport.insight.scores.repeat_buying import Fitted


@dataclass(frozen=True)
class MbgNbd(BetaGeometric):
    name: ClassVar[str] = "MBG/NBD"
    more_chances: ClassVar[int] = 1


def fit(histories: Histories) -> Fitted:
    """The MBG/NBD that explains these histories best, in their unit of time. Raises UnableToFit in words."""
    return fit_beta_geometric(MbgNbd, MbgNbd.more_chances, histories)
