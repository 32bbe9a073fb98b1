"""Telling other systems what happened, as Standard Webhooks."""
