"""Products and orders of all kinds on any channel, with their fulfilment dates."""
