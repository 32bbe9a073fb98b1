"""The history of one record, and the audit trail of all."""
