"""The stateful model: histories of an account drawn step by step, and what the account must be after each step."""
