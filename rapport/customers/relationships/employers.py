"""Who works where, as files of people name it: ties that follow from what is said, whichever file came first.

A person works at the organization whose number her source gives; else at the one that has the name the source gives, in the
same source, else anywhere, as long as one customer alone has it. These ties are computed again where a file or an undo
changes what is said. What somebody typed into one, or a file of relationships says, is left alone.
"""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.customers.moving import take_turn
from rapport.customers.normalizing import ORGANIZATION_PREFIX
from rapport.records.imports.importing import Counts, Run
from rapport.records.imports.journal import created

EMPLOYER = "employer_number"
# where a profile keeps, among what its source said, the number of the organization
KEPT_AS = "rapport: employer"

_NAMED = sql.SQL(
    "({}.import_id in (select id from records_import where importer in ('people', 'organizations'))) is true"
)
_BY_HAND = sql.SQL("""
exists (select from audit_event e
         where e.table_name = 'customers_relationship' and e.row_id = r.id::text and e.operation = 'update'
           and e.fields && array['role', 'since', 'until'])
""")
# the name in one spelling; the ids of one system come with and without three signs that check the others
_KEY = sql.SQL("nullif(btrim(regexp_replace(fold_text({}), '[[:space:][:punct:]]+', ' ', 'g')), '')")
_NUMBER = sql.SQL("case when s.name = 'Salesforce' and length({0}) = 18 then left({0}, 15) else {0} end")
_SAID = sql.SQL("nullif(btrim(split_part(p.raw ->> {}, ';', 1)), '')").format(sql.Literal(KEPT_AS))
_SPEAKS = sql.SQL("(p.organization is not null or p.raw ? {})").format(sql.Literal(KEPT_AS))

_ORGANIZATIONS = sql.SQL("""
create temporary table employers_known on commit drop as
select p.id, p.customer_id, p.source_id, {number} as number, {key} as key
  from customers_profile p join customers_source s on s.id = p.source_id
 where p.kind = 'organization'
""").format(
    number=_NUMBER.format(
        sql.SQL(
            "case when starts_with(p.external_id, {0}) then substr(p.external_id, length({0}) + 1) else p.external_id end"
        ).format(sql.Literal(ORGANIZATION_PREFIX))
    ),
    key=_KEY.format(sql.SQL("coalesce(p.name, p.organization, '')")),
)

_PEOPLE = sql.SQL("""
create temporary table employed on commit drop as
select p.id, p.customer_id, p.source_id, p.import_id, coalesce(p.job_title, '') as role, {number} as number, {key} as key
  from customers_profile p join customers_source s on s.id = p.source_id
 where p.kind = 'person' and p.import_id is not null and {scope}
""")

_WHERE = sql.SQL("""
create temporary table employers_wanted on commit drop as
with of_source as (
    select source_id, key, min(id) as id from employers_known where key is not null
     group by 1, 2 having count(distinct customer_id) = 1
), of_all as (
    select key, min(id) as id from employers_known where key is not null group by 1 having count(distinct customer_id) = 1
)
select w.id as from_id, w.customer_id as from_customer_id, e.id as to_id, e.customer_id as to_customer_id, w.role, w.import_id
  from employed w
  left join employers_known n on n.source_id = w.source_id and n.number = w.number
  left join of_source o on o.source_id = w.source_id and o.key = w.key
  left join of_all a on a.key = w.key
  join employers_known e on e.id = coalesce(n.id, o.id, a.id)
 where e.customer_id <> w.customer_id
""")

# what was typed into a tie, or a file of relationships says, follows from nothing else
_TIED = sql.SQL("""
create temporary table employers_tied on commit drop as
select r.id, r.from_profile_id as from_id, r.to_profile_id as to_id, r.role
  from customers_relationship r join customers_profile p on p.id = r.from_profile_id
 where r.kind = 'works_at' and {named} and not {by_hand} and {scope}
""")

_PART = """
delete from customers_relationship r using employers_tied t
 where r.id = t.id and not exists (select from employers_wanted w where w.from_id = t.from_id and w.to_id = t.to_id)
"""
_CALL_OTHERWISE = """
update customers_relationship r set role = w.role from employers_tied t join employers_wanted w using (from_id, to_id)
 where r.id = t.id and r.role <> w.role
"""
_TIE = sql.SQL("""
insert into customers_relationship (public_id, kind, role, from_profile_id, from_customer_id, to_profile_id, to_customer_id,
                                    import_id)
select gen_random_uuid(), 'works_at', w.role, w.from_id, w.from_customer_id, w.to_id, w.to_customer_id, w.import_id
  from employers_wanted w
 where not exists (select from customers_relationship r
                    where r.kind = 'works_at' and r.from_profile_id = w.from_id and r.to_profile_id = w.to_id)
   and not exists (select from customers_relationship r
                    where r.kind = 'works_at' and r.from_customer_id = w.from_customer_id
                      and r.to_customer_id = w.to_customer_id and not {named})
 order by w.from_id
""")

