"""Every mart says on Spark what it says on DuckDB, to the last digit. Without Spark and Java this is left out, and says so."""

from __future__ import annotations

import json
import os
import shutil
from argparse import ArgumentParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from rapport.insight.report_kinds import KINDS
from rapport.insight.reports import Reports, reports, rows
from rapport.insight.rfm.segments import DEFAULT_MAP
from rapport.insight.tests.every_mart import every_mart, told
from rapport.insight.tests.golden_tables import BEFORE, DAY, GOLDEN, snapshot_of

IS_LONG = os.environ.get("RAPPORT_FAULTS") == "long"
ASKED = ("rfm", "audit", "next-product") if IS_LONG else ()

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        find_spec("pyspark") is None or shutil.which("java") is None,
        reason="NOT CHECKED: that every mart says the same on Spark. It needs pyspark (the extra `spark`) and Java 17",
    ),
]


def answered(answers: Reports) -> dict[str, Any]:
    """What every mart says, as plain values in an order of their own."""
    every = every_mart(answers.warehouse, as_of=DAY, before=BEFORE)
    said: dict[str, Any] = {name: told(table) for name, table in every.items()} | {
        "rfm": [answers.rfm(as_of=DAY, monetary=monetary) for monetary in ("average", "total")],
        "moves": answers.moves(as_of=DAY, since=BEFORE),
        "revenue": answers.revenue(as_of=DAY),
        "newest": answers.newest_order_on(),
        "edges": rows(answers.edges(as_of=DAY)),
        "segments": rows(answers.segment_changes(as_of=DAY, since=BEFORE), order_by="customer_id"),
        "in batches": answers.warehouse.batches(answers.segmented(as_of=DAY), rows=7).read_all().num_rows,
    }
    for kind in KINDS:
        if kind.name in ASKED:
            said[kind.name] = printed(answers, kind)
    return said


def printed(answers: Reports, kind: Any) -> Any:
    """What the report prints, or the words in which it refuses."""
    parser = ArgumentParser()
    kind.add_options(parser)
    try:
        return json.dumps(kind.compute(answers, as_of=DAY, arguments=parser.parse_args([])), default=str)
    except RuntimeError as refusal:
        return str(refusal)


@pytest.fixture
def engines(home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")  # it lives for a minute

    def ask(name: str, engine: str) -> dict[str, Any]:
        made = snapshot_of(home, f"{name}-{engine}", GOLDEN[name]())
        monkeypatch.setenv("RAPPORT_WAREHOUSE_ENGINE", engine)
        with reports(made, rules=DEFAULT_MAP, afresh=True) as answers:
            assert answers.warehouse.engine.lower().startswith(engine)
            return answered(answers)

    return ask


@pytest.mark.fault
def test_every_mart_says_the_same_on_spark(engines: Any) -> None:
    """In the long form on every golden table, and with what other reports print."""
    for name in GOLDEN if IS_LONG else ("many",):
        on_spark, here = engines(name, "spark"), engines(name, "duckdb")
        for mart, said in here.items():
            assert on_spark[mart] == said, f"{mart} of {name}"
            assert name != "many" or mart not in ASKED or said.startswith("{"), f"{mart} refuses"
