"""Who did what and when; knows nobody: actors come as id and label."""
