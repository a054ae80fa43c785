"""A recipe book: nested ingredients, replacing and changing, a search."""
