"""The pages of segments: making one from a list, its history, why somebody is in it, and who may know of it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from rapport.customers.consents.restrictions import restrict_processing
from rapport.customers.tests.world import make_customer, touch
from rapport.records.custom_fields.actions import save_layout
from rapport.segments.asking import note_changed
from rapport.segments.keeping import catch_up, rebuild
from rapport.segments.models import Pick, Segment
from rapport.segments.tests.test_segments import make, members
from tests.world import NOW, without_tokens


@pytest.fixture
def people(alice: Any, charlie: Any) -> dict[str, Any]:
    ana = make_customer("Ana Almeida", owner=alice, city="Porto")
    bea = make_customer("Bea Barros", owner=charlie, city="Porto")
    cal = make_customer("Cal Castro", owner=alice, city="Faro")
    touch(ana, "call", days_ago=3, channel="call_center")
    return {"ana": ana, "bea": bea, "cal": cal}


def test_a_segment_is_made_of_a_narrowed_list_and_counts_whom_one_sees(
    ada: Any, alice: Any, as_user: Any, people: dict[str, Any]
) -> None:
    client = as_user(ada)
    listed = client.get("/customers/?filter=city.is:Porto").content.decode()
    assert "/segments/keep/?filter=city.is:Porto" in listed

    built = client.get("/lists/customer/filter/?use=segment_keep&filter=city.is:Porto").content.decode()
    assert "Use for the segment" in built
    assert "Whom the segment holds</h1>" in built
    assert "Filter a list" not in built
    assert 'href="/segments/keep/?filter=city.is:Porto"' in built  # to give up leads back to it
    applied = {"builder": "1", "use": "segment_keep", "step": "apply", "field-0-0": "contacts", "operator-0-0": "did",
               "blank-0-0-kind": "call", "blank-0-0-within": ["5", "years"], "blank-0-0-times": ""}  # fmt: skip
    counted = client.get("/lists/customer/filter/count/", applied).content.decode()
    assert counted.strip() == "1 fits"
    led = client.get("/lists/customer/filter/", applied)
    assert led.url == "/segments/keep/?filter=contacts.did:kind%3Dcall,within%3D5_years"

    shown = client.get("/segments/keep/?filter=city.is:Porto").content.decode()
    assert "2 of those you see fit now." in shown
    made = client.post("/segments/keep/", {"name": "In Porto", "note": "", "query": "filter=city.is:Porto"})
    segment = Segment.objects.get()
    assert made.url == f"/segments/{segment.public_id}/"
    assert "being computed" in client.get(made.url).content.decode()
    assert "<ins>City is Porto</ins>" in client.get("/settings/audit/?kind=changes").content.decode()

    rebuild(now=NOW)
    assert members(segment) == {"Ana Almeida", "Bea Barros"}
    page = client.get(made.url).content.decode()
    assert re.search(r'segment-count"><a[^>]*>2<', page)
    assert "data-poll=" not in page.split('id="segment-now"')[1][:200]
    of_alice = as_user(alice)
    assert re.search(r'segment-count"><a[^>]*>1<', of_alice.get(made.url).content.decode())
    assert "Came and went" not in of_alice.get(made.url).content.decode()
    inside = without_tokens(of_alice.get(f"/customers/?filter=in_segment.is:{segment.public_id}"))
    assert "Ana Almeida" in inside
    assert "Bea Barros" not in inside
    assert "In Porto" in inside
    assert "In Porto" in of_alice.get("/segments/").content.decode()


def test_making_changing_and_deleting_need_the_right(
    ada: Any, alice: Any, as_user: Any, people: dict[str, Any]
) -> None:
    segment = make("In Porto", "city.is:Porto")
    address, client = f"/segments/{segment.public_id}/", as_user(alice)
    assert client.get("/segments/keep/?filter=city.is:Porto").status_code == 403
    assert client.post(f"{address}delete/").status_code == 403
    assert "New segment" not in client.get("/segments/").content.decode()
    assert "Save as a segment" not in client.get("/customers/").content.decode()

    chief = as_user(ada)
    refused = chief.post("/segments/keep/", {"name": "IN PORTO", "query": "filter=city.is:Faro"})
    assert refused.status_code == 422
    assert "a segment of this name" in refused.content.decode()
    assert chief.post("/segments/keep/", {"name": "Me", "query": "filter=owner.is:me"}).status_code == 422
    assert chief.post("/segments/keep/", {"name": "", "query": "kind=list"}).status_code == 422
    assert chief.get("/segments/keep/?filter=shoe_size.is:40").status_code == 400
    assert chief.get("/segments/keep/?segment=nonsense").status_code == 404
    changed = {"name": "In Faro", "note": "the south", "query": f"segment={segment.public_id}&filter=city.is:Faro"}
    assert "In Porto" in chief.get(f"/segments/keep/?segment={segment.public_id}").content.decode()
    assert chief.post("/segments/keep/", changed).status_code == 302
    segment.refresh_from_db()
    assert (segment.name, segment.definition, segment.version) == ("In Faro", "filter=city.is:Faro", 2)
    assert chief.post(f"{address}delete/").url == "/segments/"
    assert chief.get(address).status_code == 404
    assert "In Faro" in chief.get("/trash/?kind=segment").content.decode()
    assert chief.post(f"/trash/segment/{segment.public_id}/restore/").status_code == 302
    assert chief.get(address).status_code == 200


def test_why_somebody_is_in_a_segment_or_not(ada: Any, alice: Any, as_user: Any, people: dict[str, Any]) -> None:
    porto = make("In Porto", "city.is:Porto")
    called = make(
        "Called", "any(contacts.did:kind=call,within=5_years;city.is:Lagos)", f"in_segment.is:{porto.public_id}"
    )
    rebuild(now=NOW)
    client = as_user(alice)

    def why(segment: Segment, who: str) -> str:
        return client.get(f"/segments/{segment.public_id}/why/{people[who].public_id}/").content.decode()

    page = why(called, "ana")
    assert ">In it<" in page
    assert "Any of these holds" in page
    assert "1 such" in page
    assert [cell.strip() for cell in re.findall(r'chip (?:good|bad)"[^>]*>(yes|no)<', page)] == [
        "yes",
        "yes",
        "no",
        "yes",
    ]
    assert ">Not in it<" in why(called, "cal")
    assert "Faro" in why(called, "cal")
    assert client.get(f"/segments/{called.public_id}/why/{people['bea'].public_id}/").status_code == 404
    chips = client.get(f"/customers/{people['ana'].public_id}/segments/", headers={"HX-Request": "true"})
    assert chips.content.decode().count("chip violet") == 2
    assert "Why not?" in client.get(f"/customers/{people['cal'].public_id}/segments/").content.decode()

    restrict_processing(people["ana"], ground="disputed", by=ada, now=NOW)
    note_changed([people["ana"].pk])
    catch_up(now=NOW)
    assert members(porto) == {"Bea Barros"}
    assert "in no segment" in why(porto, "ana")


def test_who_does_not_see_a_field_knows_of_no_segment_that_asks_for_it(
    ada: Any, alice: Any, as_user: Any, people: dict[str, Any]
) -> None:
    porto = make("In Porto", "city.is:Porto")
    beneath = make("Beneath", f"in_segment.is:{porto.public_id}")
    called = make("Called", "contacts.did:kind=call")
    rebuild(now=NOW)
    save_layout(
        alice.role, "customer", hidden=["city", "last_contact"], ordering=[], columns=None, hidden_panels=[],
        panel_ordering=[], by=ada,
    )  # fmt: skip
    client = as_user(alice)

    listed = client.get("/segments/").content.decode()
    assert "In Porto" not in listed
    assert "Beneath" not in listed
    assert "Called" not in listed
    for segment in (porto, beneath, called):
        assert client.get(f"/segments/{segment.public_id}/").status_code == 404
        assert client.get(f"/customers/?filter=in_segment.is:{segment.public_id}").status_code == 400
        why = f"/segments/{segment.public_id}/why/{people['ana'].public_id}/"
        assert client.get(why).status_code == 404
    assert client.get("/customers/?filter=contacts.did:kind%3Dcall").status_code == 400
    chips = client.get(f"/customers/{people['ana'].public_id}/segments/", headers={"HX-Request": "true"})
    assert "chip violet" not in chips.content.decode()


def test_a_list_is_filled_on_the_customers_page_and_from_the_list(
    ada: Any, as_user: Any, people: dict[str, Any]
) -> None:
    client = as_user(ada)
    client.post("/segments/keep/", {"name": "Invited", "query": "kind=list"})
    segment = Segment.objects.get()
    move = f"/customers/{people['ana'].public_id}/segments/move/"
    assert "Invited" in client.get(f"/customers/{people['ana'].public_id}/segments/").content.decode()

    assert client.post(move, {"segment": segment.public_id, "do": "put"}).status_code == 302
    catch_up(now=NOW)
    assert members(segment) == {"Ana Almeida"}
    assert (
        "Put into it by Ada"
        in client.get(f"/segments/{segment.public_id}/why/{people['ana'].public_id}/").content.decode()
    )
    assert client.post(move, {"segment": segment.public_id, "do": "take"}).status_code == 302
    catch_up(now=NOW)
    assert members(segment) == set()
    assert client.post(move, {"segment": people["ana"].public_id, "do": "put"}).status_code == 404

    rows = {"row": [str(each.public_id) for each in people.values()], "act": "put_into"}
    chosen = client.post("/selected/customer/", rows)
    begun = client.post(f"{chosen.url}begin/", {"segment": str(segment.public_id)}, follow=True)
    assert begun.status_code == 200
    catch_up(now=NOW)
    assert members(segment) == {"Ana Almeida", "Bea Barros", "Cal Castro"}
    assert client.post(f"{chosen.url}undo/").status_code == 302
    catch_up(now=NOW)
    assert members(segment) == set()


def test_what_is_done_to_segments_is_undone(ada: Any, as_user: Any, people: dict[str, Any]) -> None:
    client = as_user(ada)

    def undo() -> None:
        assert client.post("/changes/undo/", {"next": "/segments/"}).status_code == 302

    client.post("/segments/keep/", {"name": "Porto", "query": "filter=city.is:Porto"})
    segment = Segment.objects.get()
    client.post("/segments/keep/", {"name": "Faro", "query": f"segment={segment.public_id}&filter=city.is:Faro"})
    undo()
    segment.refresh_from_db()
    assert (segment.name, segment.definition) == ("Porto", "filter=city.is:Porto")
    client.post(f"/segments/{segment.public_id}/delete/")
    assert client.get(f"/segments/{segment.public_id}/").status_code == 404
    undo()
    assert client.get(f"/segments/{segment.public_id}/").status_code == 200

    client.post("/segments/keep/", {"name": "Invited", "query": "kind=list"})
    listed = Segment.objects.get(name="Invited")
    client.post(f"/customers/{people['ana'].public_id}/segments/move/", {"segment": listed.public_id, "do": "put"})
    assert Pick.objects.count() == 1
    undo()
    assert Pick.objects.count() == 0
    found = client.get("/palette/?q=invi").content.decode()
    assert f"/segments/{listed.public_id}/" in found
