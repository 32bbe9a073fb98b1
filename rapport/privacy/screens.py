"""What an import must not bring in again: rows of somebody who was erased, unless she has come back by herself since."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.customers.whole_person import source_names
from rapport.privacy.digests import DIGEST_SQL, EMAIL, PHONE, key_of_source, suppression_key
from rapport.privacy.queries import has_suppressions
from rapport.records.importing import Importer, Run, Screen

_TABLES = {"customer": "customers_profile", "order": "commerce_order"}
_NUMBER, _ADDRESS = "customer_number", "customer_email"  # how rows about something else name a customer

_MATCHES = sql.SQL("exists (select from privacy_suppression x where x.kind = {kind} and x.digest = {digest})")
_KNOWN_PROFILE = sql.SQL(
    "exists (select from customers_profile p where p.source_id = {source} and p.external_id = s.{column})"
)
_KNOWN_ADDRESS = sql.SQL(
    "exists (select from customers_identifier i where i.kind = {kind} and i.value_norm = s.{column})"
)


def take_out_suppressed(cursor: CursorWrapper, importer: Importer, run: Run) -> int:
    """Rows of people and orders that were erased go; of an order by somebody erased only the link to her goes."""
    if not has_suppressions():
        return 0
    staged = {column.name for column in importer.columns} | {name for name, _type in importer.staged}
    source = source_names().get(run.source_id, "")
    matches, returned = [], []
    table = _TABLES.get(importer.object)
    if table is not None:
        matches.append(_matching("key", key_of_source(table, source)))
    if importer.object == "customer":
        returned.append(_KNOWN_PROFILE.format(source=sql.Literal(run.source_id), column=sql.Identifier("key")))
    for column, kind, number in (("email_norm", EMAIL, 1), ("phone_norm", PHONE, 2)):
        if column in staged:
            matches.append(_matching(column, kind))
            returned.append(_KNOWN_ADDRESS.format(kind=sql.Literal(number), column=sql.Identifier(column)))
    links = {_NUMBER, _ADDRESS} & staged & set(run.columns)
    if importer.object != "order":
        matches += [_link(column, source) for column in sorted(links)]
        if _NUMBER in links:
            returned.append(_KNOWN_PROFILE.format(source=sql.Literal(run.source_id), column=sql.Identifier(_NUMBER)))
        if _ADDRESS in links:
            returned.append(_KNOWN_ADDRESS.format(kind=sql.Literal(1), column=sql.Identifier(_ADDRESS)))
    taken = 0
    if matches:
        condition = sql.SQL("({})").format(sql.SQL(" or ").join(matches))
        if returned:
            condition += sql.SQL(" and not ({})").format(sql.SQL(" or ").join(returned))
        cursor.execute(sql.SQL("delete from {} s where ").format(run.table()) + condition)
        taken = int(cursor.rowcount)
    return taken + sum(_unlink(cursor, run, column, source) for column in sorted(links) if importer.object == "order")


def _link(column: str, source: str) -> sql.Composed:
    return _matching(column, EMAIL if column == _ADDRESS else key_of_source("customers_profile", source))


def _matching(column: str, kind: str) -> sql.Composed:
    digest = DIGEST_SQL.format(
        key=sql.Literal(suppression_key()),
        kind=sql.Literal(f"{kind}:"),
        value=sql.SQL("lower({})" if kind == EMAIL else "{}").format(sql.Identifier("s", column)),
    )
    return _MATCHES.format(kind=sql.Literal(kind), digest=digest)


def _unlink(cursor: CursorWrapper, run: Run, column: str, source: str) -> int:
    known = _KNOWN_PROFILE.format(source=sql.Literal(run.source_id), column=sql.Identifier(column))
    if column == _ADDRESS:
        known = _KNOWN_ADDRESS.format(kind=sql.Literal(1), column=sql.Identifier(column))
    cursor.execute(
        sql.SQL("update {} s set {} = null where {} and not {}").format(
            run.table(), sql.Identifier(column), _link(column, source), known
        )
    )
    return int(cursor.rowcount)


SCREENS = (Screen("suppressed", take_out_suppressed),)
