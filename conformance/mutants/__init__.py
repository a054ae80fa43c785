"""Mutants: the reference with one deliberate fault each, to prove that every check can fail."""
