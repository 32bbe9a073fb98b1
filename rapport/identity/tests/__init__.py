"""Tests of who is one customer."""
