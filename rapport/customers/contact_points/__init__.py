"""All the ways to reach a customer."""
