"""The people and organizations around a customer."""
