"""What templates can call beside the components."""

from __future__ import annotations

from uuid import uuid4

from django.urls import get_script_prefix, reverse, set_script_prefix

from rapport.ui.jinja import environment


def written(source: str, **values: object) -> str:
    return environment().from_string(source).render(values)


def test_the_address_of_a_record_is_the_one_that_its_name_leads_to() -> None:
    one, other = uuid4(), uuid4()

    for each in (one, other, one):
        assert written("{{ url('customer', id) }}", id=each) == reverse("customer", args=[each])
    assert written("{{ url('customer_field', id, 'email') }}", id=one) == reverse("customer_field", args=[one, "email"])
    assert written("{{ url('customer', public_id=id) }}", id=one) == reverse("customer", args=[one])
    assert written("{{ url('customers') }}") == reverse("customers")


def test_the_address_of_a_record_follows_where_the_application_stands() -> None:
    one = uuid4()
    before, prefix = written("{{ url('customer', id) }}", id=one), get_script_prefix()
    try:
        set_script_prefix("/crm/")
        assert written("{{ url('customer', id) }}", id=one) == f"/crm{before}"
    finally:
        set_script_prefix(prefix)
