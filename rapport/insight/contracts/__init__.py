"""How long customers keep a contract that can be ended at each renewal."""
