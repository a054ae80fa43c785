"""Invoices: lines and totals, drafts that are issued, paid or void; each key has books of its own."""
