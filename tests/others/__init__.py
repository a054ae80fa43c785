"""Servers that were written from the documents alone, and what the suite says of them."""
