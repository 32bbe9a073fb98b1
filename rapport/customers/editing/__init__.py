"""Changing one customer, value by value."""