_CHANGED_ORGANIZATIONS = """
select exists (select from customers_profile where import_id = %(id)s and kind = 'organization')
    or exists (select from records_importundo where job_id = %(id)s and table_name = 'customers_profile'
                  and previous ->> 'kind' = 'organization')
"""
_EVERYONE = sql.SQL("true")
_CHANGED_ANYTHING = "select exists (select from customers_profile where import_id = %s)"
_LEAVE = "delete from customers_relationship r using people_leaving l where r.{} = l.profile_id"
_TEMPORARY = (
    "drop table if exists pg_temp.employers_known, pg_temp.employed, pg_temp.employers_wanted, pg_temp.employers_tied"
)


def named_tie(row: str) -> sql.Composable:
    """Whether a relationship follows from a name or number in a file of people or organizations."""
    return _NAMED.format(sql.Identifier(row))


def prepare_people_employers(cursor: CursorWrapper, run: Run) -> int:
    return int(bool(run.columns & {"organization", "kind", EMPLOYER}))


def prepare_organization_employers(cursor: CursorWrapper, run: Run) -> int:
    return 1


def apply_employers(cursor: CursorWrapper, run: Run, chunk: int) -> Counts:
    """Tie the people of this file; where it holds organizations, everybody whose source names one."""
    cursor.execute(_CHANGED_ANYTHING, [run.import_id])
    if not cursor.fetchone()[0]:
        return {"rows": 0, "new": 0, "changed": 0}
    cursor.execute(_CHANGED_ORGANIZATIONS, {"id": run.import_id})
    everyone = bool(cursor.fetchone()[0])
    return _tie(cursor, scope=_EVERYONE if everyone else sql.SQL("p.import_id = {}").format(sql.Literal(run.import_id)))


def tie_again(cursor: CursorWrapper, import_id: int) -> int:
    """After an import was taken back: what is said without it. The last thing an undo does, so it says 0."""
    cursor.execute("select importer = 'organizations' or answers -> 'mapping' ?| %s from records_import where id = %s",
                   [["organization", "kind", EMPLOYER], import_id])  # fmt: skip
    if cursor.fetchone()[0]:
        _tie(cursor, scope=_EVERYONE)
    return 0


def said_with_employer(run: Run) -> sql.Composable:
    """What a staged row keeps of what its source said, the number of the organization included."""
    if EMPLOYER not in run.columns:
        return sql.SQL("raw::jsonb")
    return sql.SQL("raw::jsonb || jsonb_build_object({}, coalesce(employer_number, ''))").format(sql.Literal(KEPT_AS))


def part_from_employers(cursor: CursorWrapper) -> None:
    """The profiles of people_leaving go, and their ties with them."""
    for end in ("from_profile_id", "to_profile_id"):
        cursor.execute(sql.SQL(_LEAVE).format(sql.Identifier(end)))


def employer_conflicts(cursor: CursorWrapper, import_id: int) -> list[str]:
    """Ties that the import's profiles would take with them, and that somebody has edited."""
    cursor.execute(
        sql.SQL("""
            select count(*) from customers_relationship r
             where {named} and {by_hand}
               and (r.from_profile_id in ({profiles}) or r.to_profile_id in ({profiles}))
        """).format(named=named_tie("r"), by_hand=_BY_HAND, profiles=created(import_id, "customers_profile"))
    )
    count = cursor.fetchone()[0]
    return [f"{count} relationships of its customers have been edited since."] if count else []


def _tie(cursor: CursorWrapper, *, scope: sql.Composable) -> Counts:
    """Make the ties of some people, which `scope` says of their profiles `p`, those that follow from what is said."""
    take_turn(cursor)
    cursor.execute(_TEMPORARY)
    cursor.execute(_ORGANIZATIONS)
    number, key = _NUMBER.format(_SAID), _KEY.format(sql.SQL("coalesce(p.organization, '')"))
    speaking = sql.SQL("{} and {}").format(scope, _SPEAKS) if cursor.rowcount else sql.SQL("false")
    cursor.execute(_PEOPLE.format(number=number, key=key, scope=speaking))
    cursor.execute("analyze employers_known; analyze employed")
    cursor.execute(_WHERE)
    cursor.execute(_TIED.format(named=named_tie("r"), by_hand=_BY_HAND, scope=scope))
    cursor.execute("analyze employers_wanted; analyze employers_tied")
    cursor.execute(_PART)
    parted = int(cursor.rowcount)
    cursor.execute(_CALL_OTHERWISE)
    changed = int(cursor.rowcount)
    cursor.execute(_TIE.format(named=named_tie("r")))
    return {"rows": 0, "new": int(cursor.rowcount), "changed": changed + parted}
