"""References that take liberties, and the proof that the suite stays silent about them."""
