"""Customer journeys: steps, what follows what, where customers drop out, and the process map of it."""
