"""Tags on records of any kind."""
