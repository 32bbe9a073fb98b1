"""What must hold under attack, generated from the URLs and the tables that exist. See docs/security.md."""
