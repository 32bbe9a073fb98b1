"""What somebody did, and undoing it."""
