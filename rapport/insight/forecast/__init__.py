"""What revenue will be: ways to go on, how each did on earlier days, and the range."""
