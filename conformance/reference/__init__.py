"""Embedded reference implementations: real servers that the suite meets over HTTP and in no other way."""
