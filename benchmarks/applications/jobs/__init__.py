"""A queue of jobs that take a moment: 202, polling, results, cancelling."""
