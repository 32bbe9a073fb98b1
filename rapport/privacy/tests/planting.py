"""A person with a marker in every column that is declared to hold something of one, and looking for the markers afterwards."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow.parquet as pq
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from psycopg import conninfo, sql

from rapport.core.acting import SYSTEM, acting
from rapport.core.files import store
from rapport.core.owned import OwnedTable
from rapport.core.personal import PersonalTable, erasers, personal_tables
from rapport.core.postgres import client_program
from rapport.core.rooms import contributions
from rapport.segments.models import Segment

NAME, EMAIL, PHONE = "Quinevere Okonkwo", "quinevere@okonkwo.example", "+442079460958"
BORN_ON = "1907-03-11"
TRACES = ("planted", "quinevere", "okonkwo", "2079460958", "7946 0958", BORN_ON)

_COLUMNS = """
select a.attname, format_type(a.atttypid, null), a.attnotnull, a.atthasdef or a.attidentity <> '' as has_default,
       (select c.confrelid::regclass::text from pg_constraint c
         where c.conrelid = a.attrelid and c.contype = 'f' and c.conkey = array[a.attnum])
  from pg_attribute a where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
"""
_PLAIN = {
    "text": "x", "character varying": "x", "bigint": 1, "integer": 1, "smallint": 1, "boolean": False, "numeric": 1,
    "date": "2026-01-01", "timestamp with time zone": "2026-01-01T00:00:00Z", "jsonb": "{}", "bigint[]": "{}",
    "text[]": "{}", "double precision": 1, "uuid": None,
}  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """Somebody, by her markers: `word` begins every one of them, and nobody else has it."""

    word: str
    name: str
    email: str
    born_on: str
    customer: int
    profile: int
    order: int
    user: int
    source: int
    at: list[tuple[str, str]] = field(default_factory=list)  # what was planted: table and column

    def marker(self, table: str, column: str) -> str:
        return f"{self.word} {table}.{column} {self.name} {self.email}"

    def sign(self, table: str, column: str, kind: str) -> str:
        """What tells in the text of a row that it is hers."""
        if kind == "date":
            return self.born_on
        return self.word if kind == "tsvector" else self._own(table, column)

    def value(self, table: str, column: str, kind: str) -> str:
        if kind == "jsonb":
            return json.dumps({"said": self._own(table, column)})
        if kind == "tsvector":
            return f"'{self.word}'"
        return self.born_on if kind == "date" else self._own(table, column)

    def _own(self, table: str, column: str) -> str:
        # a value that is blocked is found by being her address, and by nothing else
        return self.email if (table, column) == ("identity_blockedvalue", "value") else self.marker(table, column)


def declared_tables() -> list[OwnedTable | PersonalTable]:
    return [*contributions("owned", "OWNED", OwnedTable), *personal_tables()]


def declared_columns() -> set[tuple[str, str]]:
    """Every table and column that a room calls personal."""
    return {(table.table, column) for table in declared_tables() for column in table.personal} | held_columns()


def held_columns() -> set[tuple[str, str]]:
    """Those of places that forget in their own way; sessions are planted apart, and salts are random bytes."""
    held = {(table, column) for eraser in erasers() for table, columns in eraser.holds for column in columns}
    return held - {("django_session", "session_data"), ("audit_value", "salt")}


def plant_everywhere(who: Planted) -> None:
    """One more row of hers in every declared table, with a marker in every personal column of it."""
    with acting(SYSTEM), connection.cursor() as cursor:
        for table in declared_tables():
            plant_row(cursor, table, who)
        for name, column in sorted(held_columns() | set(PLANTERS)):
            PLANTERS.get((name, column), in_any(name, column))(cursor, who, who.marker(name, column))
            who.at.append((name, column))
    _plant_files(who)
    session = SessionStore()
    session["toasts"] = [f"{who.marker('django_session', 'session_data')} was added."]
    session["kept"] = "yes"
    session.create()
    who.at.append(("django_session", "session_data"))


def plant_row(cursor: Any, table: OwnedTable | PersonalTable, who: Planted) -> None:
    hers: dict[str, Any] = {
        "profile_id": who.profile, "customer_id": who.customer, "order_id": who.order, "number": 99,
        "one_id": who.profile, "other_id": who.profile, "home_id": who.customer, "source_id": who.source,
    }  # fmt: skip
    if isinstance(table, OwnedTable):
        hers |= {table.profile_column: who.profile, table.customer_column: who.customer}
    if table.table in ("customers_customer", "customers_profile"):
        hers = {"customer_id": who.customer, "merged_into_id": who.customer, "source_id": who.source}
    if table.table == "records_bulkitem":
        hers |= {"run_id": _bulk_run(cursor, who), "keys": json.dumps([who.customer])}
    cursor.execute(_COLUMNS, [table.table])
    values: dict[str, Any] = {}
    for name, kind, not_null, has_default, refers_to in cursor.fetchall():
        if name in table.personal:
            values[name] = who.value(table.table, name, kind)
            who.at.append((table.table, name))
        elif name in hers:
            values[name] = hers[name]
        elif name.endswith(("_profile_id", "_customer_id")):
            values[name] = hers["profile_id" if name.endswith("_profile_id") else "customer_id"]
        elif refers_to == "segments_segment" and not_null:
            values[name] = Segment.objects.create(name=str(uuid4()), is_static=True).pk
        elif refers_to == "accounts_user" and (not_null or name == "person_id"):
            values[name] = who.user
        elif refers_to == "segments_segment":
            values[name] = _segment(cursor)
        elif not_null and not has_default:
            values[name] = f"{who.word}-{_PLAIN[kind]}" if name == "token_hash" else _PLAIN[kind]
    statement = sql.SQL("insert into {} ({}) values ({}) on conflict do nothing").format(
        sql.Identifier(table.table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(
            sql.SQL("gen_random_uuid()") if name == "public_id" else sql.Placeholder() for name in values
        ),
    )
    cursor.execute(statement, [value for name, value in values.items() if name != "public_id"])


def _segment(cursor: Any) -> int:
    cursor.execute(
        "insert into segments_segment (public_id, name) values (gen_random_uuid(), %s) returning id", [str(uuid4())]
    )
    return int(cursor.fetchone()[0])


def _bulk_run(cursor: Any, who: Planted) -> int:
    """An act on customers whom somebody selected."""
    cursor.execute(
        "insert into records_selection (public_id, object, rows, query, is_everything, made_by_id)"
        " values (gen_random_uuid(), 'customer', '[]', '', false, %s) returning id",
        [who.user],
    )
    cursor.execute(
        "insert into records_bulkrun (public_id, selection_id, act, answers, state, total, done, refused, undone,"
        " resumptions, failure) values (gen_random_uuid(), %s, 'x', '{}', 'done', 1, 1, 0, 0, 0, '') returning id",
        [cursor.fetchone()[0]],
    )
    return int(cursor.fetchone()[0])


def _plant_files(who: Planted) -> None:
    """What is attached: a text, and an archive with a text in it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("letter.txt", f"{who.word} in an archive, by {who.name} " * 20)
    stored = [store([content], at_most=1 << 20) for content in (who.marker("a", "file").encode(), packed.getvalue())]
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute("update work_attachment set digest = %s where name like %s", [stored[0].digest, f"{who.word}%"])
        cursor.execute(
            "insert into work_attachment (record_kind, profile_id, customer_id, name, media_type, size, digest,"
            " added_by_id, added_at) select record_kind, profile_id, customer_id, name || '.zip', media_type, size, %s,"
            " added_by_id, added_at from work_attachment where digest = %s",
            [stored[1].digest, stored[0].digest],
        )


