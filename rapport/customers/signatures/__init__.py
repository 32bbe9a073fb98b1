"""From a pasted mail signature to a person."""
