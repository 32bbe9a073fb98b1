"""What the screens do is done by programs too, and undone: a story for each room, through its operations alone."""

from __future__ import annotations

import io
from datetime import timedelta

from rapport.accounts.tests.programs import Program
from rapport.commerce.models import Order, OrderKind, Product
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.customers.actions import ensure_source
from rapport.customers.models import Consent, Customer
from rapport.customers.tests.world import add_profile, make_customer
from rapport.records.command_log.models import Command
from rapport.records.command_log.noting import last_command
from rapport.records.custom_fields.actions import add_field
from rapport.records.saved_views.actions import save_view
from tests.world import NOW

ANYWAY = {"If-Match": "*"}


def undo(program, answer):
    assert answer.status_code in (200, 201), answer.content
    change = answer.json()["undo"]
    undone = program.post(f"/changes/{change}/undo")
    assert undone.status_code == 200, undone.content
    assert (undone.json()["can_be_undone"], undone.json()["through"]) == (False, "Shop")
    again = program.post(f"/changes/{change}/undo")
    assert (again.status_code, again.json()["type"]) == (409, "urn:rapport:problem:not-undone")


def test_what_a_program_does_to_a_customer_is_undone(program, ana, alice, bob):
    path = f"/customers/{ana.public_id}"

    undo(program, program.patch(path, {"values": {"city": "Braga"}}, **ANYWAY))
    assert program.get(path).json()["values"]["city"] == "Porto"
    given = program.ask("PUT", f"{path}/owner", {"owner": str(bob.public_id)})
    assert given.json()["values"]["owner"] == str(bob.public_id)
    undo(program, given)
    undo(program, program.post(f"{path}/contacts", {"text": "Wants a quote"}))
    assert program.get(f"{path}/timeline").json()["items"] == []
    made = program.post("/customers", {"values": {"name": "New One"}})
    undo(program, made)
    assert program.get(f"/customers/{made.json()['id']}").status_code == 404
    trashed = program.ask("DELETE", path)
    assert program.get(path).status_code == program.ask("DELETE", path).status_code == 404
    assert program.get("/trash", {"kind": "customer"}).json()["items"][0]["name"] == "Ana Souza"
    undo(program, trashed)
    program.ask("DELETE", path)
    assert program.post(f"/trash/customer/{ana.public_id}/restore").status_code == 200
    assert program.get(path).status_code == 200
    assert program.get("/changes").json()["items"][0]["undone_at"] is not None
    assert len(program.get("/changes", {"limit": "2"}).json()["items"]) == 2


def test_a_change_of_a_program_is_not_what_its_owner_has_just_done(program, ana, alice):
    program.patch(f"/customers/{ana.public_id}", {"values": {"city": "Braga"}}, **ANYWAY)

    assert Command.objects.get().through == "Shop"
    assert last_command(alice, now=utc_now()) is None


def test_nobody_undoes_the_change_of_another_nor_without_the_right(program, ana, alice, bob):
    changed = program.patch(f"/customers/{ana.public_id}", {"values": {"city": "Braga"}}, **ANYWAY).json()["undo"]

    assert Program(bob).post(f"/changes/{changed}/undo").status_code == 404
    assert Program(alice, "customers.view").post(f"/changes/{changed}/undo").status_code == 403
    assert Customer.objects.get().city == "Braga"


def test_the_ways_to_reach_a_customer_are_kept(program, ana):
    path = f"/customers/{ana.public_id}/contact-points"

    added = program.post(path, {"kind": "email", "value": "home@example.com", "label": "home"})
    point = added.json()
    changed = program.patch(f"/contact-points/{point['id']}", {"label": "work"}, **{"If-Match": added["ETag"]})
    stale = program.patch(f"/contact-points/{point['id']}", {"label": "other"}, **{"If-Match": added["ETag"]})
    known = program.post(path, {"kind": "email", "value": "HOME@example.com"})
    first = program.post(f"{path}/first", {"key": point["key"]})

    assert (added.status_code, changed.json()["label"]) == (201, "work")
    assert (stale.status_code, known.status_code) == (412, 409)
    assert [(each["value"], each["is_first"]) for each in first.json() if each["kind"] == "email"] == [
        ("home@example.com", True), ("ana@example.com", False),
    ]  # fmt: skip
    assert program.get(f"/customers/{ana.public_id}").json()["values"]["email"] == "home@example.com"
    removed = program.ask("DELETE", f"/contact-points/{point['id']}")
    assert [each["value"] for each in program.get(path).json() if each["kind"] == "email"] == ["ana@example.com"]
    undo(program, removed)
    address = program.post(path, {"kind": "address", "street": "Rua 1", "city": "Porto", "country": "Atlantis"})
    assert (address.status_code, address.json()["errors"][0]["name"]) == (422, "body.country")


