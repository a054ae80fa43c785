"""A small API of jobs that are ordered at one path and read at another, known to the suite by its document only."""
