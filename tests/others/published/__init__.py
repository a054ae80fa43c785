"""
Servers that others published, installed from their registries, certified, and written about in docs/others.

Each folder beside this file that has a `server.toml` is one: how it is installed and started, and by which contracts it
is judged. `verdicts.json` is what came of it, `decisions.yaml` whose fault each fail is. `python -m
tests.others.published` writes verdicts and pages; tests hold the three against each other.
"""
