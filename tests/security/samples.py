"""One of everything, of Bob in team North, for the tests that walk all URLs. A room adds its pages here.

`SAMPLES` gives the ids in the path of a URL, `BODIES` a form that would be accepted, by the name of the URL. Every URL
with a place in its path must be in one of `SAMPLES` and `WITHOUT_SAMPLE`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection

from rapport.accounts import actions
from rapport.accounts.models import Invitation, Role, Team
from rapport.commerce.models import Order, OrderKind, OrderLine, Product
from rapport.core.acting import SYSTEM, acting
from rapport.customers.tests.world import make_customer, touch
from rapport.privacy.models import Erasure, PersonExport
from rapport.records.models import CustomField, Export, ExportState, Import, ImportState
from rapport.records.record_kinds import find_record
from rapport.work.sharing import share_record
from rapport.work.tests.world import make_comment, make_file, make_task
from tests.security.bodies import MORE_BODIES
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
    _make_contacts(world, bob, text)
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
        world.extra["export"] = Export.objects.create(
            list_name="customer", query="", columns=["name"], file_format="csv", state=ExportState.FAILED, failure=text,
            file_name=text, asked_by=bob,
        )  # fmt: skip
        Team.objects.filter(pk=bob.team_id).update(name=text)
        world.extra["team"] = Team.objects.get(pk=bob.team_id)
        world.extra["role"] = Role.objects.create(name=text, scope="own", rights=[])
    world.extra["bulk"] = _select(world, bob)
    world.extra["view"], world.extra["trashed_view"] = _save_views(bob, text)
    _save_reports(world, bob, text)
    world.extra["field"] = _make_field(world, ada, text)
    world.extra["order_field"] = CustomField.objects.get(object="order")
    _put_work(world, bob, text)
    world.extra["person_export"] = PersonExport.objects.create(
        customer_id=world.customer.pk, asked_by=bob, asked_at=NOW, expires_at=NOW + timedelta(days=36500), failure=text
    )
    world.extra["erasure"] = Erasure.objects.create(ground="asked", asked_by=bob, actor_label=text, asked_at=NOW)
    world.invitation, _link = actions.invite(
        email="guest@example.com", name=text, role=bob.role, team=None, by=ada, now=NOW
    )
    with acting(SYSTEM):
        Invitation.objects.update(expires_at=NOW + timedelta(days=36500))
    world.extra["token"] = _make_token(bob, text)
    world.extra["trashed"], world.extra["command"] = _trash(bob, text)
    world.extra["link"], world.extra["blocked"] = _make_merge(world, bob, text)
    world.extra["webhook"], world.extra["told"] = _make_webhook(bob, text)
    world.extra["segment"] = _make_segments(world, bob, text)
    world.extra["tag"], world.extra["other_tag"] = _make_tags(world, bob, text)
    world.extra["draft"] = _make_draft(bob, text)
    return world


def _make_draft(bob: Any, text: str) -> Any:
    """An import of Bob's about which nothing is answered yet."""
    from rapport.records.imports.actions import answer_import, begin_import
    from rapport.records.imports.converting import take_in

    written = io.StringIO(newline="")
    csv.writer(written).writerows([["Name", "City"], ["Draft Person", text]])
    content = written.getvalue().encode()
    job = begin_import(take_in([content], at_most=1 << 20), file_name=text[:60], by=bob, now=NOW)
    answer_import(job, {})
    return job


def _make_tags(world: World, bob: Any, text: str) -> tuple[Any, Any]:
    """A tag of the text on Bob's customer, and one that nobody has."""
    from rapport.records.models import Tag
    from rapport.records.tags.actions import ensure_tags
    from rapport.records.tags.tagging import Tagging, read_labels, tagged_objects

    values = ensure_tags("customer", [(read_labels(text) or ["Taken"])[0][:40]], by=bob)
    tagged_objects()["customer"].write(Tagging({world.customer.pk: values}, {}, bob, NOW))
    other = ensure_tags("customer", ["Another"], by=bob)
    return Tag.objects.get(value=values[0]), Tag.objects.get(value=other[0])