def in_any(table: str, column: str) -> Callable[[Any, Planted, str], None]:
    """A row of its own, which is hers by nothing but what it says."""

    def plant(cursor: Any, who: Planted, marker: str) -> None:
        cursor.execute(_COLUMNS, [table])
        values: dict[str, Any] = {}
        for name, kind, not_null, has_default, refers_to in cursor.fetchall():
            if name == column:
                values[name] = json.dumps({"said": marker}) if kind == "jsonb" else marker
            elif name == "name" and not_null:  # some are called so once only
                values[name] = f"{column} {uuid4()}"
            elif not_null and not has_default:
                values[name] = (
                    who.user if refers_to == "accounts_user" else str(uuid4()) if kind == "uuid" else _PLAIN[kind]
                )
        cursor.execute(
            sql.SQL("insert into {} ({}) values ({})").format(
                sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, values)),
                sql.SQL(", ").join(sql.Placeholder() for _name in values),
            ),
            list(values.values()),
        )  # fmt: skip

    return plant


def _job(cursor: Any, who: Planted) -> int:
    """An import of hers alone, made once."""
    cursor.execute("select id from records_import where stage = %s", [f"of {who.customer}"])
    found = cursor.fetchone()
    if found is None:
        cursor.execute(
            "insert into records_import (public_id, importer, file_name, file_digest, file_size, answers, looked, state,"
            " stage, counts, progress, rows_done, problem_count, failure, resumptions, actor_label)"
            " values (gen_random_uuid(), 'people', 'x', '', 0, '{}', '{}', 'failed', %s, '{}', 0, 0, 0, '', 0, '')"
            " returning id",
            [f"of {who.customer}"],
        )
        found = cursor.fetchone()
    return int(found[0])


