"""How a table is audited; every model declares one of these as `audit_class`."""

from __future__ import annotations

from enum import Enum


class AuditClass(Enum):
    AUDITED = "audited"  # a trigger writes every row change, and refuses writes of nobody
    FACT = "fact"  # append-only; the row is its own record
    DERIVED = "derived"  # computed from other tables; one audit row per run
    LOG = "log"  # says what the system did; not audited