def _make_segments(world: World, bob: Any, text: str) -> Any:
    """A list with Bob's customer in it, and a segment that asks for a city of the text."""
    from rapport.segments.actions import make_segment, put_into
    from rapport.segments.definitions import definition_of
    from rapport.segments.keeping import catch_up, rebuild

    asked = definition_of([f"city.is:{text[:100]}"])
    make_segment(f"1 {text[:70]}", note=text, definition=asked, by=bob, made_by=bob, now=NOW)
    listed = make_segment(text[:80], note=text, is_static=True, by=bob, made_by=bob, now=NOW)
    put_into(listed, [world.customer.pk], by=bob, now=NOW)
    rebuild(now=NOW)
    catch_up(now=NOW)
    return listed


def _make_webhook(bob: Any, text: str) -> tuple[Any, Any]:
    """An endpoint of Bob's, what it was told, and what it answered."""
    from rapport.webhooks.models import Attempt, Endpoint, Message

    with acting(bob):
        made = Endpoint.objects.create(
            url="https://hooks.example.com/in", description=text, types=["customer.added"], owner=bob,
            made_at=NOW,
        )  # fmt: skip
    told = Message.objects.create(
        endpoint=made, event_id="00000000-0000-4000-8000-000000000001", type="customer.added", about="customer",
        ids=[text], more={"changed": [text]}, state="failed", next_try_at=None, ended_at=NOW, try_count=1,
    )  # fmt: skip
    Attempt.objects.create(message=told, number=1, tried_at=NOW, took_ms=7, status=500, problem="status", answer=text)
    return made, told


def fill_own(world: World) -> World:
    """A second world beside a filled one: of whoever is `bob` here, only what there can be two of."""
    bob, text = world.people["bob"], world.text
    world.customer = make_customer(text, owner=bob, external_id=text[:40])
    with acting(SYSTEM):
        world.order = Order.objects.create(
            source_id=_source_id(), external_id=text[:60], kind=OrderKind.SALE, customer=world.customer, currency="GBP",
            channel="web_shop", total_micros=10**6, line_count=0, placed_at=NOW - timedelta(days=3),
        )  # fmt: skip
    _make_contacts(world, bob, text)
    world.extra["bulk"] = _select(world, bob)
    world.extra["view"], world.extra["trashed_view"] = _save_views(bob, text)
    _save_reports(world, bob, text)
    _put_work(world, bob, text)
    world.extra["trashed"], world.extra["command"] = _trash(bob, text)
    world.extra["link"], world.extra["blocked"] = _make_merge(world, bob, text)
    world.extra["draft"] = _make_draft(bob, text)
    return world


def _make_token(bob: Any, text: str) -> Any:
    """A token of Bob's, by which no program acts."""
    from rapport.accounts.models import ApiToken

    with acting(bob):
        return ApiToken.objects.create(
            name=text, owner=bob, token_hash="of nothing", rights=["customers.view"], made_at=NOW,
            expires_at=NOW + timedelta(days=36500),
        )  # fmt: skip


def _make_merge(world: World, bob: Any, text: str) -> tuple[Any, Any]:
    """Two customers of Bob's that were made one, a third that may be the same, and a value that points at nobody."""
    from rapport.customers.models import Identifier, Profile
    from rapport.identity.actions import merge_customers
    from rapport.identity.models import BlockedValue, Link
    from rapport.identity.queries import every_profile_to_resolve
    from rapport.identity.resolving import IDENTITY, resolve_profiles

    one, other, third = (make_customer(text, owner=bob, external_id=f"{n}-{text[:40]}") for n in range(3))
    with acting(SYSTEM):
        for profile in Profile.objects.filter(customer__in=[one, third]):
            Identifier.objects.create(
                kind=3, value_norm=f"card-{bob.pk}", profile=profile, customer_id=profile.customer_id
            )  # fmt: skip
        blocked, _made = BlockedValue.objects.get_or_create(value="desk@", defaults={"note": text[:100]})
    merge_customers(one.pk, [other.pk], by=bob, now=NOW, reason=text[:100])
    world.extra["merged"], world.extra["joined"], world.extra["doubted"] = one, other, (one, third)
    resolve_profiles(every_profile_to_resolve(), by=IDENTITY, now=NOW)
    return Link.objects.latest("pk"), blocked


