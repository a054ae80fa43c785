"""Clients as the documents' own examples have them; `tools/try-clients` runs them and published ones."""
