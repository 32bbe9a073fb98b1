"""S7, S8: what is not for somebody is, to the letter, what does not exist, wherever it is named; and trying changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import transaction
from django.test import Client

from rapport.accounts.models import Role, User
from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import Customer
from rapport.records.bulk.acts import acts_for
from rapport.records.bulk.selecting import selectables
from tests.security.endpoints import MISSING, endpoints
from tests.security.matrix import (
    PAGE_AND_FORM,
    PAGE_PART_AND_FORM,
    REFERENCES,
    Ask,
    Matrix,
    nothing_changes,
    noticing_reads,
    what_is_told,
)
from tests.security.parameters import SENDING, is_plain
from tests.security.samples import BODIES, ONESELF, SAMPLES, SHARED, WITHOUT_SAMPLE, World, body_for, fill_own

ALL = {each.name: each for each in endpoints()}
# programs are treated in test_api.py: a session opens nothing there
OURS = [each for each in ALL.values() if each.is_ours and each.audience != "program"]
WITH_RECORD = [ALL[name] for name in sorted(SAMPLES) if name in ALL and ALL[name].audience != "program"]


def test_every_url_with_an_id_has_a_sample():
    missing = [
        each.name for each in ALL.values()
        if each.parameters and each.audience != "program"
        and each.name not in SAMPLES and each.name not in WITHOUT_SAMPLE
    ]  # fmt: skip

    assert missing == []


@pytest.fixture
def charlies(world, client_of) -> Matrix:
    """Charlie of team South, with a customer and what hangs on her, asks for what is Bob's."""
    own = fill_own(World({**world.people, "bob": world.people["charlie"]}, "Southern Person"))
    return Matrix(client_of("charlie"), world, SAMPLES, own)


def test_a_record_of_another_team_in_a_path_is_one_that_does_not_exist(charlies):
    with nothing_changes():
        for endpoint in WITH_RECORD:
            if endpoint.name not in SHARED:
                charlies.path(endpoint)

    assert charlies.findings == []
    assert charlies.asked > 1_000


def control(client, world, endpoint):
    """How a page answers who administers, and what it reads of her requests, plain parameters apart."""
    ids = SAMPLES[endpoint.name](world) if endpoint.name in SAMPLES else {}
    path, body = endpoint.path(**ids), body_for(endpoint.name, world) if endpoint.name in {*BODIES, *SAMPLES} else {}
    with noticing_reads() as read:
        statuses = [way.of(client, path, body if way.method == "POST" else {}).status_code for way in PAGE_AND_FORM]
    return statuses, {name for name in read if not is_plain(name)}


def test_a_record_of_another_team_in_what_is_sent_is_one_that_does_not_exist(charlies, client_of):
    """What would be carried out, and beside it every parameter that a page reads and that may name a record.

    What is closed to who administers, too, would prove nothing.
    """
    ada, reading, closed = client_of("ada"), 0, []
    with nothing_changes():
        for endpoint in OURS:
            for body in SENDING.get(endpoint.name, ()):
                charlies.sent(endpoint, body)
            statuses, names = control(ada, charlies.world, endpoint)
            is_closed = min(statuses) >= 400 and not {409, 422} & set(statuses)
            if endpoint.name in SAMPLES and is_closed and endpoint.name not in OF_ITS_OWNER:
                closed.append(f"{endpoint.name}: {statuses}")
            reading += len(names)
            for kind in ("customer", "order", "task") if names else ():
                charlies.sent(endpoint, dict.fromkeys(names, f"{{{kind}}}"))

    assert charlies.findings == []
    assert closed == []
    assert reading > 20
    assert charlies.asked > 200


# even for who administers: what belongs to one person alone, or is not in a state to be asked for
OF_ITS_OWNER = {
    "bulk_run", "bulk_begin", "bulk_cancel", "bulk_undo", "change_undo", "list_view_pin", "list_view", "list_view_copy",
    "list_view_delete", "list_view_restore", "export_file", "person_export_download", "import_refused", "history_restore",
    "comment_edit", "comment_delete", "comment_restore", "file_restore", "import_field", "export", "export_cancel", "file",
    "report", "report_change", "report_delete", "report_restore", "report_mail", "report_file",
    "report_mail_colleague", "report_tile", "dashboard_mail_colleague",
    "dashboard", "dashboard_change", "dashboard_delete", "dashboard_restore", "dashboard_mail", "dashboard_move",
}  # fmt: skip


def test_to_a_stranger_no_record_exists(world):
    stranger = Matrix(Client(), world, SAMPLES)
    with nothing_changes():
        for endpoint in WITH_RECORD:
            stranger.path(endpoint, ways=PAGE_PART_AND_FORM)
        statuses = {
            endpoint.name: stranger.unchanged(endpoint, PAGE_AND_FORM) for endpoint in OURS
            if endpoint.audience != "public"
        }  # fmt: skip

    assert stranger.findings == []
    assert {status for each in statuses.values() for status in each} <= {302, 401}


def test_to_somebody_deactivated_no_record_exists(world, client_of):
    client = client_of("dora")
    assert client.get("/settings/profile/").status_code == 200
    with acting(SYSTEM):
        User.objects.filter(name="Dora").update(is_active=False)
    gone = Matrix(client, world, SAMPLES)

    with nothing_changes():
        for endpoint in WITH_RECORD:
            gone.path(endpoint, ways=PAGE_PART_AND_FORM)

    assert gone.findings == []


def test_a_reader_changes_nothing(world, client_of):
    reader = Matrix(client_of("rita"), world, SAMPLES)
    with nothing_changes():
        for endpoint in OURS:
            if endpoint.name not in ONESELF:
                reader.unchanged(endpoint, (Ask("POST"), Ask("DELETE")))

    assert [each for each in reader.findings if each.partition(": ")[0].split()[-1] not in NO_HARM] == []