def _make_field(world: World, ada: Any, text: str) -> Any:
    """A field of the business's own, on customers and on products, that holds the text in everything it says."""
    from rapport.customers.survivorship.deriving import derive_customers
    from rapport.records.custom_fields.actions import add_field, choices_from

    choices = choices_from([text[:60]], [])
    for object_name in ("product", "order"):
        made = add_field(object_name, label=text[:60], kind="text", by=ada, help_text=text, is_column=True)
        table = f"commerce_{object_name}"
        with acting(ada), connection.cursor() as cursor:
            cursor.execute(f"update {table} set custom = jsonb_build_object(%s, %s::text)", [made.name, text])
    add_field("customer", label=f"{text[:50]} choice", kind="choice", by=ada, choices=choices, is_column=True)
    made = add_field("customer", label=text[:60], kind="text", by=ada, help_text=text, is_column=True)
    with acting(ada), connection.cursor() as cursor:
        cursor.execute("update customers_profile set custom = jsonb_build_object(%s, %s::text)", [made.name, text])
        derive_customers([world.customer.pk])
    return made


def _select(world: World, bob: Any) -> Any:
    """Bob has selected his customer, and means to give it to somebody."""
    from rapport.records.bulk.models import BulkRun, Selection

    rows = [str(world.customer.public_id)]
    return BulkRun.objects.create(
        selection=Selection.objects.create(object="customer", rows=rows, made_by=bob), act="assign"
    )


def _trash(bob: Any, text: str) -> tuple[Any, Any]:
    """A customer of Bob's in the trash, and what he did with it."""
    from rapport.customers.actions_trash import trash_customer
    from rapport.customers.editing.noting import note_trashed

    trashed = make_customer(text, owner=bob, external_id=f"trash-{text[:40]}")
    trash_customer(trashed, by=bob, now=NOW)
    command = note_trashed(trashed, by=bob, now=NOW)
    type(command).objects.update(expires_at=NOW + timedelta(days=36500))
    return trashed, command


def _save_views(bob: Any, text: str) -> tuple[Any, Any]:
    """Two views of Bob's over customers that say the text; the second is in the trash."""
    from rapport.records.saved_views.actions import pin_view, save_view, trash_view

    asked = {"q": [text[:60]], "sort": ["name"]}
    kept, other = (
        save_view("customer", name=f"{n} {text[:50]}", asked=asked, columns=["name", "city:wide"], by=bob, now=NOW)
        for n in range(2)
    )
    pin_view(kept, True, by=bob)
    trash_view(other, by=bob, now=NOW)
    return kept, other


def _save_reports(world: World, bob: Any, text: str) -> None:
    """Two reports and two dashboards of Bob's that say the text; the second of each is in the trash."""
    from rapport.insight.report_builder.actions import save_dashboard, save_report, trash

    asked = {"of": ["customer"], "by": ["city"], "q": [text[:60]]}
    world.extra["report"], world.extra["trashed_report"] = (
        save_report(name=f"{n} {text[:50]}", asked=asked, by=bob, now=NOW) for n in range(2)
    )
    tiles = [f"report:{world.extra['report'].public_id}"]
    world.extra["dashboard"], world.extra["trashed_dashboard"] = (
        save_dashboard(name=f"{n} {text[:50]}", tiles=tiles, by=bob, now=NOW) for n in range(2)
    )
    trash(world.extra["trashed_report"], by=bob, now=NOW)
    trash(world.extra["trashed_dashboard"], by=bob, now=NOW)


def _put_work(world: World, bob: Any, text: str) -> None:
    """A task of Bob's on his customer, with what was said about it and a file."""
    world.extra["task"] = make_task(text[:200], by=bob, on=world.customer, text=text)
    world.extra["comment"] = make_comment(text, by=bob, on=world.customer)
    world.extra["share"] = _share(world.customer, world.people["ada"], by=bob)
    world.extra["attachment"] = make_file(text[:100], b"of Bob", by=bob, on=world.customer)


def _task_form(world: World) -> dict[str, Any]:
    task = world.extra["task"]
    return {
        "title": "Taken", "text": "Taken", "priority": 2, "assignee": "", "due_on": "", "due_time": "", "remind_at": "",
        "version": task.version,
    }  # fmt: skip


