"""Whether the next best actions that were offered were taken, and whether they helped."""
