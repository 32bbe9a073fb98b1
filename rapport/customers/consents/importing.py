"""Consents from files: entries of the ledger row by row, and withdrawals from the opt-out columns of people."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.customers.consents.reading import SAYS_NOTHING
from rapport.records.imports.importing import Counts, Run
from rapport.records.imports.journal import UNDO_BATCH
from rapport.records.imports.refusing import Refusal, refuse_rows
from rapport.records.imports.staging import bucket_count
from rapport.records.imports.values import gettext_noop

OPT_OUTS = {
    "email_opt_out": "email",
    "call_opt_out": "call_center",
    "sms_opt_out": "sms",
    "post_opt_out": "direct_mail",
}

_PURPOSE = sql.SQL(
    "(select name from customers_purpose u where lower(btrim(s.purpose)) in (lower(u.name), lower(u.label))"
    " order by lower(u.name) = lower(btrim(s.purpose)) desc, id limit 1)"
)
_PROFILE = sql.SQL(
    "left join lateral (select id, customer_id from customers_profile"
    " where source_id = {source} and external_id = s.external_id offset 0) p on true"
)
_REFUSALS = (
    Refusal(
        "unknown_customer", "external_id", sql.SQL("p.id is null"), gettext_noop("No customer has this number in this source.")
    ),
    Refusal(
        "unknown_purpose", "purpose", sql.SQL("{} is null").format(_PURPOSE),
        gettext_noop("There is no such purpose; add it in the settings."),
    ),
    Refusal(
        "ahead", "occurred_at", sql.SQL("s.occurred_at > now()"),
        gettext_noop("This lies ahead, so nobody can have said it yet."),
    ),
)  # fmt: skip

_NEW = sql.SQL("""
insert into customers_consent (public_id, profile_id, customer_id, purpose, channel, status, occurred_at, expires_at, origin,
                               wording, proof, recorded_by, import_id)
select distinct on (n.profile_id, n.purpose, n.channel, n.status, n.occurred_at)
       gen_random_uuid(), n.profile_id, n.customer_id, n.purpose, n.channel, n.status, n.occurred_at, n.expires_at, n.origin,
       n.wording, n.proof, {actor}, {import_id}
  from ({said}) n
 where not exists (select from customers_consent c
                    where c.profile_id = n.profile_id and c.purpose = n.purpose and c.channel = n.channel
                      and c.status = n.status and c.occurred_at = n.occurred_at)
 order by n.profile_id, n.purpose, n.channel, n.status, n.occurred_at, n.line desc
""")

_SAID = sql.SQL("""
select s.line, p.id as profile_id, p.customer_id, {purpose} as purpose, s.channel, s.status, s.occurred_at, s.expires_at,
       coalesce(s.origin, {file}) as origin, coalesce(s.wording, '') as wording,
       jsonb_strip_nulls(jsonb_build_object('proof', s.proof, 'line', s.line)) as proof
  from {table} s {profile}
 where s.bucket = {bucket} and p.id is not null and s.occurred_at <= now() and {purpose} is not null
""")

# the same row says it only once: a yes that was given since is not taken away by reading the file again
_OPTED_OUT = sql.SQL("""
select s.line, p.id as profile_id, p.customer_id, u.name as purpose, o.channel, 'withdrawn' as status,
       least(coalesce(s.seen_at, {seen_at}), now()) as occurred_at, null::timestamptz as expires_at, {file} as origin,
       '' as wording, jsonb_build_object('column', o.header, 'value', o.value, 'row', s.raw_hash) as proof
  from (select distinct on (key) * from {table} where bucket = {bucket} order by key, line desc) s
  join customers_profile p on p.source_id = {source} and p.external_id = s.key
  cross join lateral (values {columns}) as o (channel, header, value)
  join customers_purpose u on u.is_marketing
 where lower(btrim(coalesce(o.value, ''))) <> all({nothing})
   and not exists (select from customers_consent c
                    where c.profile_id = p.id and c.purpose = u.name and c.channel = o.channel
                      and c.proof ->> 'row' = s.raw_hash and c.proof ->> 'column' = o.header)
   and coalesce((select c.status from customers_consent c
                  where c.profile_id = p.id and c.purpose = u.name and c.channel = o.channel
                  order by c.occurred_at desc, c.status = 'withdrawn' desc limit 1), '') <> 'withdrawn'
