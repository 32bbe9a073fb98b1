"""Tasks, comments and files on any record."""
