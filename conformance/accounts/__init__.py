"""Accounts of the target: what they can do, where scenarios get them, the control interface."""
