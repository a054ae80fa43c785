"""The pytest plugin: options, markers and the hooks that turn a pytest run into a conformance run."""
