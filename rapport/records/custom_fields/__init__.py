"""Fields of the business's own."""
