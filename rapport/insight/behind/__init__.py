"""From a number of a page to those whom it counts."""
