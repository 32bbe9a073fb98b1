"""The jobs of this room: deriving all customers again after the rules were changed."""

from __future__ import annotations

from rapport.core.clock import utc_now
from rapport.core.jobs import task
from rapport.customers.survivorship.rederiving import TASK, run_derivation


@task(name=TASK, queue="deriving", lock=TASK)
def derive_again(derivation_id: int) -> None:
    run_derivation(derivation_id, now=utc_now())
