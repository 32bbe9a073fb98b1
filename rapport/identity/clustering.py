"""Which profiles are one customer: a pure function of the profiles, what they share, links, never-pairs and rules.

No database and no clock here, and no memory of what was decided before: the same facts give the same customers, in
whichever order they arrived. Homes (the customers that profiles were made for) are joined pair by pair, the strongest
evidence first, and a join that would bring together what contradicts is left in doubt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations

LINKED = 0  # the kind of evidence that a link is
PHONE = 2
MOST_HOMES = 200


@dataclass(frozen=True)
class Member:
    """A profile as far as it tells who it is. Names are folded; `home` is the customer the profile was made for."""

    profile: int
    home: int
    source: int
    is_typed: bool = False
    kind: str = "person"
    born_on: date | None = None
    name: str = ""
    family: str = ""
    emails: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Value:
    """A value that several profiles state, of a kind whose rule lets it join."""

    kind: int
    value: str
    priority: int
    typed_joins: bool
    profiles: tuple[int, ...]


@dataclass(frozen=True)
class Doubt:
    one: int
    other: int
    kind: int
    reason: str


@dataclass
class Clusters:
    """The result: each home's group by the smallest home in it, what joined each home, and what stays in doubt."""

    group_of: dict[int, int]
    kinds_of: dict[int, list[int]] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)

    def groups(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for home in sorted(self.group_of):
            found[self.group_of[home]].append(home)
        return dict(found)


@dataclass(frozen=True)
class _Pair:
    one: int
    other: int
    value: Value


def cluster(
    members: Sequence[Member],
    values: Iterable[Value],
    *,
    links: Iterable[tuple[int, int]] = (),
    nevers: Iterable[tuple[int, int]] = (),
) -> Clusters:
    """Join the homes of `members`. Links and never-pairs name profiles; those of unknown profiles say nothing."""
    work = _Work(members, nevers)
    work.link(links)
    doubts: dict[tuple[int, int], Doubt] = {}
    for pair in sorted(_pairs(values, work.members), key=_strength):
        reason = work.why_not(pair)
        if not reason:
            work.join(pair.one, pair.other, pair.value.kind)
        elif reason != _APART:
            doubts.setdefault((pair.one, pair.other), Doubt(pair.one, pair.other, pair.value.kind, reason))
    group_of = {home: work.find(home) for home in work.parent}
    kept = [d for d in doubts.values() if group_of[work.home(d.one)] != group_of[work.home(d.other)]]
    kinds = {home: sorted(kinds) for home, kinds in work.kinds.items()}
    return Clusters(group_of, kinds, sorted(kept, key=lambda d: (d.one, d.other)))


_APART = "never"


def _strength(pair: _Pair) -> tuple[int, str, int, int]:
    return pair.value.priority, pair.value.value, pair.one, pair.other


def _pairs(values: Iterable[Value], members: Mapping[int, Member]) -> Iterator[_Pair]:
    for value in values:
        known = sorted(profile for profile in value.profiles if profile in members)
        for one, other in combinations(known, 2):
            if members[one].home != members[other].home:
                yield _Pair(one, other, value)


class _Work:
    """Groups under way: a forest of homes in which the smallest home is the root, and what each group holds."""

    def __init__(self, members: Sequence[Member], nevers: Iterable[tuple[int, int]]) -> None:
        self.members = {member.profile: member for member in members}
        self.parent = {member.home: member.home for member in members}
        self.content: dict[int, list[Member]] = defaultdict(list)
        for member in sorted(members, key=lambda m: m.profile):
            self.content[member.home].append(member)
        self.kinds: dict[int, set[int]] = defaultdict(set)
        self.contested: dict[tuple[int, str], bool] = {}
        self.linked: dict[int, int] = {}
        self.nevers: dict[int, set[int]] = defaultdict(set)
        for one, other in nevers:
            if one in self.members and other in self.members:
                self.nevers[self.home(one)].add(self.home(other))
                self.nevers[self.home(other)].add(self.home(one))

    def link(self, links: Iterable[tuple[int, int]]) -> None:
        for one, other in links:
            if one in self.members and other in self.members:
                self.join(one, other, LINKED)
        self.linked = {home: self.find(home) for home in self.parent}

    def home(self, profile: int) -> int:
        return self.members[profile].home

    def find(self, home: int) -> int:
        while self.parent[home] != home:
            self.parent[home] = self.parent[self.parent[home]]
            home = self.parent[home]
        return home

    def join(self, one: int, other: int, kind: int) -> None:
        self.kinds[self.home(one)].add(kind)
        self.kinds[self.home(other)].add(kind)
        low, high = sorted((self.find(self.home(one)), self.find(self.home(other))))
        if low != high:
            self.parent[high] = low
            self.content[low] += self.content.pop(high)

    def why_not(self, pair: _Pair) -> str:
        """The reason not to join the two, or nothing."""
        one, other = self.members[pair.one], self.members[pair.other]
        left, right = self.find(one.home), self.find(other.home)
        if left == right:
            return ""
        if self._is_kept_apart(left, right):
            return _APART
        if (one.is_typed or other.is_typed) and not pair.value.typed_joins:
            return "typed"
        reason = contradiction(one, other)
        if reason:
            return reason
        if pair.value.kind == PHONE and one.family and other.family and one.family != other.family:
            return "name"
        if not _same_name(one, other) and self._is_contested(pair.value):
            return "ambiguous"
        if len(self.content[left]) + len(self.content[right]) > MOST_HOMES:
            return "too_many"
        return "together" if self._would_contradict(left, right, pair) else ""

    def _is_kept_apart(self, left: int, right: int) -> bool:
        small, large = sorted((left, right), key=lambda root: len(self.content[root]))
        return any(
            self.find(never) == large for member in self.content[small] for never in self.nevers.get(member.home, ())
        )

    def _would_contradict(self, left: int, right: int, pair: _Pair) -> bool:
        both = {pair.one, pair.other}
        return any(
            contradiction(one, other)
            for one in self.content[left]
            for other in self.content[right]
            if {one.profile, other.profile} != both
        )

    def _is_contested(self, value: Value) -> bool:
        """Whether some who state the value cannot be one customer: then it alone does not say whose it is."""
        key = value.kind, value.value
        if key not in self.contested:
            stating = [self.members[p] for p in value.profiles if p in self.members and not self.members[p].is_typed]
            self.contested[key] = any(
                contradiction(one, other)
                for one, other in combinations(stating, 2)
                if self.linked[one.home] != self.linked[other.home]
            )
        return self.contested[key]


def contradiction(one: Member, other: Member) -> str:
    """Why two profiles cannot be one customer by evidence alone, or nothing."""
    if one.kind != other.kind:
        return "kind"
    if one.born_on is not None and other.born_on is not None and one.born_on != other.born_on:
        return "born"
    is_one_source = one.source == other.source and not one.is_typed and one.home != other.home
    if is_one_source and not (one.emails & other.emails and _same_name(one, other)):
        return "same_source"
    return ""


def _same_name(one: Member, other: Member) -> bool:
    return bool(one.name) and one.name == other.name
