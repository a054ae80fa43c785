"""A module that ends its process while it is being imported."""

from __future__ import annotations

import sys

sys.exit("this needs a licence")
