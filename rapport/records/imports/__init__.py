"""Imports: from a file through looking, planning, staging and running to undoing."""
