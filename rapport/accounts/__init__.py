"""Staff, teams, roles, sign-in and the access gate."""
