"""A library: books, members, and loans that both are bound by."""
