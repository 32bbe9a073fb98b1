"""Deriving all customers with several profiles again, by chunks, after the rules were changed."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import QuerySet
from procrastinate.contrib.django import app
from psycopg import sql

from rapport.audit import actions as audit
from rapport.core.acting import SystemActor, acting
from rapport.core.events import publish
from rapport.customers.events import RulesApplied
from rapport.customers.models import Derivation, DerivationState
from rapport.customers.survivorship.deriving import derive_relation

TASK = "customers.derive_again"
CHUNK = 2_000
# what one source alone says is shown whatever the rules are
MANY_PROFILES = sql.SQL("select customer_id from customers_profile group by customer_id having count(*) > 1")
_NEXT = sql.SQL(
    "select customer_id from customers_profile where customer_id > {} group by customer_id having count(*) > 1"
    " order by customer_id limit {}"
)


def queue_derivation(derivation: Derivation) -> None:
    app.configure_task(TASK, queue="deriving").defer(derivation_id=derivation.pk)


def run_derivation(derivation_id: int, *, now: datetime, chunk: int = CHUNK) -> None:
    """Go on until every customer is done or somebody cancels; after a kill it goes on where it was."""
    try:
        while _derive_chunk(derivation_id, now=now, chunk=chunk):
            pass
    except Exception:
        with acting(SystemActor()):
            run = _running(derivation_id).select_for_update().first()
            if run is not None:
                run.state, run.ended_at = DerivationState.FAILED, now
                run.save(update_fields=["state", "ended_at"])
                announce_applied(run)
        raise


def announce_applied(run: Derivation) -> None:
    """However the pass came to its end: whom it has changed by then may fit other segments."""
    if run.changed:
        publish(RulesApplied(derivation_id=run.pk, changed=run.changed))


def _running(derivation_id: int) -> QuerySet[Derivation]:
    return Derivation.objects.filter(pk=derivation_id, state=DerivationState.RUNNING)


def _derive_chunk(derivation_id: int, *, now: datetime, chunk: int) -> bool:
    with acting(SystemActor(), reason="customers.rules_changed"), connection.cursor() as cursor:
        run = _running(derivation_id).select_for_update().first()
        if run is None:
            return False
        if run.total is None:
            cursor.execute(sql.SQL("select count(*) from ({}) several").format(MANY_PROFILES))
            run.total = cursor.fetchone()[0]
        cursor.execute(_NEXT.format(sql.Literal(run.last_customer), sql.Literal(chunk)))
        ids = [row[0] for row in cursor.fetchall()]
        if ids:
            cursor.execute("select set_config('rapport.bulk', 'on', true)")
            changed = derive_relation(cursor, sql.SQL("select unnest({}::bigint[])").format(sql.Literal(ids)))
            audit.record_bulk("customers derived again", {"derivation": run.pk, "customers": changed})
            cursor.execute("select set_config('rapport.bulk', 'off', true)")
            run.last_customer, run.derived, run.changed = ids[-1], run.derived + len(ids), run.changed + changed
        else:
            run.state, run.ended_at = DerivationState.DONE, now
            announce_applied(run)
        run.save(update_fields=["total", "last_customer", "derived", "changed", "state", "ended_at"])
        return bool(ids)
