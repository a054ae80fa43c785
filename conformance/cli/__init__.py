"""The command line `conformance`: one module for each group of commands."""
