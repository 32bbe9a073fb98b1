"""Django's PostgreSQL, which does not ask before every request whether a connection in use is still there."""