def _on_customer(world: World) -> dict[str, Any]:
    return {"kind": "customer", "public_id": world.customer.public_id}


def _share(customer: Any, whom: Any, *, by: Any) -> Any:
    """With somebody who reaches it anyway, so that it opens nothing."""
    record = find_record(by, "customer", customer.public_id)
    return share_record(record, whom, may_edit=False, ends_at=None, by=by, now=NOW)[0]


def _make_contacts(world: World, bob: Any, text: str) -> None:
    """A further e-mail address and postal address of the customer, and somebody around her."""
    from rapport.customers.contact_points.actions import add_contact_point
    from rapport.customers.contact_points.reading import ways_of
    from rapport.customers.relationships.actions import add_relationship

    point = add_contact_point(world.customer, "email", {"value": "home@example.com", "label": ""}, by=bob, now=NOW)
    address = {"street": f"2 {text}", "city": text, "region": text, "label": "billing"}
    add_contact_point(world.customer, "address", address, by=bob, now=NOW)
    neighbor = make_customer(f"Neighbor {text}", owner=bob, external_id=f"neighbor-{text[:30]}")
    world.extra["contact_point"], world.extra["neighbor"] = point, neighbor
    world.extra["way"] = ways_of(type(world.customer)(), [], [point], files={})[0].key
    world.extra["relationship"] = add_relationship(world.customer, neighbor, "household", role=text, by=bob, now=NOW)
    world.customer.refresh_from_db()


def _source_id() -> int:
    from rapport.customers.actions import ensure_source

    with acting(SYSTEM):
        return int(ensure_source("shop", label="Shop", priority=100).pk)


def _purpose_id() -> Any:
    from rapport.customers.models import Purpose

    return Purpose.objects.order_by("pk")[0].public_id


def _customer(world: World) -> dict[str, Any]:
    return {"public_id": world.customer.public_id}


