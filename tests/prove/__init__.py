"""`make prove`: every line under "Must show" of the issues so far, run for real; prints expected, seen, pass."""