# what a reader, or anybody on the staff, may keep for herself: choices of lists, views and selections, snoozing
NO_HARM = {
    "bulk_choose", "bulk_begin", "bulk_cancel", "list_view_new", "list_view_copy", "list_view_pin", "list_open_with",
    "list_columns", "change_undo", "change_undo_last", "report_new", "dashboard_new",
}  # fmt: skip


def test_without_a_right_a_page_is_refused_alike_for_every_record(world, client_of):
    """Dora reaches all of Bob's records, as one of his team, and her role has not one right."""
    with acting(SYSTEM):
        dora = world.people["dora"]
        dora.role = Role.objects.create(name="Nothing", scope="all", rights=[])
        dora.save(update_fields=["role"])
    matrix = Matrix(client_of("dora"), world, SAMPLES)

    with nothing_changes():
        for endpoint in OURS:
            if getattr(endpoint.view, "right", None) is None:
                continue
            if endpoint.name in SAMPLES:
                matrix.path(endpoint, ways=PAGE_PART_AND_FORM)
            else:
                statuses = matrix.unchanged(endpoint, PAGE_AND_FORM)
                assert set(statuses) <= {403, 405}, endpoint.name

    assert matrix.findings == []


LEAKS = {each.name: each for each in endpoints("tests.security.leaks")}


@pytest.fixture
def leaky(charlies, settings) -> Matrix:
    settings.ROOT_URLCONF = "tests.security.leaks"
    samples = dict.fromkeys(LEAKS, lambda world: {"public_id": world.customer.public_id})
    return Matrix(charlies.client, charlies.world, samples, charlies.own)


@pytest.mark.parametrize(
    ("leak", "said"),
    [
        ("without_gate", "the answers differ"),
        ("writes_before_it_refuses", "rows were written"),
        ("redirects_otherwise", "the answers differ"),
        ("says_otherwise", "the answers differ"),
    ],
)
def test_a_leak_through_a_path_is_found(leak, said, leaky):
    leaky.path(LEAKS[leak])

    assert [said in each for each in leaky.findings].count(True) > 0


@pytest.mark.parametrize("leak", ["acts_on_all_that_are_named", "offers_everybody", "looks_up_a_parameter"])
def test_a_leak_through_what_is_sent_is_found_though_nobody_declared_the_parameter(leak, leaky, client_of):
    _statuses, names = control(client_of("ada"), leaky.world, LEAKS[leak])
    for kind in REFERENCES:
        leaky.sent(LEAKS[leak], dict.fromkeys(names, f"{{{kind}}}"))

    assert len(names) == 1
    assert any("the answers differ" in each for each in leaky.findings)


def test_a_bulk_act_without_the_gate_is_found(charlies, monkeypatch):
    from rapport.accounts.access import VisibleQuerySet

    monkeypatch.setattr(VisibleQuerySet, "visible_to", lambda records, user: records)
    for endpoint in ("merge", "task_add"):
        for body in SENDING[endpoint]:
            charlies.sent(ALL[endpoint], body)

    assert {each.split()[1] for each in charlies.findings} >= {"merge", "task_add"}


def tell_of_acts(matrix, object_name):
    """Each act on many rows, from their choice to the last page: what a row of somebody else adds to one of one's own."""
    user, findings = matrix.own.people["charlie"], []
    rows = [REFERENCES[object_name](each) for each in (matrix.own, matrix.world)]
    for act in acts_for(user, object_name):
        there, nowhere = (
            all_of_an_act(matrix, object_name, act.name, [rows[0], other]) for other in (rows[1], MISSING["uuid"])
        )
        findings += [act.name] if there != nowhere or max(status for status, _headers, _body in there[0]) >= 500 else []
    return findings


def all_of_an_act(matrix, object_name, act, rows):
    with transaction.atomic():
        answers = [matrix.client.post(f"/selected/{object_name}/", {"act": act, "row": rows})]
        place = answers[0].headers.get("Location", "/customers/")
        answers.append(matrix.client.get(place))
        if place.startswith("/bulk/"):
            owner = matrix.own.people["charlie"].public_id
            answers += [
                matrix.client.post(f"{place}begin/", {"owner": owner, "add": "Taken"}),
                matrix.client.get(place),
            ]
        foreign = [
            list(type(each).objects.filter(pk=each.pk).values()) for each in (matrix.world.customer, matrix.world.order)
        ]
        transaction.set_rollback(True)
    return [what_is_told(each) for each in answers], foreign


@pytest.mark.parametrize(("object_name", "at_least"), [("customer", 6), ("order", 1)])
def test_an_act_on_many_treats_a_row_of_another_team_like_one_that_does_not_exist(
    object_name, at_least, charlies, home
):
    acts = acts_for(charlies.own.people["charlie"], object_name)

    assert len(acts) >= at_least
    assert tell_of_acts(charlies, object_name) == []


def test_an_act_on_many_whose_rows_pass_no_gate_is_found(charlies, home, monkeypatch):
    def find(user, rows):
        return [(each.pk,) for each in Customer.objects.filter(public_id__in=rows)]

    monkeypatch.setitem(selectables(), "customer", replace(selectables()["customer"], find=find))

    assert {"assign", "trash", "merge"} <= set(tell_of_acts(charlies, "customer"))


def test_a_gate_left_out_is_found(charlies, monkeypatch):
    from rapport.accounts.access import VisibleQuerySet

    monkeypatch.setattr(VisibleQuerySet, "visible_to", lambda records, user: records)
    charlies.path(ALL["customer"])

    assert any(each.startswith("GET customer") for each in charlies.findings)
