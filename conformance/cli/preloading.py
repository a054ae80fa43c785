"""What a run imports before its first request: a process that has imported it is forked for each run."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from conformance.cli.run import PLUGINS
from conformance.generation.schema_values import breaking
from conformance.report.html import templates

_LATE: Final = (
    *PLUGINS,
    "pytest",
    "schemathesis",
    "conformance.plugin.controller",
    "conformance.suite.test_generated",
    "conformance.monitors.second_opinion",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
)

for _name in _LATE:
    import_module(_name)
for _template in templates().list_templates():
    templates().get_template(_template)
# schemathesis loads a part of itself, for a quarter of a second, when it makes values up for the first time.
breaking({"type": "string", "maxLength": 1}, {})