def _next_action(world: World) -> dict[str, Any]:
    return {**_customer(world), "rule": "ask_missing"}


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
    **dict.fromkeys(
        ("task", "task_edit", "task_done", "task_cancel", "task_reopen", "task_snooze", "task_trash"),
        lambda world: {"public_id": world.extra["task"].public_id},
    ),
    **dict.fromkeys(
        ("comment_edit", "comment_delete", "comment_restore"),
        lambda world: {"public_id": world.extra["comment"].public_id},
    ),
    **dict.fromkeys(
        ("file", "file_trash", "file_restore"), lambda world: {"public_id": world.extra["attachment"].public_id}
    ),
    "comment_write": _on_customer,
    **dict.fromkeys(("record_follow", "people_who_see", "quick_log_on", "record_sharing"), _on_customer),
    "share_end": lambda world: {"public_id": world.extra["share"].public_id},
    "file_attach": _on_customer,
    **dict.fromkeys(
        ("trash_restore", "trash_purge"),
        lambda world: {"kind": "customer", "public_id": world.extra["trashed"].public_id},
    ),
    "change_undo": lambda world: {"public_id": world.extra["command"].public_id},
    "customer_trash": _customer,
    **dict.fromkeys(("history", "history_restore"), _on_customer),
    "person_export": _customer,
    "person_restriction": _customer,
    "person_erase": _customer,
    "person_export_download": lambda world: {"public_id": world.extra["person_export"].public_id},
    "erasure": lambda world: {"public_id": world.extra["erasure"].public_id},
    "retention_rule": lambda _: {"name": "page-views"},
    "customer": _customer,
    "customer_split": lambda world: {"public_id": world.extra.get("merged", world.customer).public_id},
    "merge_undo": lambda world: {"public_id": world.extra["link"].public_id},
    "identity_unblock": lambda world: {"public_id": world.extra["blocked"].public_id},
    "customer_edit": _customer,
    "customer_log": _customer,
    "customer_owner": _customer,
    "customer_peek": _customer,
    "customer_next_take": _next_action,
    "customer_next_refuse": _next_action,
    "customer_contacts": _customer,
    "customer_contact_first": _customer,
    "customer_contact_add": lambda world: {**_customer(world), "kind": "email"},
    "customer_vcard": _customer,
    "contact_point": lambda world: {"public_id": world.extra["contact_point"].public_id},
    "contact_point_remove": lambda world: {"public_id": world.extra["contact_point"].public_id},
    "customer_relationships": _customer,
    "customer_relationship_add": _customer,
    **dict.fromkeys(
        ("relationship", "relationship_end", "relationship_remove"),
        lambda world: {"public_id": world.extra["relationship"].public_id},
    ),
    "customer_field": lambda world: {**_customer(world), "unit": "job_title"},
    "customer_take_back": lambda world: {**_customer(world), "unit": "job_title"},
    "customer_consents": _customer,
    "customer_consent_record": _customer,
    "customer_consent_withdraw": _customer,
    "customer_consent_object": _customer,
    "customer_consent_ask": _customer,
    **dict.fromkeys(("customer_segments", "customer_segment_move", "likely_next", "customer_worth"), _customer),
    **dict.fromkeys(("segment", "segment_delete"), lambda world: {"public_id": world.extra["segment"].public_id}),
    "segment_why": lambda world: {
        "public_id": world.extra["segment"].public_id,
        "customer_id": world.customer.public_id,
    },
    "purpose": lambda world: {"public_id": _purpose_id()},
    "order": lambda world: {"public_id": world.order.public_id},
    "product": lambda world: {"public_id": world.product.public_id},
    **dict.fromkeys(("import", "import_cancel", "import_continue", "import_undo", "import_refused"), _import),
    **dict.fromkeys(
        ("import_answers", "import_discard", "import_field", "import_fields"),
        lambda world: {"public_id": world.extra["draft"].public_id},
    ),
    **dict.fromkeys(
        ("export", "export_file", "export_cancel"), lambda world: {"public_id": world.extra["export"].public_id}
    ),
    **dict.fromkeys(
        ("bulk_run", "bulk_begin", "bulk_cancel", "bulk_undo"),
        lambda world: {"public_id": world.extra["bulk"].public_id},
    ),
    **dict.fromkeys(
        ("list_view", "list_view_copy", "list_view_delete", "list_view_pin"),
        lambda world: {"public_id": world.extra["view"].public_id},
    ),
    **dict.fromkeys(
        (
            "report",
            "report_change",
            "report_delete",
            "report_file",
            "report_mail",
            "report_mail_colleague",
            "report_tile",
        ),
        lambda world: {"public_id": world.extra["report"].public_id},
    ),
    "report_restore": lambda world: {"public_id": world.extra["trashed_report"].public_id},
    **dict.fromkeys(
        (
            "dashboard",
            "dashboard_change",
            "dashboard_delete",
            "dashboard_mail",
            "dashboard_mail_colleague",
            "dashboard_move",
        ),
        lambda world: {"public_id": world.extra["dashboard"].public_id},
    ),
    "dashboard_restore": lambda world: {"public_id": world.extra["trashed_dashboard"].public_id},
    "cell": lambda world: {**_customer(world), "object_name": "customer", "field_name": "owner"},
    "list_view_restore": lambda world: {"public_id": world.extra["trashed_view"].public_id},
    **dict.fromkeys(
        ("field", "field_archive", "field_restore", "field_move"),
        lambda world: {"public_id": world.extra["field"].public_id},
    ),
    "layout": lambda world: {"public_id": world.extra["role"].public_id},
    "record_tags": lambda world: {"object_name": "customer", "public_id": world.customer.public_id},
    **dict.fromkeys(
        ("tag_rename", "tag_merge", "tag_delete"), lambda world: {"public_id": world.extra["tag"].public_id}
    ),
    "own_fields": lambda world: {"object_name": "order", "public_id": world.order.public_id},
    **dict.fromkeys(("api_get_customer", "api_update_customer", "api_log_contact"), _customer),
    **dict.fromkeys(("api_get_task", "api_finish_task"), lambda world: {"public_id": world.extra["task"].public_id}),
    **dict.fromkeys(
        (
            "webhook",
            "webhook_edit",
            "webhook_switch",
            "webhook_ping",
            "webhook_rotate",
            "webhook_replay",
            "webhook_delete",
        ),
        lambda world: {"public_id": world.extra["webhook"].public_id},
    ),
    **dict.fromkeys(
        ("webhook_message", "webhook_message_replay"),
        lambda world: {
            "public_id": world.extra["webhook"].public_id,
            "message_id": world.extra["told"].public_id,
        },
    ),
    "api_token_end": lambda world: {"public_id": world.extra["token"].public_id},
    "staff-withdraw": lambda world: {"public_id": world.invitation.public_id},
    "staff-member": _bob,
    "staff-member-active": _bob,
    "staff-member-link": _bob,
    "staff-member-email": _bob,
    "staff-member-factors": _bob,
    "team": lambda world: {"public_id": world.extra["team"].public_id},
    "team-remove": lambda world: {"public_id": world.extra["team"].public_id},
    "role": lambda world: {"public_id": world.extra["role"].public_id},
    "role-remove": lambda world: {"public_id": world.extra["role"].public_id},
}