def _in_import(column: str) -> Callable[[Any, Planted, str], None]:
    def plant(cursor: Any, who: Planted, marker: str) -> None:
        value = json.dumps({"rows": [[marker]]}) if column == "looked" else marker
        cursor.execute(
            sql.SQL("update records_import set {} = %s where id = %s").format(sql.Identifier(column)),
            [value, _job(cursor, who)],
        )

    return plant


def _in_problem(column: str) -> Callable[[Any, Planted, str], None]:
    def plant(cursor: Any, who: Planted, marker: str) -> None:
        values = {"column": "", "value": "", "reason": "", "row": "[]"}
        values[column] = json.dumps([marker]) if column == "row" else marker
        cursor.execute(
            'insert into records_importproblem (job_id, line, "column", value, code, reason, "row")'
            " values (%s, 1, %s, %s, 'x', %s, %s)",
            [_job(cursor, who), values["column"], values["value"], values["reason"], values["row"]],
        )

    return plant


def _in_journal(cursor: Any, who: Planted, marker: str) -> None:
    """The row as it was, of a profile and of an order, which stays without her."""
    for table, number in (("customers_profile", who.profile), ("commerce_order", who.order)):
        cursor.execute(
            "insert into records_importundo (job_id, table_name, row_id, previous) values (%s, %s, %s, %s)",
            [_job(cursor, who), table, number, json.dumps({"external_id": marker, "custom": {"x": marker}})],
        )


def _in_export(column: str) -> Callable[[Any, Planted, str], None]:
    def plant(cursor: Any, who: Planted, marker: str) -> None:
        stored = store([f"{who.marker('a', 'list')} {column}".encode()], at_most=1 << 20)
        cursor.execute(
            sql.SQL(
                "insert into records_export (public_id, list_name, query, columns, file_format, with_mark, state, rows_done,"
                " file_name, file_digest, file_size, failure, asked_by_id) values (gen_random_uuid(), 'customer', '', '[]',"
                " 'csv', true, 'done', 0, '', %s, 0, '', %s)"
            ),
            [stored.digest, who.user],
        )
        cursor.execute(
            sql.SQL("update records_export set {} = %s where file_digest = %s").format(sql.Identifier(column)),
            [marker, stored.digest],
        )

    return plant


def _in_view(column: str) -> Callable[[Any, Planted, str], None]:
    def plant(cursor: Any, who: Planted, marker: str) -> None:
        name = marker if column == "name" else f"View {uuid4()}"
        asked = {"sort": ["name"], **({"filter": [f"city.is:{marker}"]} if column == "asked" else {})}
        cursor.execute(
            "insert into records_savedview (public_id, object, name, asked, is_shared, made_by_id)"
            " values (gen_random_uuid(), 'customer', %s, %s, false, %s)",
            [name, json.dumps(asked), who.user],
        )

    return plant


def _in_queue(column: str) -> Callable[[Any, Planted, str], None]:
    def plant(cursor: Any, who: Planted, marker: str) -> None:
        values = {"args": "{}", "queueing_lock": None, "lock": None}
        values[column] = json.dumps({"said": marker}) if column == "args" else marker
        cursor.execute(
            "insert into procrastinate_jobs (task_name, queue_name, args, queueing_lock, lock, status)"
            " values ('x', 'x', %s, %s, %s, 'todo')",
            [values["args"], values["queueing_lock"], values["lock"]],
        )

    return plant


def _in_trail(cursor: Any, who: Planted, marker: str) -> None:
    cursor.execute("select audit_write('', '', 'said', array['said'], jsonb_build_object('said', %s::text))", [marker])


def _in_staging(cursor: Any, who: Planted, marker: str) -> None:
    cursor.execute("create unlogged table if not exists staging.import_999 (line integer, said text)")
    cursor.execute("insert into staging.import_999 values (1, %s)", [marker])


