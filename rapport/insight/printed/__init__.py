"""What `rapport report` prints, one module for each report."""
