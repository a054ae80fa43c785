"""The ways in which a request is sent: over httpx, as exactly these bytes, or with a fault on the way."""
