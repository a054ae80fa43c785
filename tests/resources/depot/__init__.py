"""A depot whose bins have names that clients give them; it can be made to have faults."""
