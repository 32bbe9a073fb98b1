"""Which of several values is shown: the rules, and deriving golden records by them."""
