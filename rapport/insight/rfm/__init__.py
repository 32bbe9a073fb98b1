"""Recency, frequency, monetary value: groups of customers, their edges, and the page of worth."""
