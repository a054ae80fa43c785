"""What all tests of the project share."""

from __future__ import annotations

import hypothesis

# A failure that shows on one machine must show on every other.
hypothesis.settings.register_profile("project", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("project")
