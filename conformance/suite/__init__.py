"""The conformance tests: scenarios cause traffic, tests judge it. Needs a target; see `conformance run --help`."""