PLANTERS: dict[tuple[str, str], Callable[[Any, Planted, str], None]] = {
    **{("procrastinate_jobs", name): _in_queue(name) for name in ("args", "queueing_lock", "lock")},
    **{("records_importproblem", name): _in_problem(name) for name in ("column", "value", "reason", "row")},
    **{("records_import", name): _in_import(name) for name in ("file_name", "failure", "looked")},
    **{("records_export", name): _in_export(name) for name in ("query", "file_name", "failure")},
    **{("records_savedview", name): _in_view(name) for name in ("name", "asked")},
    ("records_importundo", "previous"): _in_journal,
    ("audit_value", "values"): _in_trail,
    ("staging", "said"): _in_staging,
}


def missing(who: Planted) -> list[tuple[str, str]]:
    """The declared columns in which no row of the database has a marker of hers."""
    absent = sorted(declared_columns() - set(who.at))
    with connection.cursor() as cursor:
        for table, column in sorted(set(who.at) - {("staging", "said"), ("django_session", "session_data")}):
            cursor.execute(
                "select format_type(atttypid, null) from pg_attribute where attrelid = %s::regclass and attname = %s",
                [table, column],
            )
            (kind,) = cursor.fetchone()
            cursor.execute(
                sql.SQL("select exists (select from {} t where strpos(t.{}::text, %s) > 0)").format(
                    sql.Identifier(table), sql.Identifier(column)
                ),
                [who.sign(table, column, kind)],
            )
            if not cursor.fetchone()[0]:
                absent.append((table, column))
    return absent


def dumped_lines() -> Iterator[tuple[str, str]]:
    """Every row of every table of the product as text, sessions unpacked: what a dump of the database holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname in ('public', 'staging') and c.relkind in ('r', 'p')"
            " and not c.relispartition order by 1, 2"
        )
        tables = cursor.fetchall()
        for schema, table in tables:
            with cursor.copy(
                sql.SQL("copy (select * from {}) to stdout").format(sql.Identifier(schema, table))
            ) as copy:
                for row in copy.rows():
                    yield table, "\t".join(str(value) for value in row)
    for session in Session.objects.all():
        yield "django_session", str(session.get_decoded())


def pg_dump() -> str:
    """The whole database as PostgreSQL's own program writes it: every schema, table, function and comment."""
    owner = os.environ["DATABASE_OWNER_URL"]
    address = conninfo.conninfo_to_dict(owner) | {"dbname": connection.settings_dict["NAME"]}
    password = str(address.pop("password", ""))
    done = subprocess.run(
        [client_program("pg_dump"), f"--dbname={conninfo.make_conninfo('', **address)}"],
        capture_output=True, text=True, check=True, env={"PGPASSWORD": password},
    )  # fmt: skip
    return done.stdout


def traces_in_database() -> list[tuple[str, str]]:
    return [(table, line[:300]) for table, line in dumped_lines() if any(trace in line.lower() for trace in TRACES)]


def traces_in_files(home: Path) -> list[str]:
    """Files of RAPPORT_HOME with a trace in what they hold, archives and Parquet unpacked."""
    return sorted({
        str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()
        for content in unpacked(path.read_bytes())
        if any(trace.encode(code) in content.lower() for trace in TRACES for code in ("utf-8", "utf-16-le"))
    })  # fmt: skip


def unpacked(content: bytes) -> Iterator[bytes]:
    """The bytes themselves, and what is in them where they are an archive, as deep as it goes."""
    yield content
    file = io.BytesIO(content)
    if content[:2] == b"\x1f\x8b":
        yield from unpacked(gzip.decompress(content))
    elif content[:4] == b"PAR1":
        yield json.dumps(pq.read_table(file).to_pylist(), default=str, ensure_ascii=False).encode()
    elif zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from unpacked(archive.read(name))
    elif content[257:262] == b"ustar":
        with tarfile.open(fileobj=file) as archive:
            for member in archive:
                yield member.name.encode()
                opened = archive.extractfile(member)
                if opened is not None:
                    yield from unpacked(opened.read())


def rows_of_others(rows: dict[str, tuple[int, ...]], tables: list[str]) -> dict[str, set[str]]:
    """Table → all rows but hers, as text."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(sql.SQL("select to_jsonb(t)::text from {} t").format(sql.Identifier(table)))
            hers = set(rows.get(table, ()))
            rows_there = [json.loads(text) for (text,) in cursor.fetchall()]
            found[table] = {str(row) for row in rows_there if row.get("id", row.get("customer_id")) not in hers}
    return found
