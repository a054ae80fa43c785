"""Runs set beside each other: what changed between two, and a table of many."""
