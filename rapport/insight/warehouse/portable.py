"""The subset of expressions that mean the same on every engine; marts use nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from ibis import ir
from ibis.expr import operations as ops

_ALLOWED = {
    *("UnboundTable", "DatabaseTable", "InMemoryTable", "SelfReference", "JoinReference", "JoinTable"),
    *("Project", "Filter", "Aggregate", "JoinChain", "JoinLink", "Sort", "DropColumns", "Field", "Literal"),
    *("Equals", "NotEquals", "Less", "LessEqual", "Greater", "GreaterEqual", "And", "Or", "Not", "NotNull", "IsNull"),
    *("Add", "Subtract", "Multiply", "Divide", "Floor", "Least", "Greatest", "Cast", "InValues"),
    *("SearchedCase", "SimpleCase", "IfElse", "Coalesce"),
    *(
        "Sum",
        "Min",
        "Max",
        "Count",
        "CountStar",
        "CountDistinct",
        "WindowFunction",
        "WindowBoundary",
        "SortKey",
        "RowNumber",
        "Lag",
        "Lead",
        "Distinct",
    ),
    *("ExtractYear", "ExtractMonth", "ExtractEpochSeconds", "DateDelta"),
}
_WINDOWED = (ops.Sum, ops.RowNumber, ops.Lag, ops.Lead)


def unportable_parts(table: ir.Table) -> Iterator[str]:
    """Name every operation of the expression whose answer could differ between engines, or between two runs."""
    for node in table.op().find(ops.Node):
        kind = type(node).__name__
        if kind not in _ALLOWED:
            yield kind
        if isinstance(node, ops.WindowFunction):
            if not isinstance(node.func, _WINDOWED):
                yield f"{type(node.func).__name__} over a window"
            if isinstance(node.func, ops.Sum) and node.order_by and node.how != "rows":
                yield "a running sum over a range"
        if isinstance(node, ops.SortKey) and node.arg.dtype.is_string():
            yield "an order of texts"
        if isinstance(node, ops.Sum) and node.dtype.is_floating():
            yield "a sum of floating-point numbers"
