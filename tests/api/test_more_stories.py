"""Sharing, views, segments, reminders, the trash, and what staff wrote while two were one: by programs as on the screens."""

from __future__ import annotations

from rapport.accounts.models import Share
from rapport.accounts.permissions import SHARE as SHARE_RECORDS
from rapport.accounts.tests.programs import Program
from rapport.customers.actions import log_interaction
from rapport.customers.models import Customer
from rapport.customers.tests.world import make_customer
from rapport.records.custom_fields.actions import save_layout
from rapport.records.permissions import PURGE, SHARE
from rapport.records.saved_views.models import SavedView
from rapport.segments.permissions import MAKE
from rapport.work.models import Comment, Task
from tests.api.test_stories import ANYWAY, undo
from tests.world import NOW


def may(user, *rights):
    from rapport.core.acting import SYSTEM, acting

    with acting(SYSTEM):
        user.role.rights = sorted({*user.role.rights, *(right.name for right in rights)})
        user.role.save(update_fields=["rights"])


def test_a_record_is_shared_seen_and_taken_back(alice, charlie, ana):
    may(alice, SHARE_RECORDS)
    program, charlies, path = Program(alice), Program(charlie), f"/customers/{ana.public_id}"
    about = {"kind": "customer", "id": str(ana.public_id)}
    body = {"about": about, "person": str(charlie.public_id)}
    assert charlies.get(path).status_code == 404

    shared = program.post("/shares", body)

    assert (shared.status_code, shared.json()["may"], shared.json()["ends_at"]) == (201, "read", None)
    assert charlies.get(path).json()["values"]["name"] == "Ana Souza"
    assert charlies.patch(path, {"values": {"city": "Braga"}}, **ANYWAY).status_code in (403, 404)
    assert charlies.post("/shares", body).status_code in (403, 404)
    assert program.post("/shares", body | {"may": "edit", "until": "2099-12-31"}).json()["ends_at"][:4] == "2100"
    assert charlies.patch(path, {"values": {"city": "Braga"}}, **ANYWAY).status_code == 200
    (listed,) = program.get("/shares", {"about": about["id"]}).json()
    assert (listed["person"], listed["may"], listed["id"]) == (body["person"], "edit", shared.json()["id"])
    undo(program, program.ask("DELETE", f"/shares/{listed['id']}"))
    assert program.ask("DELETE", f"/shares/{listed['id']}").status_code == 200
    assert charlies.get(path).status_code == program.ask("DELETE", f"/shares/{listed['id']}").status_code == 404
    (team,) = (each for each in program.get("/teams").json() if each["id"] == str(charlie.team.public_id))
    undo(program, program.post("/shares", {"about": about, "team": team["id"]}))
    assert not Share.objects.exists()
    for wrong, status in (
        ({"about": about}, 422),
        (body | {"team": team["id"]}, 422),
        (body | {"until": "2020-01-01"}, 422),
        (body | {"person": str(alice.public_id)}, 422),
    ):
        assert program.post("/shares", wrong).status_code == status


def test_a_view_is_kept_changed_shared_and_deleted(alice, bob, ana):
    program, bobs = Program(alice), Program(bob)
    body = {
        "object": "customer", "name": "In Porto", "asked": {"filter": ["city.is:Porto"], "sort": "-name"},
        "fields": ["name", "city"],
    }  # fmt: skip

    made = program.post("/views", body)

    path = f"/views/{made.json()['id']}"
    assert (made.status_code, made["Location"]) == (201, f"/api/v1{path}")
    listed = program.get("/customers", {"view": made.json()["id"]}).json()["items"]
    assert [each["values"] for each in listed] == [{"name": "Ana Souza", "city": "Porto"}]
    assert bobs.get(path).status_code == bobs.patch(path, {"name": "Mine"}, **ANYWAY).status_code == 404
    assert program.post("/views", body).status_code == 409
    assert program.post("/views", body | {"asked": {"filter": ["nonsense.is:1"]}}).status_code == 400
    assert program.post("/views", body | {"name": "Other", "fields": ["nonsense"]}).status_code == 422
    assert program.post("/views", body | {"object": "nonsense"}).status_code == 404
    assert program.patch(path, {"is_shared": True}, **ANYWAY).status_code == 403
    changed = program.patch(path, {"name": "Porto", "fields": None}, **{"If-Match": made["ETag"]})
    assert (changed.json()["name"], changed.json()["fields"], changed.json()["asked"]) == (
        "Porto", None, made.json()["asked"],
    )  # fmt: skip
    assert program.patch(path, {"name": "Late"}, **{"If-Match": made["ETag"]}).status_code == 412
    may(alice, SHARE)
    program = Program(alice)
    assert program.patch(path, {"is_shared": True}, **ANYWAY).json()["is_shared"] is True
    assert bobs.get(path).json()["is_mine"] is False
    assert program.ask("DELETE", path).json()["is_trashed"] is True
    assert program.get(path).status_code == bobs.post(f"{path}/restore").status_code == 404
    assert program.post(f"{path}/restore").json()["is_trashed"] is False
    assert SavedView.objects.get().name == "Porto"