""")


def prepare_consents(cursor: CursorWrapper, run: Run) -> int:
    """Refuse rows that cannot be placed, each by its line, and leave the rest to the chunks."""
    refuse_rows(cursor, run, _REFUSALS, joined=_profile(run))
    return bucket_count(cursor, run)


def apply_consents(cursor: CursorWrapper, run: Run, chunk: int) -> Counts:
    """The entries of one bucket. What the ledger has already, to the instant, is not entered again."""
    said = _SAID.format(
        purpose=_PURPOSE,
        file=sql.Literal("import"),
        table=run.table(),
        profile=_profile(run),
        bucket=sql.Literal(chunk),
    )
    cursor.execute(sql.SQL("select count(*) from ({}) n").format(said))
    rows = int(cursor.fetchone()[0])
    new = _enter(cursor, run, said)
    return {"rows": rows, "new": new, "changed": 0, "same": rows - new}


def preview_consents(cursor: CursorWrapper, run: Run) -> Counts:
    cursor.execute(
        sql.SQL("""
            select count(*) filter (where placed and not known), count(*) filter (where known),
                   count(*) filter (where not placed)
              from (select p.id is not null and s.occurred_at <= now() and {purpose} is not null as placed,
                           exists (select from customers_consent c
                                    where c.profile_id = p.id and c.purpose = {purpose} and c.channel = s.channel
                                      and c.status = s.status and c.occurred_at = s.occurred_at) as known
                      from {table} s {profile}) looked
        """).format(purpose=_PURPOSE, table=run.table(), profile=_profile(run))
    )
    new, known, refused = cursor.fetchone()
    return {"new": new, "known": known, "refused_later": refused}


def prepare_opt_outs(cursor: CursorWrapper, run: Run) -> int:
    return bucket_count(cursor, run) if run.columns & set(OPT_OUTS) else 0


def apply_opt_outs(cursor: CursorWrapper, run: Run, chunk: int) -> Counts:
    """Who opted out of a channel takes back every marketing purpose on it. Who did not has said nothing by that."""
    columns = sql.SQL(", ").join(
        sql.SQL("({}, {}, s.{})").format(
            sql.Literal(OPT_OUTS[name]), sql.Literal(_header(run, name)), sql.Identifier(name)
        )
        for name in sorted(run.columns & set(OPT_OUTS))
    )
    said = _OPTED_OUT.format(
        seen_at=sql.Literal(run.seen_at), file=sql.Literal("import"), table=run.table(), bucket=sql.Literal(chunk),
        source=sql.Literal(run.source_id), columns=columns, nothing=sql.Literal(list(SAYS_NOTHING)),
    )  # fmt: skip
    new = _enter(cursor, run, said)
    return {"rows": 0, "new": new, "changed": 0, "same": 0}


def consents_conflicts(cursor: CursorWrapper, import_id: int) -> list[str]:
    """Nothing hangs on an entry of the ledger."""
    return []


def undo_consents(cursor: CursorWrapper, import_id: int) -> int:
    cursor.execute(
        "delete from customers_consent where id in (select id from customers_consent where import_id = %s limit %s)",
        [import_id, UNDO_BATCH],
    )
    return int(cursor.rowcount)


def _enter(cursor: CursorWrapper, run: Run, said: sql.Composable) -> int:
    actor = sql.SQL("coalesce(current_setting('rapport.actor_label', true), '')")
    cursor.execute(_NEW.format(actor=actor, import_id=sql.Literal(run.import_id), said=said))
    return int(cursor.rowcount)


def _profile(run: Run) -> sql.Composed:
    return _PROFILE.format(source=sql.Literal(run.source_id))


def _header(run: Run, column: str) -> str:
    position = run.answers["mapping"].get(column)
    return run.answers["header"][position] if position is not None else ""
