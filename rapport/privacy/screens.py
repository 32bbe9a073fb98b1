"""What an import must not bring in again: rows of somebody who was erased, unless she has come back by herself since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.privacy.digests import DIGEST_SQL, EMAIL, PHONE, PUBLIC_ID, key_of_source, suppression_key
from rapport.privacy.queries import has_suppressions
from rapport.records.imports.importing import Importer, Run, Screen

# the staged columns by which rows name a customer; a test fails for a column of codes or addresses that is not among them
NUMBERS = ("customer_number", "customer_key")
EMAILS, PHONES = ("email_norm", "customer_email"), ("phone_norm",)
POINTS, RAPPORT_ID = "points", "rapport_id"
NUMBER_OF_PERSON = {"customer": "key", "consent": "external_id"}
ENDS = ("from_id", "to_id")
OF_ORDERS = "order"
# whom a row names besides the one it is about: the row stays without
BESIDES = ("organization_number", "employer_number")
# an order stays without whoever bought it
_UNLINKED = (*NUMBERS, *EMAILS, "customer_name")

_SUPPRESSED = sql.SQL("exists (select from privacy_suppression x where x.kind = {kind} and x.digest = {digest})")
_PROFILE = sql.SQL("exists (select from customers_profile p where p.source_id = {source} and p.external_id = {value})")
_IDENTIFIER = sql.SQL("exists (select from customers_identifier i where i.kind = {kind} and i.value_norm = {value})")
_CUSTOMER = sql.SQL(
    "exists (select from customers_customer c where c.public_id = case when {value} ~ {uuid} then {value}::uuid end)"
)
_UUID = sql.Literal("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_POINT = sql.SQL(
    "(s.points is not null and exists (select from jsonb_array_elements(s.points::jsonb) n where {condition}))"
)
_IDENTIFIER_KINDS = {EMAIL: 1, PHONE: 2}


@dataclass(frozen=True)
class Named:
    """One way in which a row names somebody: whether that is suppressed, and whether it is known again."""

    is_suppressed: sql.Composable
    is_known: sql.Composable


def take_out_suppressed(cursor: CursorWrapper, importer: Importer, run: Run) -> int:
    """Rows about people who were erased go; of an order of somebody erased only what leads to her goes."""
    if not has_suppressions():
        return 0
    staged = {column.name for column in importer.columns} | {name for name, _type in importer.staged} | {"key"}
    ways = _Ways(staged, run.source_id, str(run.answers["source"]), suppression_key())
    taken = 0
    if importer.object == OF_ORDERS:
        cursor.execute(sql.SQL("delete from {} s where {}").format(run.table(), ways.order_number()))
        taken += int(cursor.rowcount)
    for person in ways.people(importer):
        condition = _any_of_erased(person)
        if importer.object == OF_ORDERS:
            emptied = [sql.SQL("{} = null").format(sql.Identifier(name)) for name in _UNLINKED if name in staged]
            statement = sql.SQL("update {} s set {} where {}").format(
                run.table(), sql.SQL(", ").join(emptied), condition
            )
        else:
            statement = sql.SQL("delete from {} s where {}").format(run.table(), condition)
        cursor.execute(statement)
        taken += int(cursor.rowcount)
    for column in sorted(staged.intersection(BESIDES)):
        unnamed = sql.SQL("update {} s set {} = null where {}")
        condition = _any_of_erased([ways.number(column)])
        cursor.execute(unnamed.format(run.table(), sql.Identifier(column), condition))
    return taken + _forget_refused(cursor, importer, run, ways)


def _any_of_erased(person: Sequence[Named]) -> sql.Composed:
    """Named by something that is suppressed, and by nothing that is known."""
    either = sql.SQL(" or ")
    return sql.SQL("({}) and not coalesce({}, false)").format(
        either.join(way.is_suppressed for way in person), either.join(way.is_known for way in person)
    )


@dataclass(frozen=True)
class _Ways:
    staged: set[str]
    source_id: int
    source: str
    key: bytes

    def people(self, importer: Importer) -> Iterator[list[Named]]:
        """Each person that a row names, with all the ways in which it does."""
        if all(end in self.staged for end in ENDS):
            yield from ([self.number(end)] for end in ENDS)
            return
        own = NUMBER_OF_PERSON.get(importer.object)
        found = [self.number(name) for name in (*NUMBERS, *([own] if own else [])) if name in self.staged]
        found += [self.address(name, EMAIL) for name in EMAILS if name in self.staged]
        found += [self.address(name, PHONE) for name in PHONES if name in self.staged]
        if POINTS in self.staged:
            found += [self.point(kind) for kind in (EMAIL, PHONE)]
        if importer.object == "customer" and RAPPORT_ID in self.staged:
            value = sql.SQL("lower({})").format(sql.Identifier("s", RAPPORT_ID))
            found.append(Named(self.suppressed(PUBLIC_ID, value), _CUSTOMER.format(value=value, uuid=_UUID)))
        if found:
            yield found

    def order_number(self) -> sql.Composed:
        return self.suppressed(key_of_source("commerce_order", self.source), sql.Identifier("s", "key"))

    def number(self, column: str) -> Named:
        value = sql.Identifier("s", column)
        known = _PROFILE.format(source=sql.Literal(self.source_id), value=value)
        return Named(self.suppressed(self.number_kind, value), known)

    def address(self, column: str, kind: str) -> Named:
        value = sql.SQL("lower({})").format(sql.Identifier("s", column))
        return Named(
            self.suppressed(kind, value), _IDENTIFIER.format(kind=sql.Literal(_IDENTIFIER_KINDS[kind]), value=value)
        )

    def point(self, kind: str) -> Named:
        """One of the further addresses and numbers of a row, which are staged as JSON."""
        value = sql.SQL("lower(n ->> 'value_norm')")
        of_kind = sql.SQL("n ->> 'kind' = {} and {}")
        known = _IDENTIFIER.format(kind=sql.Literal(_IDENTIFIER_KINDS[kind]), value=value)
        return Named(
            _POINT.format(condition=of_kind.format(sql.Literal(kind), self.suppressed(kind, value))),
            _POINT.format(condition=of_kind.format(sql.Literal(kind), known)),
        )

    @property
    def number_kind(self) -> str:
        return key_of_source("customers_profile", self.source)

    def suppressed(self, kind: str, value: sql.Composable) -> sql.Composed:
        digest = DIGEST_SQL.format(key=sql.Literal(self.key), kind=sql.Literal(f"{kind}:"), value=value)
        return _SUPPRESSED.format(kind=sql.Literal(kind), digest=digest)


def _forget_refused(cursor: CursorWrapper, importer: Importer, run: Run, ways: _Ways) -> int:
    """Rows that could not be read are kept to be mended; not those that name somebody erased."""
    cell = sql.SQL("btrim(c.cell)")
    addresses = ways.suppressed(EMAIL, sql.SQL("lower({})").format(cell))
    mapping = run.answers.get("mapping") or {}
    own = ("external_id",) if importer.object in NUMBER_OF_PERSON else ()
    places = [mapping[name] + 1 for name in (*NUMBERS, *ENDS, *own) if name in mapping]
    numbers = sql.SQL("c.place = any({}) and {}").format(sql.Literal(places), ways.suppressed(ways.number_kind, cell))
    cursor.execute(
        sql.SQL("""
            with gone as (
                delete from records_importproblem r where r.job_id = {job} and exists (
                    select from jsonb_array_elements_text(r."row") with ordinality c (cell, place)
                     where {addresses} or ({numbers}))
                returning r.line)
            select count(distinct line) from gone
        """).format(job=sql.Literal(run.import_id), addresses=addresses, numbers=numbers)
    )
    count = int(cursor.fetchone()[0])
    if count:
        cursor.execute(
            "update records_import i set problem_count = (select count(*) from records_importproblem where job_id = i.id)"
            " where id = %s",
            [run.import_id],
        )
    return count


SCREENS = (Screen("suppressed", take_out_suppressed),)
