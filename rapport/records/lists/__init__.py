"""Lists of all kinds: what was asked, checked and compiled, and shown as table, board or calendar."""