def test_what_a_customer_allows_is_written_into_the_ledger(program, ana):
    path = f"/customers/{ana.public_id}"
    purpose = program.get("/consent-purposes").json()[0]["name"]
    said = {"purpose": purpose, "channel": "email", "status": "granted", "origin": "form at the till"}

    granted = program.post(f"{path}/consents", said)
    withdrawn = program.post(f"{path}/consents", said | {"status": "withdrawn"})
    program.post(f"{path}/objection", {"origin": "a letter"})

    assert granted.json()["states"][0]["is_given"] is True
    assert withdrawn.json()["states"][0]["is_given"] is False
    assert len(program.get(f"{path}/consents").json()["entries"]) == Consent.objects.count() > 2
    assert program.post(f"{path}/consents", said | {"purpose": "world peace"}).status_code == 422
    assert program.post(f"{path}/consents", said | {"occurred_at": "2099-01-01T00:00:00Z"}).status_code == 422


def test_who_belongs_to_whom_is_said_changed_and_undone(program, ana, alice):
    acme = make_customer("Acme", owner=alice, kind="organization")
    path = f"/customers/{acme.public_id}/relationships"

    body = {"kind": "works_at", "to": str(ana.public_id), "is_backward": True, "role": "buyer"}
    tie = program.post(path, body).json()
    changed = program.patch(f"/relationships/{tie['id']}", {"until": "2026-01-31"}, **ANYWAY)

    assert (tie["from_customer"], tie["to_customer"]) == (str(ana.public_id), str(acme.public_id))
    (seen,) = program.get(path).json()["items"]
    assert (seen["words"], seen["other_name"], seen["role"], seen["is_ended"]) == (
        "employs",
        "Ana Souza",
        "buyer",
        True,
    )
    assert program.post(path, {"kind": "owns", "to": str(acme.public_id)}).status_code == 422
    undo(program, changed)
    undo(program, program.ask("DELETE", f"/relationships/{tie['id']}"))
    assert program.get(f"/relationships/{tie['id']}").json()["until"] is None


def test_a_task_is_changed_cancelled_reopened_trashed_and_each_is_undone(program, ana):
    about = {"kind": "customer", "id": str(ana.public_id)}
    made = program.post(
        "/tasks", {"title": "Call", "due_on": "2026-03-03", "due_time": "15:00", "assignee": "me", "about": about}
    )
    path = f"/tasks/{made.json()['id']}"

    changed = program.patch(path, {"title": "Write", "priority": "high"}, **{"If-Match": made["ETag"]})
    assert (changed.json()["title"], changed.json()["due_time"], changed.json()["about"]) == (
        "Write",
        "15:00:00",
        about,
    )
    assert program.patch(path, {"title": "Other"}, **{"If-Match": made["ETag"]}).status_code == 412
    undo(program, changed)
    undated = program.patch(path, {"due_on": None}, **ANYWAY).json()
    assert (undated["due_on"], undated["due_time"], undated["title"]) == (None, None, "Call")
    for act in ("done", "cancel"):
        closed = program.post(f"{path}/{act}")
        assert closed.json()["state"] in ("done", "cancelled")
        assert program.post(f"{path}/{act}").json()["undo"] is None
        undo(program, closed)
    program.post(f"{path}/cancel")
    undo(program, program.post(f"{path}/reopen"))
    undo(program, program.ask("DELETE", path))
    assert program.get(path).json()["state"] == "cancelled"


