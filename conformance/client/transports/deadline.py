"""One time limit for all of a request, however many reads and writes it takes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.client.transports.base import NoAnswerError

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment at which a request is given up; `seconds` is how long it was given."""

    at: float
    seconds: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        """The deadline of a request that starts now."""
        return cls(time.monotonic() + seconds, seconds)

    def left(self) -> float:
        """
        The seconds left.

        Raises:
            NoAnswerError: there are none.
        """
        left = self.at - time.monotonic()
        if left <= 0:
            raise self.passed()
        return left

    def remains(self) -> bool:
        """Whether it has not passed yet."""
        return time.monotonic() < self.at

    def passed(self) -> NoAnswerError:
        """What to say when it has passed."""
        return NoAnswerError("timeout", f"timed out after {self.seconds:g} s")
