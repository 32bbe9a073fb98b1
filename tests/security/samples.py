"""One of everything, of Bob in team North, for the tests that walk all URLs. A room adds its pages here.

`SAMPLES` gives the ids in the path of a URL, `BODIES` a form that would be accepted, by the name of the URL. Every URL
with a place in its path must be in one of `SAMPLES` and `WITHOUT_SAMPLE`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from rapport.accounts import actions
from rapport.accounts.models import Invitation, Role, Team
from rapport.commerce.models import Order, OrderKind, OrderLine, Product
from rapport.core.acting import SYSTEM, acting
from rapport.customers.tests.world import make_customer, touch
from rapport.records.models import Import, ImportState
from tests.world import NOW

TEXT_COLUMNS = ("given_name", "family_name", "organization", "job_title", "street", "postal_code", "city", "region")


@dataclass
class World:
    """Who is there, and what Bob has. `text` is what every text of his says."""

    people: dict[str, Any]
    text: str
    customer: Any = None
    product: Any = None
    order: Any = None
    imported: Any = None
    invitation: Any = None
    extra: dict[str, Any] = field(default_factory=dict)


def fill(world: World) -> World:
    bob, ada, text = world.people["bob"], world.people["ada"], world.text
    values = dict.fromkeys(TEXT_COLUMNS, text) | {"email": "bob.customer@example.com", "phone": "+442079460958"}
    world.customer = make_customer(text, owner=bob, external_id=text[:40], raw={"Name": text}, **values)
    source = world.customer.pk and _source_id()
    touch(world.customer, "note", summary=text)
    with acting(SYSTEM):
        world.product = Product.objects.create(
            source_id=source, code=text[:60], name=text, category=text, price_micros=10**6, currency="GBP"
        )
        world.order = Order.objects.create(
            source_id=source, external_id=text[:60], kind=OrderKind.SALE, customer=world.customer, channel="web_shop",
            currency="GBP", total_micros=10**6, line_count=1, placed_at=NOW - timedelta(days=3),
        )  # fmt: skip
        OrderLine.objects.create(
            order=world.order, number=1, product=world.product, description=text, quantity=1,
            unit_price_micros=10**6, amount_micros=10**6,
        )  # fmt: skip
        world.imported = Import.objects.create(
            file_name=text, file_digest="0" * 64, file_size=3, started_by=bob, actor_label=bob.name, failure=text,
            state=ImportState.DONE, importer="people",
        )  # fmt: skip
        Team.objects.filter(pk=bob.team_id).update(name=text)
        world.extra["team"] = Team.objects.get(pk=bob.team_id)
        world.extra["role"] = Role.objects.create(name=text, scope="own", rights=[])
    world.invitation, _link = actions.invite(
        email="guest@example.com", name=text, role=bob.role, team=None, by=ada, now=NOW
    )
    with acting(SYSTEM):
        Invitation.objects.update(expires_at=NOW + timedelta(days=36500))
    return world


def _source_id() -> int:
    from rapport.customers.actions import ensure_source

    with acting(SYSTEM):
        return int(ensure_source("shop", label="Shop", priority=100).pk)


def _purpose_id() -> Any:
    from rapport.customers.models import Purpose

    return Purpose.objects.order_by("pk")[0].public_id


def _customer(world: World) -> dict[str, Any]:
    return {"public_id": world.customer.public_id}


def _details(world: World) -> dict[str, Any]:
    """The edit form of the customer as it opens."""
    world.customer.refresh_from_db()
    fields = ("version", *TEXT_COLUMNS, "name", "email", "phone")
    return {field: getattr(world.customer, field) for field in fields}


def _bob(world: World) -> dict[str, Any]:
    return {"public_id": world.people["bob"].public_id}


def _import(world: World) -> dict[str, Any]:
    return {"public_id": world.imported.public_id}


SAMPLES: dict[str, Callable[[World], dict[str, Any]]] = {
    "customer": _customer,
    "customer_edit": _customer,
    "customer_log": _customer,
    "customer_owner": _customer,
    "customer_consents": _customer,
    "customer_consent_record": _customer,
    "customer_consent_withdraw": _customer,
    "customer_consent_ask": _customer,
    "purpose": lambda world: {"public_id": _purpose_id()},
    "order": lambda world: {"public_id": world.order.public_id},
    "product": lambda world: {"public_id": world.product.public_id},
    **dict.fromkeys(
        (
            "import",
            "import_answers",
            "import_cancel",
            "import_continue",
            "import_discard",
            "import_undo",
            "import_refused",
        ),
        _import,
    ),
    "staff-withdraw": lambda world: {"public_id": world.invitation.public_id},
    "staff-member": _bob,
    "staff-member-active": _bob,
    "staff-member-link": _bob,
    "team": lambda world: {"public_id": world.extra["team"].public_id},
    "team-remove": lambda world: {"public_id": world.extra["team"].public_id},
    "role": lambda world: {"public_id": world.extra["role"].public_id},
    "role-remove": lambda world: {"public_id": world.extra["role"].public_id},
}

# places in a path that are not the id of a record, or whose record only its owner can make: name → why
WITHOUT_SAMPLE = {
    "join": "a token, not an id; tested in rapport/accounts/tests/test_staff.py",
    "account_reset_password_from_key": "a token, not an id; tested in rapport/accounts/tests/test_sign_in.py",
    "consent_confirm": "a token, not an id; tested in rapport/customers/tests/test_consents_pages.py",
    "account_confirm_email": "closed",
    "mfa_edit_webauthn": "a key of one's own; allauth looks only among those",
    "mfa_remove_webauthn": "a key of one's own; allauth looks only among those",
}

# records that belong to nobody: whoever has the right sees them all
SHARED = {"product", "purpose"}

# what anybody on the staff may change: themselves
ONESELF = {"profile", "theme", "shortcuts"}

BODIES: dict[str, Callable[[World], dict[str, Any]]] = {
    "customer_new": lambda _: {"kind": "person", "name": "New Customer", "email": "new.customer@example.com"},
    "customer_edit": lambda world: _details(world) | {"name": "Changed", "city": "Leeds"},
    "customer_log": lambda _: {"kind": "call", "text": "Said hello"},
    "customer_consent_record": lambda _: {
        "purpose": "newsletter", "channel": "email", "status": "granted", "origin": "a call",
    },
    "customer_consent_withdraw": lambda _: {"purpose": "newsletter", "channel": "email"},
    "customer_consent_ask": lambda _: {"purpose": "newsletter", "channel": "sms"},
    "purposes": lambda _: {"label": "Surveys", "is_marketing": "on"},
    "purpose": lambda _: {"label": "Surveys", "is_marketing": "on"},
    "customer_owner": lambda world: {"owner": world.people["alice"].public_id},
    "profile": lambda _: {"name": "Renamed", "time_zone": "Asia/Seoul", "theme": "dark"},
    "theme": lambda _: {"theme": "dark"},
    "shortcuts": lambda _: {"shortcuts": "off"},
    "staff-invite": lambda world: {"email": "z@example.com", "name": "Zed", "role": world.people["bob"].role.public_id},
    "staff-member": lambda world: {"role": world.people["rita"].role.public_id, "team": ""},
    "staff-member-active": lambda _: {"active": "0"},
    "teams": lambda _: {"name": "East", "parent": ""},
    "team": lambda _: {"name": "Renamed", "parent": ""},
    "role-new": lambda _: {"name": "Helper", "scope": "own", "rights": ["customers.view"]},
    "role": lambda _: {"name": "Helper", "scope": "team", "rights": ["customers.view"]},
}


def body_for(name: str, world: World) -> dict[str, Any]:
    """A form that would be accepted, or for pages without one of their own, ids of Bob's under every likely name."""
    if name in BODIES:
        return BODIES[name](world)
    mine = str(world.customer.public_id)
    names = ("id", "ids", "customer", "customer_id", "parent_id", "order", "owner", "selected", "row", "merge_with")
    return dict.fromkeys(names, mine) | {"name": "Taken", "text": "Taken", "kind": "call", "active": "0"}
