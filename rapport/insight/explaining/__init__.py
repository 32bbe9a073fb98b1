"""What a page says of its numbers where somebody opens them."""
