"""S14: a form takes the fields it declares; every other column of every table, sent along, changes nothing."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.db import transaction

from rapport.customers.forms import EditCustomerForm, NewCustomerForm
from rapport.records.custom_fields.forms import FieldForm
from tests.security.bodies import MORE_BODIES
from tests.security.database import contents
from tests.security.endpoints import endpoints
from tests.security.samples import BODIES, SAMPLES

FORMS = [each for each in endpoints() if each.name in BODIES and each.name not in MORE_BODIES]
PARTS = 4
# the arguments of a command name the rows that an act made, so they differ as ids do
_OF_THE_MOMENT = re.compile(
    r"^(id|public_id|.*_id|.*_at|token_hash|password|search|raw_hash|provenance|mark|since|arguments|sealed)$"
)


def columns():
    """Every column of every table, and what people try beside it."""
    names = {field.attname for model in apps.get_models() for field in model._meta.concrete_fields}
    return names | {"is_staff", "is_superuser", "role_id", "user_permissions", "groups", "admin", "pk", "_method"}


def extras(world, body):
    """A value for each column the form did not ask for; ids point at what exists, so that they would take."""
    ada = world.people["ada"]
    value_of = {
        "role": ada.role.public_id, "role_id": ada.role_id, "owner_id": ada.pk, "owner": ada.public_id,
        "is_active": "0", "merged_into_id": world.customer.pk, "scope": "all", "rights": "accounts.administer",
        "customer_id": world.customer.pk, "team_id": ada.team_id or "", "password": "taken over 12345",
        "email": "taken@example.com", "version": 99, "trashed_at": "2026-01-01", "created_at": "1999-01-01",
    }  # fmt: skip
    declared = DECLARED_TOO.get(body["_for"], set())
    return {name: value_of.get(name, "1") for name in columns() if name not in body and name not in declared}


# fields of the forms that a body of tests/security/samples.py leaves out
DECLARED_TOO = {
    "customer_new": set(NewCustomerForm.base_fields),
    "customer_edit": set(EditCustomerForm.base_fields),
    "customer_log": {"kind", "text", "occurred_at"},
    "profile": {"has_keyboard_keys", "start_page"},
    "task_edit": {"remind_days", "remind_way", "remind_field"},
    "webhook_new": {"description"},
    "webhook_edit": {"description"},
    "staff-invite": {"team"},
    "role-new": {"rights"},
    "field_new": set(FieldForm.base_fields),
    "field": set(FieldForm.base_fields),
}  # fmt: skip


def after_posting(client, path, body, world):
    """What the tables hold after this form, as text without what differs from one moment to the next; then undone."""
    with transaction.atomic():
        answer = client.post(path, body)
        found = {table: sorted(_said(row, world) for row in rows) for table, rows in contents().items()}
        transaction.set_rollback(True)
    return answer.status_code, found


def _said(row, world):
    kept = {name: value for name, value in row.items() if not _OF_THE_MOMENT.match(name) or name in _KEPT}
    if kept.get("customer_id") not in (None, world.customer.pk):
        kept["customer_id"] = "a new one"
    return str(sorted(kept.items()))


_KEPT = {"owner_id", "role_id", "team_id", "merged_into_id", "trashed_at", "customer_id", "parent_id", "accepted_at"}


@pytest.mark.parametrize("part", range(PARTS))
def test_a_form_takes_only_what_it_declares(part, world, client_of):
    found = []
    for endpoint in FORMS[part::PARTS]:
        path = endpoint.path(**SAMPLES[endpoint.name](world)) if endpoint.name in SAMPLES else endpoint.path()
        body = BODIES[endpoint.name](world)
        more = extras(world, body | {"_for": endpoint.name})
        assert len(more) > 80
        for who in ("bob", "ada"):
            client = client_of(who)
            plain, loaded = (after_posting(client, path, sent, world) for sent in (body, body | more))
            if difference(plain, loaded):
                found.append((endpoint.name, who, difference(plain, loaded)))
        if plain[0] not in (200, 201, 204, 302):
            found.append((endpoint.name, "ada", plain[0]))

    assert found == []


def difference(plain, loaded):
    rows = {table: set(loaded[1][table]) ^ set(plain[1][table]) for table in plain[1]}
    lists = {table: found for table, found in rows.items() if loaded[1][table] != plain[1][table]}
    return lists | ({} if loaded[0] == plain[0] else {"status": (plain[0], loaded[0])})