# places in a path that are not the id of a record, or whose record only its owner can make: name → why
WITHOUT_SAMPLE = {
    "bulk_choose": "the name of a list, not an id; tested in rapport/customers/tests/test_bulk_acts.py",
    **dict.fromkeys(
        ("filter_build", "filter_count"),
        "the name of a list, not an id; tested in rapport/records/tests/test_filters_pages.py",
    ),
    **dict.fromkeys(
        ("list_views", "list_view_new", "list_open_with", "list_columns"),
        "the name of a list, not an id; tested in rapport/records/tests/test_saved_views.py",
    ),
    "tile_of_ours": "the name of a report of ours; tested in rapport/insight/tests/test_dashboards.py",
    "list_paste": "the name of a list, not an id; tested in rapport/customers/tests/test_pasting.py",
    "tags_offered": "the name of a list, not an id; tested in rapport/customers/tests/test_many.py",
    "export_new": "the name of a list, not an id; tested in rapport/records/tests/test_exporting.py",
    "join": "a token, not an id; tested in rapport/accounts/tests/test_staff.py",
    "account_reset_password_from_key": "a token, not an id; tested in rapport/accounts/tests/test_sign_in.py",
    "consent_confirm": "a token, not an id; tested in rapport/customers/tests/test_consents_pages.py",
    "api_nothing": "no path of the API; tested in tests/security/test_api.py",
    "account_confirm_email": "closed",
    "mfa_edit_webauthn": "a key of one's own; allauth looks only among those",
    "mfa_remove_webauthn": "a key of one's own; allauth looks only among those",
}

# records that belong to nobody: whoever has the right sees them all
SHARED = {"identity_unblock", "product", "purpose", "retention_rule", "segment", "segment_delete"}

# what anybody on the staff may change: themselves
ONESELF = {
    "profile", "theme", "shortcuts", "record_follow", "task_snooze", "notification_read", "notification_read_all",
    "notification_snooze", "notification_mail",
}  # fmt: skip

