"""Who referred whom, without going round in circles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

Link = tuple[int, date | None, int]  # who referred her, since when, id of the relationship


def without_cycles(links: Mapping[int, Link]) -> tuple[dict[int, int], int]:
    """`links` by who was referred. The referrer of each, and how many links were cut: the newest of each circle.

    Everybody has one referrer at most, so whoever follows referrers upwards comes to an end or goes round in one circle.
    """
    kept = {referred: link[0] for referred, link in links.items()}
    finished: set[int] = set()
    cut = 0
    for start in sorted(links):
        path: list[int] = []
        on_path: set[int] = set()
        at: int | None = start
        while at is not None and at in kept and at not in finished and at not in on_path:
            path.append(at)
            on_path.add(at)
            at = kept[at]
        if at is not None and at in on_path:
            circle = path[path.index(at) :]
            del kept[max(circle, key=lambda referred: _age(links[referred]))]
            cut += 1
        finished.update(path)
    return kept, cut


def _age(link: Link) -> tuple[date, int]:
    """A link of unknown age counts as the newest."""
    return link[1] or date.max, link[2]
