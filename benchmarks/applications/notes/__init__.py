"""Notes of several users, shared for reading or writing."""
