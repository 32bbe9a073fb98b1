"""The five lenses of a customer-base audit, and who moved between groups."""
