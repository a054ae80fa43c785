"""Liberties with the composition of tracks, each taken by the reference."""
