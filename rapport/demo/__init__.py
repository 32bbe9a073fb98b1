"""The believable demo company."""
