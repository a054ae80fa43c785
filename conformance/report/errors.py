"""What can go wrong while a report is written."""

from __future__ import annotations


class ReportError(Exception):
    """A report could not be made; the message is one sentence for the person who meets it."""


class ReportNotWrittenError(ReportError):
    """The folder of the report can't be made or written to."""


class UnreadableReportError(ReportError):
    """What was given as the report of a run is none, or can't be read."""


class IncomparableRunsError(ReportError):
    """Runs were judged by the requirements of different systems, so they have nothing in common."""
