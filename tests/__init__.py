"""Tests of the whole house; tests of a room are in the room."""
