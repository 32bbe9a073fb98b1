"""The API as programs use it: stories through many operations, and every operation against its own document."""
