"""The target of a run: what is said about it, how it is started when that is up to us, whether it answers."""
