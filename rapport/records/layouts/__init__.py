"""Who sees which field."""
