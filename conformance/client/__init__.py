"""The one client that every request of the suite goes through."""
