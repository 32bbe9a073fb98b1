"""What of a customer is changed by an act of its own where a list has it as a value: her owner."""

from rapport.records.lists.cells import CellAct

CELL_ACTS = (CellAct("customer", "owner", act="assign", answer="owner"),)
