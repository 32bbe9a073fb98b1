"""Marts: one file, one table; an Ibis function Table -> Table whose docstring is the business question."""
