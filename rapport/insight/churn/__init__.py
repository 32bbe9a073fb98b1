"""Who is about to leave: learning it from what is known of customers, writing it back, and how far it can be trusted."""
