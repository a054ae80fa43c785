"""The ways in which a request can travel: politely, as exactly these bytes, or with a fault on the way."""
