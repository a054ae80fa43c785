"""Requests drawn from the document: first drawn, then each sent once, so that nothing is shrunk with real money."""
