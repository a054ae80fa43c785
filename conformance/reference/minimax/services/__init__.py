"""What the API does, one subject per module and one decision per method."""
