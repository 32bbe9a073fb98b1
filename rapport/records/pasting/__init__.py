"""Pasting cells of a spreadsheet into a list."""
