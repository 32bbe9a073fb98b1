"""What a customer allows: the ledger of consent, purposes, objections and restrictions."""
