"""Scenarios for any API, as its conventions describe it: retries, tasks, lists. They know no system."""
