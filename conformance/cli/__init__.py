"""The command line: `conformance run`, `conformance serve`, and what explains the requirements."""
