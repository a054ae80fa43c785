"""A small API of users, their orders, and proofs that take time, known to the suite by its document only."""
