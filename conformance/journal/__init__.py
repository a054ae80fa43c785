"""The journal of a run: exchanges, observations, readings and notes, as append-only lines on disk."""
