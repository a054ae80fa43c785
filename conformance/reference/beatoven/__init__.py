"""A reference implementation of Beatoven's track composition, written from its specification alone."""