BODIES: dict[str, Callable[[World], dict[str, Any]]] = {
    "cell": lambda world: {
        "to": world.people["rita"].public_id,
        "was": world.people["bob"].public_id,
        "query": "as=board&by=owner",
    },
    "person_restriction": lambda _: {"ground": "disputed", "note": "says the address is wrong"},
    "person_erase": lambda world: {"ground": "asked", "name": world.customer.name},
    "task_edit": _task_form,
    "comment_write": lambda _: {"text": "Taken"},
    "record_make": lambda _: {"kind": "customer", "as": "person", "name": "Taken"},
    "customer_segment_move": lambda world: {"segment": world.extra["segment"].public_id, "do": "put"},
    "record_sharing": lambda world: {"whom": f"person:{world.people['charlie'].public_id}", "may": "edit", "until": ""},
    "quick_log_on": lambda _: {"kind": "call", "text": "Called", "task": "Taken", "due_on": "2026-12-31"},
    "customer_new": lambda _: {"kind": "person", "name": "New Customer", "email": "new.customer@example.com"},
    "customer_edit": lambda world: _details(world) | {"name": "Changed", "city": "Leeds"},
    "customer_field": lambda world: {
        "version": world.customer.version,
        "initial-job_title": world.text,
        "job_title": "Changed",
    },
    "customer_log": lambda _: {"kind": "call", "text": "Said hello"},
    "customer_consent_record": lambda _: {
        "purpose": "newsletter",
        "channel": "email",
        "status": "granted",
        "origin": "a call",
        "said_on": "2026-03-02",
        "expires_on": "2027-03-02",
        "wording": "May I?",
    },
    "customer_consent_withdraw": lambda _: {"purpose": "newsletter", "channel": "email"},
    "customer_consent_ask": lambda _: {"purpose": "newsletter", "channel": "sms"},
    "purposes": lambda _: {"label": "Surveys", "wording": "Ask me.", "is_marketing": "on", "valid_days": "90"},
    "group_margins": lambda _: {"recency": "25", "frequency": "10"},
    "unit_values": lambda _: {
        "service_minute": "0.7",
        "minutes_call": "6",
        "minutes_visit": "45",
        "minutes_meeting": "40",
        "minutes_case": "12",
        "minutes_email": "4",
        "cost_campaign_email": "0.01",
        "cost_campaign_direct_mail": "0.9",
        "cost_campaign_other": "0.1",
        "cost_delivery": "5",
        "value_survey": "2",
        "value_review": "5",
        "value_idea": "25",
        "value_beta_test": "60",
        "referral_share": "20",
        "referral_next": "50",
    },
    "purpose": lambda _: {
        "label": "Surveys",
        "wording": "Ask me.",
        "is_marketing": "on",
        "valid_days": "90",
        "is_retired": "on",
    },
    "customer_next_refuse": lambda _: {"note": "In the holidays"},
    "customer_owner": lambda world: {"owner": world.people["alice"].public_id},
    "customer_contact_first": lambda world: {"way": world.extra["way"]},
    "customer_contact_add": lambda _: {"value": "another@example.com", "label": "home"},
    "contact_point": lambda _: {"value": "other@example.com", "label": "work", "initial-value": "home@example.com"},
    "relationship": lambda world: {"role": "Buyer", "since": "", "until": "", "initial-role": world.text},
    "api_tokens": lambda _: {"name": "Shop", "days": "30", "rights": ["customers.view"]},
    "webhook_new": lambda _: {"url": "https://hooks.example.com/new", "types": ["customer.added"]},
    "webhook_edit": lambda world: {
        "url": "https://hooks.example.com/new",
        "types": ["customer.added"],
        "version": world.extra["webhook"].version,
    },
    "webhook_switch": lambda _: {"to": "on"},
    "webhook_replay": lambda _: {"since": "2020-01-01T00:00"},
    "profile": lambda _: {"name": "Renamed", "time_zone": "Asia/Seoul", "theme": "dark"},
    "theme": lambda _: {"theme": "dark"},
    "shortcuts": lambda _: {"shortcuts": "off"},
    "staff-invite": lambda world: {"email": "z@example.com", "name": "Zed", "role": world.people["bob"].role.public_id},
    "staff-member": lambda world: {"role": world.people["rita"].role.public_id, "team": ""},
    "staff-member-active": lambda _: {"active": "0"},
    "staff-member-email": lambda _: {"email": "robert@example.com"},
    "teams": lambda _: {"name": "East", "parent": ""},
    "team": lambda _: {"name": "Renamed", "parent": ""},
    "field_new": lambda _: {"label": "Shoe size", "kind": "number"},
    "field": lambda _: {"label": "Shoe size"},
    "field_move": lambda _: {"to": "up"},
    "own_fields": lambda world: {world.extra["order_field"].name: "Taken"},
    "record_tags": lambda _: {"add": "Taken"},
    "tag_rename": lambda _: {"label": "Taken"},
    "role-new": lambda _: {"name": "Helper", "scope": "own", "rights": ["customers.view"]},
    "role": lambda _: {"name": "Helper", "scope": "team", "rights": ["customers.view"]},
    **MORE_BODIES,
}


def body_for(name: str, world: World) -> dict[str, Any]:
    """A form that would be accepted, or for pages without one of their own, ids of Bob's under every likely name."""
    if name in BODIES:
        return BODIES[name](world)
    mine = str(world.customer.public_id)
    names = ("id", "ids", "customer", "customer_id", "parent_id", "order", "owner", "selected", "row", "merge_with")
    return dict.fromkeys(names, mine) | {"name": "Taken", "text": "Taken", "kind": "call", "active": "0"}
