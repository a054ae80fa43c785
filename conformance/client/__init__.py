"""The one client that every request of the suite goes through, and what accounts can do with it."""