def test_comments_are_written_by_their_authors_and_told_to_whom_they_name(program, ana, bob):
    about = {"kind": "customer", "id": str(ana.public_id)}
    bobs = Program(bob)

    written = program.post("/comments", {"about": about, "text": "@Bob, she called."})
    path = f"/comments/{written.json()['id']}"

    (told,) = bobs.get("/notifications").json()["items"]
    assert (told["kind"], told["excerpt"], told["about"]) == ("mention", "@Bob, she called.", about)
    assert written.json()["mentions"] == [str(bob.public_id)]
    assert bobs.post("/notifications/snooze", {"ids": [told["id"]], "until": "2020-01-01T00:00:00Z"}).status_code == 422
    until = (utc_now() + timedelta(days=2)).isoformat()
    assert bobs.post("/notifications/snooze", {"ids": [told["id"]], "until": until}).json() == {"changed": 1}
    assert bobs.get("/notifications").json()["items"] == []
    assert bobs.get("/notifications", {"box": "snoozed"}).json()["items"][0]["id"] == told["id"]
    assert bobs.post("/notifications/read", {"ids": [told["id"]]}).json() == {"changed": 1}
    assert bobs.patch(path, {"text": "No."}, **ANYWAY).status_code == 403
    undo(program, program.patch(path, {"text": "She wrote."}, **{"If-Match": written["ETag"]}))
    undo(program, program.ask("DELETE", path))
    query = {"about": str(ana.public_id)}
    assert [each["text"] for each in bobs.get("/comments", query).json()["items"]] == ["@Bob, she called."]
    assert bobs.post("/following", {"about": about, "is_on": False}).json()["is_on"] is False


def test_files_are_sent_fetched_and_trashed(program, ana, settings, tmp_path):
    place = {"about": str(ana.public_id)}
    key = {"Idempotency-Key": "file-1"}

    sent = program.send("/files", place | {"file": io.BytesIO(b"of Ana")}, **key)
    again = program.send("/files", place | {"file": io.BytesIO(b"of Ana")}, **key)
    other = program.send("/files", place | {"file": io.BytesIO(b"of Eve")}, **key)

    assert (sent.status_code, again.content, other.status_code) == (201, sent.content, 422)
    path = f"/files/{sent.json()['id']}"
    fetched = program.get(f"{path}/content")
    assert (b"".join(fetched.streaming_content), fetched["Content-Type"]) == (b"of Ana", "application/octet-stream")
    assert "attachment" in fetched["Content-Disposition"]
    assert [each["size"] for each in program.get("/files", place).json()["items"]] == [6]
    undo(program, program.ask("DELETE", path))
    assert program.get(path).json()["about"] == {"kind": "customer", "id": str(ana.public_id)}


def test_customers_are_made_one_and_taken_apart(ada):
    program = Program(ada)
    one, other = (make_customer(name, owner=ada, city="Porto") for name in ("Ana Souza", "A. Souza"))
    add_profile(other, source="till", external_id="T1", phone="+351220000000")
    body = {"keep": str(one.public_id), "others": [str(other.public_id)]}

    preview = program.post("/customers/merge/preview", body).json()
    assert Customer.objects.filter(merged_into=None).count() == 2
    merged = program.post("/customers/merge", body).json()
    parts = program.get(f"/customers/{one.public_id}/parts").json()
    gone = program.get(f"/customers/{other.public_id}").json()

    assert preview["after"]["values"]["phone"].replace(" ", "") == "+351220000000"
    assert gone["id"] == merged["customer"]["id"] == str(one.public_id)
    assert any(each["merges"] for each in parts)
    apart = program.post(f"/merges/{merged['merge']}/undo").json()
    assert apart == {"customer": str(one.public_id), "apart": [str(other.public_id)], "undo": None}
    undo(program, program.post("/customers/merge", body))
    program.post("/customers/merge", body)
    key = program.get(f"/customers/{one.public_id}/parts").json()[-1]["key"]
    path = f"/customers/{one.public_id}/split"
    assert len(program.post(f"{path}/preview", {"parts": [key]}).json()["after"]) == 2
    assert program.post(path, {"parts": [key]}).json()["apart"] != []
    assert program.post(path, {"parts": ["nothing"]}).status_code == 422
    lone = {"keep": str(one.public_id), "others": [str(one.public_id)]}
    assert program.post("/customers/merge", lone).status_code == 409


