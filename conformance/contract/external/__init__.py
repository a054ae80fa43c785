"""Contracts that somebody brings: any OpenAPI document, and conventions for what it can't say."""