def test_a_reminder_follows_a_day_of_the_record(program, alice, bob, ada, ana):
    about = {"kind": "customer", "id": str(ana.public_id)}
    body = {"title": "Congratulate", "about": about, "remind_field": "born_on", "remind_days": 3}

    made = program.post("/tasks", body).json()

    path = f"/tasks/{made['id']}"
    assert (made["remind_field"], made["remind_days"], made["remind_at"]) == ("born_on", 3, "1990-01-17T00:00:00Z")
    undo(program, program.patch(path, {"remind_days": -2}, **ANYWAY))
    after = program.patch(path, {"remind_days": -1}, **ANYWAY).json()
    assert (after["remind_field"], after["remind_days"], after["remind_at"]) == ("born_on", -1, "1990-01-21T00:00:00Z")
    said = program.patch(path, {"remind_at": "2026-12-01T09:00:00Z"}, **ANYWAY).json()
    assert (said["remind_field"], said["remind_days"], said["remind_at"]) == (None, 0, "2026-12-01T09:00:00Z")
    for wrong in ({"remind_field": "name"}, {"remind_field": "unseen"}, {"remind_days": 9999}):
        assert program.post("/tasks", body | wrong).status_code == 422
    assert program.post("/tasks", {"title": "Loose", "remind_field": "born_on"}).status_code == 422
    program.patch(path, {"remind_field": "born_on", "remind_days": 1}, **ANYWAY)
    save_layout(
        alice.role, "customer", hidden=("born_on",), ordering=(), columns=None, hidden_panels=(), panel_ordering=(),
        by=ada,
    )  # fmt: skip
    hidden, nothing = (program.patch(path, {"remind_field": each}, **ANYWAY) for each in ("born_on", "nonsense"))
    assert hidden.status_code == nothing.status_code == 422
    assert hidden.content.replace(b"born_on", b"") == nothing.content.replace(b"nonsense", b"")
    seen = program.patch(path, {"title": "Say hello"}, **ANYWAY).json()
    assert (seen["title"], seen["remind_field"], Task.objects.get().remind_field) == ("Say hello", None, "born_on")


def test_a_task_is_put_off_for_oneself(program):
    path = f"/tasks/{program.post('/tasks', {'title': 'Call'}).json()['id']}/snooze"

    assert program.post(path, {"until": "2020-01-01T00:00:00Z"}).status_code == 422
    assert program.post(path, {"until": "2030-01-01T00:00:00Z"}).status_code == 200
    assert program.post(path, {}).status_code == 200


def test_segments_are_made_filled_and_deleted(alice, ana):
    may(alice, MAKE)
    program = Program(alice)
    made = program.post("/segments", {"name": "In Porto", "filters": ["city.is:Porto"]})
    path = f"/segments/{made.json()['id']}"
    by_hand = program.post("/segments", {"name": "By hand", "is_static": True}).json()
    place = f"/segments/{by_hand['id']}/customers/{ana.public_id}"

    assert (made.status_code, made.json()["filters"]) == (201, ["city.is:Porto"])
    assert program.post("/segments", {"name": "in porto", "filters": ["city.is:Porto"]}).status_code == 409
    assert program.post("/segments", {"name": "Nothing"}).status_code == 409
    assert program.post("/segments", {"name": "Wrong", "filters": ["nonsense.is:1"]}).status_code == 400
    undo(program, program.patch(path, {"filters": ["city.is:Braga"]}, **{"If-Match": made["ETag"]}))
    assert program.patch(path, {"name": "Late"}, **{"If-Match": made["ETag"]}).status_code == 412
    assert program.get(path).json()["filters"] == ["city.is:Porto"]
    undo(program, program.ask("PUT", place))
    assert program.ask("PUT", place).json()["undo"] is not None
    assert program.ask("PUT", place).json()["undo"] is None
    undo(program, program.ask("DELETE", place))
    assert program.ask("PUT", f"{path}/customers/{ana.public_id}").status_code == 409
    undo(program, program.ask("DELETE", path))
    assert program.get(path).status_code == 200


