"""Segments: customers by what is known of them and what they did, kept up to date."""
