"""Tests that kill, fill up or cut off what Rapport stands on. `make faults` runs their long forms."""
