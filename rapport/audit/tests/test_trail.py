"""Sealing and verifying: whoever removes, alters, reorders or cuts off a row of the trail is found out."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from rapport.accounts.models import Team
from rapport.audit.actions import forget_values, heads_file, record, record_bulk, seal
from rapport.audit.models import AuditEvent, AuditValue
from rapport.audit.verification import verify
from rapport.core.acting import SYSTEM, acting

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def trail(ada, home):
    """Ten sealed changes of one team."""
    with acting(ada):
        team = Team.objects.create(name="East")
        for number in range(9):
            team.name = f"East {number}"
            team.save(update_fields=["name"])
    seal(now=NOON)
    return list(AuditEvent.objects.filter(table_name="accounts_team").order_by("sealed_position"))


def findings():
    return verify(heads=heads_file()).findings


def test_an_untouched_trail_is_whole(trail):
    result = verify(heads=heads_file())

    assert result.is_whole, result.findings
    assert result.events == result.sealed >= 10
    assert result.heads == 1


def test_a_removed_row_is_found(trail, tampering):
    tampering("delete from audit_value where event_id = %s", trail[4].pk)
    tampering("delete from audit_event where id = %s", trail[4].pk)

    assert findings()[0].startswith(f"1 event(s) removed before position {trail[5].sealed_position}")


@pytest.mark.parametrize(
    "change",
    [
        "actor_label = 'Bob'",
        "at = at + interval '1 second'",
        "operation = 'insert'",
        "row_id = '0'",
        "reason = 'because'",
        "address = '10.0.0.1'",
        "fields = '{}'",
        "digest = '\\x00'",
    ],
)
def test_an_altered_row_is_found(trail, tampering, change):
    tampering(f"update audit_event set {change} where id = %s", trail[4].pk)

    assert f"position {trail[4].sealed_position} (event {trail[4].pk}) was altered" in findings()[0]


def test_an_altered_row_with_its_hash_made_anew_is_found_at_its_successor(trail, tampering):
    tampering("update audit_event set actor_label = 'Bob' where id = %s", trail[4].pk)
    tampering(
        "update audit_event e set sealed_hash = sha256((select p.sealed_hash from audit_event p"
        " where p.sealed_position = e.sealed_position - 1)"
        " || convert_to(e.sealed_position::text || audit_material(e), 'UTF8')) where id = %s",
        trail[4].pk,
    )

    assert f"position {trail[5].sealed_position} " in findings()[0]


def test_reordered_rows_are_found(trail, tampering):
    first, second = trail[3], trail[6]
    for row, position in ((first, -1), (second, first.sealed_position), (first, second.sealed_position)):
        tampering(f"update audit_event set sealed_position = {position} where id = %s", row.pk)

    assert len(findings()) >= 2


def test_a_trail_that_was_cut_off_is_found_by_its_noted_head(trail, tampering):
    tampering("delete from audit_value where event_id > %s", trail[4].pk)
    tampering("delete from audit_event where id > %s", trail[4].pk)

    assert findings()[0] == (
        f"the trail was cut off: it ends at position {trail[4].sealed_position},"
        f" but position {trail[-1].sealed_position} was noted"
    )


def test_a_chain_that_was_made_anew_from_the_start_is_found_by_its_noted_head(trail, tampering):
    tampering("update audit_event set actor_label = 'Bob' where id = %s", trail[4].pk)
    tampering("update audit_event set sealed_position = null, sealed_hash = null where id > %s", 0)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select audit_seal(100000)")

    assert len(findings()) == 1
    assert "the chain was rewritten" in findings()[0]


def test_an_altered_value_is_found(trail, tampering):
    tampering("""update audit_value set "values" = '{"name": ["a", "b"]}' where event_id = %s""", trail[4].pk)

    assert findings() == [f"the values of event {trail[4].pk} are not those that were recorded"]


@pytest.mark.parametrize(
    "theft",
    [
        "delete from audit_value where event_id = %s",
        'update audit_value set "values" = null, salt = null where event_id = %s',
        "update audit_value set salt = null where event_id = %s",
    ],
)
def test_a_value_that_went_missing_is_found(trail, tampering, theft):
    tampering(theft, trail[4].pk)

    assert findings() == [f"the values of event {trail[4].pk} are missing, and not by erasure"]


def test_a_value_taken_away_under_the_guise_of_erasure_is_found(trail, tampering):
    tampering('update audit_value set "values" = null, salt = null, erased_at = now() where event_id = %s', trail[4].pk)

    assert findings() == [f"the values of event {trail[4].pk} were erased, but the trail does not tell of it"]


def test_the_trail_still_verifies_after_values_were_erased(trail, ada):
    with acting(ada):
        assert forget_values([row.pk for row in trail]) == 10
    seal(now=NOON)

    result = verify(heads=heads_file())
    assert result.is_whole, result.findings
    assert result.erased == 10
    assert not AuditValue.objects.filter(event__in=trail).exclude(values=None, salt=None).exists()


def test_the_trail_names_the_events_that_were_forgotten(trail, ada):
    with acting(ada):
        assert forget_values([trail[2].pk, trail[5].pk]) == 2
        assert forget_values([trail[2].pk]) == 0

    (event,) = AuditEvent.objects.filter(operation="forget")
    assert (event.actor_label, event.fields) == ("Ada", [str(trail[2].pk), str(trail[5].pk)])


def test_an_erasure_of_one_event_does_not_cover_that_of_another(trail, ada, tampering):
    with acting(ada):
        forget_values([trail[2].pk])
    seal(now=NOON)
    tampering('update audit_value set "values" = null, salt = null, erased_at = now() where event_id = %s', trail[4].pk)
    tampering("delete from audit_value where event_id = %s", trail[2].pk)

    assert findings() == [
        f"the values of event {trail[2].pk} are missing, and not by erasure",
        f"the trail tells that the values of event {trail[2].pk} were erased, but they were not",
        f"the values of event {trail[4].pk} were erased, but the trail does not tell of it",
    ]


def test_values_are_not_erased_by_nobody(trail):
    with pytest.raises(DatabaseError, match="nobody is acting"), transaction.atomic():
        forget_values([trail[0].pk])

    assert findings() == []


def test_heads_are_noted_once_and_only_added(trail, ada):
    seal(now=NOON)
    assert len(heads_file().read_text().splitlines()) == 1

    before = heads_file().read_text()
    record("export", by=ada)
    seal(now=NOON)
    assert heads_file().read_text().startswith(before)
    assert len(heads_file().read_text().splitlines()) == 2
    assert heads_file().stat().st_mode & 0o777 == 0o600


def test_line_breaks_in_a_name_do_not_forge_a_line(home, db, capsys):
    from rapport.audit.commands import COMMANDS
    from rapport.core.acting import SystemActor

    record("export\r\n9 forged 2026", by=SystemActor("Eve\r\n7 abcdef 2026-01-01T00:00:00+00:00"))
    seal(now=NOON)

    assert len(heads_file().read_text().splitlines()) == 1
    assert run(COMMANDS[0], "verify") == 0
    assert "Eve" not in capsys.readouterr().out


def test_what_the_database_cannot_keep_does_not_lose_the_event(ada):
    event = record("denied\0", by=ada, about="a\0b", values={"path": "/join/a\0b/", "\0": ["\ud800", 1, None, True]})

    assert (AuditEvent.objects.get(pk=event).operation, AuditEvent.objects.get(pk=event).row_id) == (
        "denied\ufffd", "a\ufffdb",
    )  # fmt: skip
    assert AuditValue.objects.get(event_id=event).values == {
        "path": "/join/a\ufffdb/", "\ufffd": ["?", 1, None, True],
    }  # fmt: skip


def test_the_verify_command_says_what_it_found_and_exits_1(trail, tampering, capsys):
    from rapport.audit.commands import COMMANDS

    tampering("update audit_event set reason = 'x' where id = %s", trail[4].pk)

    assert run(COMMANDS[0], "verify") == 1
    seen = capsys.readouterr()
    assert "noted heads checked" in seen.out
    assert "NOT whole: 1 finding" in seen.err


def test_a_bulk_action_leaves_one_event_with_its_counts(db):
    with acting(SYSTEM):
        event = record_bulk("import", {"created": 3, "changed": 1})

    assert AuditEvent.objects.get(pk=event).operation == "import"
    assert AuditValue.objects.get(event_id=event).values == {"created": 3, "changed": 1}


def test_the_application_cannot_write_into_the_trail_by_itself(ada):
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into audit_event (actor_id, actor_label, table_name, operation, digest)"
            " values ('user:1', 'Ada', 'x', 'insert', '')"
        )


def test_the_job_seals_what_is_open(ada, home):
    from rapport.audit.jobs import seal_trail

    seal_trail(timestamp=0)

    assert not AuditEvent.objects.filter(sealed_position=None).exists()


def test_two_who_seal_at_once_make_one_chain(transactional_db, home):
    for number in range(30):
        record("export", by=SYSTEM, about=str(number))
    barrier = threading.Barrier(3)

    def one():
        barrier.wait()
        seal(now=NOON)
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    result = verify(heads=heads_file())
    assert result.is_whole, result.findings
    assert result.sealed == result.events >= 30


def run(command, *words):
    from argparse import ArgumentParser

    parser = ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(words))
