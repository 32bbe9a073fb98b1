"""Customer lifetime value: learned up to a day, held against what came afterwards, written back."""
