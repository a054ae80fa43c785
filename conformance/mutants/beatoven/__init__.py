"""The reference implementation of Beatoven's track composition with one deliberate fault each."""
