"""The single view: customers, their profiles, identifiers and timeline."""
