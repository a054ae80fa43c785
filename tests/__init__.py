"""The project's own tests: one folder for each room of the package."""
