"""Rules that are judged over all traffic of a run, or over a task's whole history: of the run, or of others."""
