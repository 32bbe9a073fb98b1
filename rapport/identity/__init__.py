"""Which profiles are one customer: exact identifiers, merge and split, and what stands in doubt."""
