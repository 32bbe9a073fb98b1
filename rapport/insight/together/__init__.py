"""Products bought together, and which one a customer likely buys next."""
