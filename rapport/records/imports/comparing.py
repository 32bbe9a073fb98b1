"""Whether a cell that comes in says what is kept: reading takes off spaces around a text, and a workbook has but one line break."""

from __future__ import annotations

from psycopg import sql

# a second look is only taken where the first one finds a difference
_SAYS = sql.SQL("({said} is not distinct from {kept} or {said_plainly} is not distinct from {kept_plainly})")
_KEPT = sql.SQL(r"btrim({}, E' \t\r\n')")
_PLAINLY = sql.SQL(
    r"btrim(regexp_replace(regexp_replace({}, E'\r\n?', E'\n', 'g'), E'[\x01-\x08\x0b-\x1f]', '', 'g'), E' \t\r\n')"
)


def says_the_same(said: sql.Composable, kept: sql.Composable) -> sql.Composed:
    """The condition that the text `said` by a cell is the one that is `kept`."""
    return _SAYS.format(
        said=said, kept=_KEPT.format(kept), said_plainly=_PLAINLY.format(said), kept_plainly=_PLAINLY.format(kept)
    )
