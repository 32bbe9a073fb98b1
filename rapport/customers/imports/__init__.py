"""People, their contacts and all that hangs on them, from files."""
