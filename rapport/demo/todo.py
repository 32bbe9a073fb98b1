"""What the demo company's staff have to do, what they said to each other about customers, and two files they kept."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rapport.customers.demo import CustomerRow, ProfileRow
from rapport.demo import company
from rapport.demo.ledger import dice_for, public_id
from rapport.work.demo import CommentRow, FileRow, TaskRow

_OWNED_LOOKED_AT = 60
_TITLES = (
    "Call about the yearly order",
    "Send the quote for the second grinder",
    "Ask how the new blend went down",
    "Visit with samples of the spring roast",
    "Settle the late delivery",
    "Check the address for the next parcel",
    "Offer the service contract",
)
_ON_NOTHING = ("Order samples for the fair", "Tidy the list of resellers", "Prepare the Monday meeting")
_COMMENTS = (
    ("Prefers to be called before ten. @{name}, you know her best.", True),
    ("Paid by return of post, as ever.", False),
    ("Wants the invoice on paper; the portal is no use to them.", False),
    ("@{name} can we match last year’s price?", True),
    ("Second shop opens in spring: https://crm.example.com/spring", False),
)


@dataclass(frozen=True)
class ToDo:
    tasks: list[TaskRow]
    comments: list[CommentRow]
    files: list[FileRow]


def imagine_work(
    customers: Sequence[CustomerRow], profiles: Sequence[ProfileRow], *, seed: int, today: date, now: datetime
) -> ToDo:
    """Tasks around `today` about customers that somebody owns; nothing is written or done after `now`."""
    dice = dice_for(seed, "work")
    profile_of: dict[int, int] = {}
    for place, seen in enumerate(profiles, 1):
        profile_of.setdefault(seen.customer, place)
    owned = [
        (profile_of[place], row.owner)
        for place, row in enumerate(customers, 1)
        if row.owner in company.FIELD_SALES and place in profile_of
    ][:_OWNED_LOOKED_AT]
    tasks, comments = [], []
    for number, (profile, owner) in enumerate(owned):
        written_at = now - timedelta(days=dice.randint(1, 20), minutes=dice.randint(0, 300))
        done_at = written_at + timedelta(hours=dice.randint(1, 20)) if number % 3 == 2 else None
        due_on = None if number % 7 == 6 else today + timedelta(days=dice.randint(-3, 14))
        tasks.append(
            TaskRow(
                public_id(dice), profile, _TITLES[number % len(_TITLES)], due_on, 3 if number % 9 == 0 else 2, owner,
                company.ADMINISTRATOR if number % 5 == 0 else owner, written_at, done_at,
            )
        )  # fmt: skip
        if number < 2 * len(_COMMENTS):
            text, names_owner = _COMMENTS[number % len(_COMMENTS)]
            text = text.format(name=company.STAFF[owner - 1].name)
            named = (owner,) if names_owner else ()
            comments.append(CommentRow(public_id(dice), profile, text, named, company.ADMINISTRATOR, written_at))
    for title in _ON_NOTHING:
        for person in (company.ADMINISTRATOR, company.FIELD_SALES[0], company.AGENTS[0]):
            due_on = today + timedelta(days=dice.randint(0, 9))
            tasks.append(
                TaskRow(public_id(dice), None, title, due_on, 2, person, person, now - timedelta(days=2), None)
            )
    files = [
        FileRow(public_id(dice), profile, name, content, owner, now - timedelta(days=1))
        for (profile, owner), (name, content) in zip(owned, _files(), strict=False)
    ]
    return ToDo(tasks, comments, files)


def _files() -> list[tuple[str, bytes]]:
    quote = "Item;Pieces;Price\r\nGrinder;1;420,00\r\nEspresso 1 kg;12;19,50\r\n"
    return [("shop-front.png", _picture(96, 64)), ("quote-grinder.csv", quote.encode())]


def _picture(width: int, height: int) -> bytes:
    """A house front in two colors, as a PNG."""
    rows = b"".join(
        b"\0" + b"".join(b"\xd9\x8f\x4e" if 20 < x < width - 20 and y > 20 else b"\xbf\xd9\xec" for x in range(width))
        for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
