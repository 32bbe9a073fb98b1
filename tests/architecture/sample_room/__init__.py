"""A room outside the package: it proves that the rooms below name nobody, by contributing one file of each kind."""
