"""Filters of lists: how they are read, written, compiled and built."""