def test_orders_and_products_are_listed_and_their_own_fields_written(ada, ana):
    program = Program(ada)
    with acting(SYSTEM):
        source = ensure_source("shop").pk
        product = Product.objects.create(source_id=source, code="P1", name="Beans", price_micros=10**6, currency="GBP")
        order = Order.objects.create(
            source_id=source, external_id="1001", kind=OrderKind.SALE, customer=ana, channel="web_shop", currency="GBP",
            total_micros=25_500_000, line_count=1, placed_at=NOW,
        )  # fmt: skip
    gift = add_field("order", label="Gift", kind="text", by=ada).name
    path = f"/orders/{order.public_id}"

    listed = program.get("/orders", {"fields": "number,total", "q": "1001"})
    assert listed.status_code == 200, listed.content
    (listed,) = listed.json()["items"]
    shown = program.get(path)
    wrong = program.patch(path, {"values": {"number": "1002"}}, **{"If-Match": shown["ETag"]})
    written = program.patch(path, {"values": {gift: "With a card"}}, **{"If-Match": shown["ETag"]})
    stale = program.patch(path, {"values": {gift: "Without"}}, **{"If-Match": shown["ETag"]})

    assert (listed["id"], listed["values"]["total"]) == (str(order.public_id), "25.5")
    assert f'"{listed["version"]}"' == shown["ETag"]
    assert (wrong.status_code, written.status_code, stale.status_code) == (422, 200, 412)
    assert written.json()["values"][gift] == "With a card"
    assert program.get("/orders/count").json() == {"count": 1, "is_exact": True, "is_estimate": False}
    assert program.get(f"{path}/lines").json() == {"items": [], "next": None}
    assert program.get(f"/products/{product.public_id}").json()["values"]["name"] == "Beans"
    assert [each["name"] for each in program.get("/orders/fields").json() if each["is_writable"]] == [gift]


def test_many_are_treated_at_once_and_that_is_undone(program, alice, bob):
    people = [make_customer(f"Customer {number}", owner=alice, city="Porto") for number in range(3)]
    (assign,) = (each for each in program.get("/bulk/acts", {"object": "customer"}).json() if each["name"] == "assign")
    assert str(bob.public_id) in assign["questions"][0]["choices"]

    body = {"object": "customer", "act": "assign", "answers": {"owner": str(bob.public_id)}}
    everything = {"everything": {"filter": ["city.is:Porto"]}}
    run = program.post("/bulk", body | everything)

    assert (run.status_code, run.json()["state"], run.json()["done"]) == (201, "done", 3)
    assert set(Customer.objects.values_list("owner", flat=True)) == {bob.pk}
    assert program.get(f"/bulk/{run.json()['id']}").json() == run.json()
    undo(program, run)
    assert set(Customer.objects.values_list("owner", flat=True)) == {alice.pk}
    some = {"rows": [str(people[0].public_id)]}
    assert program.post("/bulk", body | some | everything).status_code == 422
    assert program.post("/bulk", body | some | {"answers": {}}).status_code == 422
    assert program.post("/bulk", body | {"everything": {"filter": ["nonsense.is:1"]}}).status_code == 400


def test_a_token_without_the_right_neither_undoes_nor_stops_an_act_on_many_rows(program, alice, bob):
    make_customer("Ana", owner=alice)
    body = {"object": "customer", "act": "assign", "answers": {"owner": str(bob.public_id)}, "everything": {}}
    begun = program.post("/bulk", body)
    run, narrow = begun.json(), Program(alice, "customers.view")

    refused = narrow.post(f"/changes/{run['undo']}/undo")

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:rapport:problem:not-undone")
    assert narrow.post(f"/bulk/{run['id']}/cancel").status_code == 403
    assert Customer.objects.get().owner_id == bob.pk
    undo(program, begun)


