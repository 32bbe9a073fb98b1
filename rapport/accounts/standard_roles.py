"""The names of the roles that every business starts with."""

ADMINISTRATOR, MANAGER, SALES, SERVICE, READER = "Administrator", "Manager", "Sales", "Service", "Reader"
