"""Scenarios and tests of one system; collected only when that system is under test."""
