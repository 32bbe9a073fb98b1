"""The next best action for a customer: rules, what they may propose, and what was answered."""
