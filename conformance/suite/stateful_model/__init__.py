"""A model that plays: histories of an account drawn step by step, against a model of what the account must be then."""
