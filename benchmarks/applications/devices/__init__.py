"""A registry of devices: entity tags, conditional requests, merge patches, readings."""
