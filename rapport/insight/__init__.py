"""The warehouse, its marts, and what they learned, written back as traits."""