def test_a_view_is_run_by_its_id(program, alice, bob):
    for name, city in (("Ana", "Porto"), ("Ben", "Leeds"), ("Cleo", "Porto")):
        make_customer(name, owner=alice, city=city)
    asked = {"filter": ["city.is:Porto"], "sort": ["-name"]}
    view = save_view("customer", name="In Porto", asked=asked, columns=["name", "city:wide"], by=alice, now=NOW)

    (listed,) = program.get("/views", {"object": "customer"}).json()
    query = {"view": listed["id"], "limit": "1"}
    first = program.get("/customers", query).json()
    second = program.get("/customers", query | {"after": first["next"]}).json()

    assert (listed["name"], listed["fields"], listed["asked"]) == ("In Porto", ["name", "city"], asked)
    assert [first["items"][0]["values"], second["items"][0]["values"]["name"]] == [
        {"name": "Cleo", "city": "Porto"}, "Ana",
    ]  # fmt: skip
    assert second["next"] is None
    assert program.get("/customers", query | {"q": "ana"}).status_code == 400
    assert Program(bob).get("/customers", {"view": str(view.public_id)}).status_code == 404


def test_every_answer_tells_how_many_rows_are_left(program, ana):
    answer = program.get("/customers")

    assert answer["RateLimit-Policy"] == '"rows";q=100000;w=3600'
    left, seconds = answer["RateLimit"].removeprefix('"rows";').split(";")
    assert left == "r=99999"
    assert 0 < int(seconds.removeprefix("t=")) <= 3600
    assert program.post("/tasks", {"title": "Call"})["RateLimit"].startswith('"rows";r=99998;')
    assert program.get("/me").json()["rows_left"] == 99_997


def test_a_misspelt_parameter_is_refused_everywhere(program, ana):
    for path in (f"/customers/{ana.public_id}", "/me", "/customers/count", "/tasks", "/views"):
        answer = program.get(path, {"fliter": "x"})
        assert (answer.status_code, answer.json()["errors"]) == (400, [{"name": "fliter", "message": "unknown"}])
    assert program.ask("POST", "/tasks?dry_run=1", {"title": "Call"}).status_code == 400


def test_many_customers_come_in_by_the_ids_of_their_source_and_go_again(ada):
    program = Program(ada)
    rows = [
        {
            "external_id": f"C{number}",
            "values": {"name": f"Customer {number}", "city": "Porto", "born_on": "1990-01-02"},
        }
        for number in range(3)
    ]
    rows[2]["values"]["born_on"] = "yesterday"
    body = {"source": "shop", "rows": rows}

    first = program.post("/customers/bulk", body).json()
    again = program.post("/customers/bulk", body).json()
    rows[0]["values"] |= {"city": None, "name": "Ana, “the one”"}
    third = program.post("/customers/bulk", body).json()

    states = [[each["state"] for each in answer["rows"]] for answer in (first, again, third)]
    assert states == [
        ["created", "created", "refused"], ["unchanged", "unchanged", "refused"], ["changed", "unchanged", "refused"],
    ]  # fmt: skip
    assert first["rows"][2]["errors"][0]["name"] == "values.born_on"
    shown = program.get(f"/customers/{first['rows'][0]['id']}").json()["values"]
    assert (shown["name"], shown["city"], shown["number"]) == ("Ana, “the one”", None, "C0")
    assert program.post(f"/changes/{third['undo']}/undo").status_code == 200
    assert program.get(f"/customers/{first['rows'][0]['id']}").json()["values"]["city"] == "Porto"
    assert program.post(f"/changes/{first['undo']}/undo").status_code == 200
    assert not Customer.objects.exists()
    assert program.post(f"/changes/{first['undo']}/undo").status_code == 409


def test_what_cannot_be_brought_in_is_refused_as_a_whole(ada, alice):
    program, row = Program(ada), {"external_id": "C1", "values": {"name": "One"}}
    other = {"external_id": "C2", "values": {"city": "Porto"}}

    for rows, name in (
        ([row, row], "body.rows.1.external_id"),
        ([row, other], "body.rows.1.values"),
        ([{"external_id": "C1", "values": {"owner": "Ada"}}], "body.rows.0.values.owner"),
    ):
        answer = program.post("/customers/bulk", {"source": "shop", "rows": rows})
        assert (answer.status_code, answer.json()["errors"][0]["name"]) == (422, name)
    assert program.post("/customers/bulk", {"source": "staff", "rows": [row]}).status_code == 422
    assert Program(alice).post("/customers/bulk", {"source": "shop", "rows": [row]}).status_code == 403
    assert not Customer.objects.exists()
