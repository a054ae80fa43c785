"""Mutants of one system's reference, by the subject of what they break."""
