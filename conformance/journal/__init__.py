"""The journal of a run: what went over the wire, what was observed, as append-only lines on disk."""
