"""Proposals for a document that is not true: an OpenAPI Overlay, made of what was recorded."""