def test_what_can_be_asked_is_told_with_how_it_is_asked(alice, ana):
    may(alice, MAKE)
    program = Program(alice)
    segment = program.post("/segments", {"name": "By hand", "is_static": True}).json()["id"]

    fields = {each["name"]: each for each in program.get("/customers/fields").json()}

    contacts, within = fields["contacts"], fields["in_segment"]
    assert (contacts["operators"], contacts["takes"]["did"]) == (["did", "never"], "blanks")
    assert {each["name"]: each["kind"] for each in contacts["asks"]} == {
        "kind": "choice", "channel": "choice", "within": "length", "times": "count",
    }  # fmt: skip
    assert "call" in contacts["asks"][0]["choices"]
    assert (within["operators"], within["takes"]["is"], within["choices"]) == (["is", "is_not"], "chosen", [segment])
    for asked in ("contacts.did:kind=call,within=90_days,times=1", f"in_segment.is_not:{segment}"):
        assert program.get("/customers", {"filter": asked}).status_code == 200
    assert fields["city"]["asks"] is None


def test_what_lies_in_the_trash_is_ended_by_who_may(alice, ana):
    program = Program(alice)
    about = {"kind": "customer", "id": str(ana.public_id)}
    comment = program.post("/comments", {"about": about, "text": "Said twice"}).json()["id"]
    program.ask("DELETE", f"/comments/{comment}")
    path = f"/trash/comment/{comment}"

    assert program.ask("DELETE", path).status_code == 403
    may(alice, PURGE)
    program = Program(alice)
    assert program.ask("DELETE", path).json() == {"id": comment, "kind": "comment"}
    assert program.ask("DELETE", path).status_code == program.post(f"{path}/restore").status_code == 404
    assert not Comment.objects.exists()


def test_no_program_ends_a_customer(ada):
    program, lone = Program(ada), make_customer("Ana", owner=ada)
    program.ask("DELETE", f"/customers/{lone.public_id}")

    assert program.ask("DELETE", f"/trash/customer/{lone.public_id}").status_code == 403
    assert Customer.objects.filter(pk=lone.pk).exists()


def test_a_customer_is_asked_to_confirm_by_herself(program, ana):
    path = f"/customers/{ana.public_id}/consents"
    body = {"purpose": "newsletter", "channel": "email"}

    asked = program.post(f"{path}/ask", body)

    assert (asked.status_code, asked.json()["was_mailed"] is (asked.json()["link"] is None)) == (201, True)
    assert [each["status"] for each in program.get(path).json()["entries"]] == ["pending"]
    assert program.post(f"{path}/ask", body | {"purpose": "nonsense"}).status_code == 422


def test_what_was_written_while_two_were_one_goes_where_a_program_says(ada):
    program = Program(ada)
    one, other = (make_customer(name, owner=ada, external_id=name) for name in ("Ana", "Eva"))
    body = {"keep": str(one.public_id), "others": [str(other.public_id)]}
    merge = program.post("/customers/merge", body).json()["merge"]
    log_interaction(Customer.objects.get(pk=one.pk), kind="call", text="For Eva", by=ada, now=NOW.replace(year=2099))

    told = program.get(f"/merges/{merge}").json()
    group, place = told["written"][0], told["parts"][-1]["key"]
    wrong = [{"group": group["group"], "row": group["rows"][0]["key"], "to": "nobody"}]
    assert program.post(f"/merges/{merge}/undo", {"given": wrong}).status_code == 422
    given = [{"group": group["group"], "row": group["rows"][0]["key"], "to": place}]
    apart = program.post(f"/merges/{merge}/undo", {"given": given})

    assert "For Eva" in group["rows"][0]["text"]
    assert apart.json() == {"customer": str(one.public_id), "apart": [str(other.public_id)], "undo": None}
    assert [len(program.get(f"/customers/{each.public_id}/timeline").json()["items"]) for each in (one, other)] == [
        0,
        1,
    ]
