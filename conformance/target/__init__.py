"""The target of a run: its settings, starting it when it is an application, and whether it answers."""
