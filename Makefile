# Every target does its own set-up: a machine with Python 3.11+ and make is enough.

PYTHON ?= python3
REPORTS ?= reports
PYTEST_ARGS ?=

BIN := .venv/bin
STAMP := .venv/.installed
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
OPENAPI := $(wildcard specs/*/openapi.yaml)
SCHEMAS := $(wildcard specs/schemas/*.schema.json)
SCRIPTS := $(shell grep -slE '^.!/usr/bin/env bash$$' .ci/* tools/* templates/github/* examples/*)
GITHUB := $(wildcard .github/workflows/*.yml) examples/github-workflow.yml
GITLAB_CI := $(BIN)/check-jsonschema --quiet --default-filetype yaml --builtin-schema vendor.gitlab-ci \
	--data-transform gitlab-ci

# Tests and matrices start hundreds of Pythons; each would compile the project anew if none may keep what it compiled.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help .venv run test kill-matrix tolerance-matrix mutate bench lint lint-openapi check-reports format types wheel-check check constraints clean

help: ## list the targets
	@awk -F ':.*## ' '/^[.a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv: $(STAMP) ## the virtual environment with the package (editable) and all tools

$(STAMP): pyproject.toml constraints.txt
	@tools/make-venv "$(PYTHON)" .venv
	@$(PIP) install --constraint constraints.txt --group dev
	@$(PIP) install --constraint constraints.txt --no-build-isolation --editable .
	@touch $@

run: $(STAMP) ## certify every embedded reference
	@$(BIN)/python tools/certify-references --report-dir $(REPORTS)

# All mutants take minutes, so each commit is tested against another share of them.
# Neighbours go to one process, so that what a file prepares is prepared once; the process that is done first helps.
# Three for two cores: about a third of the time a test waits, for processes, clocks and connections.
test: $(STAMP) ## the project's own tests, with an eighth of the mutants
	@share=$${CONFORMANCE_MUTANTS:-$$(tools/rotating-share 8)} && echo "Mutants: share $$share (make kill-matrix: all)" && \
		liberties=$${CONFORMANCE_LIBERTIES:-$$(tools/rotating-share 24)} && \
		echo "Liberties: share $$liberties (make tolerance-matrix: all)" && \
		CONFORMANCE_MUTANTS=$$share CONFORMANCE_LIBERTIES=$$liberties $(BIN)/pytest -n 3 --dist worksteal $(PYTEST_ARGS)

MATRIX_ARGS ?=

kill-matrix: $(STAMP) ## the suite against every mutant, written down: specs/*/kill-matrix.json, docs/kill-matrix.md
	@$(BIN)/python -m conformance.mutants.matrix $(MATRIX_ARGS)

TOLERANCE_ARGS ?=

tolerance-matrix: $(STAMP) ## the suite against references that take liberties: specs/*/tolerance-matrix.json, docs/tolerance-matrix.md
	@$(BIN)/python -m conformance.liberties.matrix $(TOLERANCE_ARGS)

RUNS ?= 3

.PHONY: others
others: $(STAMP) ## the suite against servers of others, RUNS=3 times in each way (docs/others; PUBLISHED="litellm aimock": these alone)
	@$(if $(PUBLISHED),,CONFORMANCE_OTHERS_RUNS=$(RUNS) $(BIN)/pytest tests/others $(PYTEST_ARGS))
	@$(BIN)/python -m tests.others.published --runs $(RUNS) $(PUBLISHED)

MUTATE_ARGS ?=

mutate: $(STAMP) ## mechanical mutants of the reference: docs/mechanical-mutants.md, .json (MUTATE_ARGS="-n 1 --only music")
	@PYTHONPATH=tools $(BIN)/python -m mechanical_mutants $(MUTATE_ARGS)

BENCH_ARGS ?=

bench: $(STAMP) ## what this suite and other tools find of the same faults, and what that costs: docs/benchmark.md
	@PYTHONPATH=benchmarks $(BIN)/python -m compare $(BENCH_ARGS)

lint: $(STAMP) ## style, import rules and documents
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/lint-imports
	@$(BIN)/python tools/write-reference --check
	@$(BIN)/python tools/contract-versions check
	@$(BIN)/yamllint --strict .
	@$(BIN)/check-jsonschema --check-metaschema $(SCHEMAS)
	@$(BIN)/openapi-spec-validator --validation-errors all $(OPENAPI)
	@$(BIN)/shellcheck $(SCRIPTS)
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows $(GITHUB)
	@$(GITLAB_CI) .gitlab-ci.yml examples/gitlab-ci.yml
	@sed '1,/^---$$/d' templates/conformance.yml | $(GITLAB_CI) -
	@$(BIN)/check-jsonschema --quiet --schemafile specs/schemas/expected-failures.schema.json examples/*-failures.yaml

# Rules of style that no linter from the Python index knows; needs Node.js.
REDOCLY := REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true npx --yes @redocly/cli@2.77.0

lint-openapi: ## style of the OpenAPI documents (needs Node.js)
	@$(REDOCLY) lint --extends recommended-strict $(OPENAPI)

check-reports: $(STAMP) ## have reports read by the tools they are written for: Allure, SARIF, HAR (needs Node.js)
	@tools/check-reports $(BIN)

CLIENTS ?=

.PHONY: try-clients
try-clients: $(STAMP) ## clients that others wrote against "conformance serve" (CLIENTS="beatoven minimax chat"; needs Node.js)
	@tools/try-clients $(BIN) $(CLIENTS)

.PHONY: screenshots
screenshots: $(STAMP) ## pictures of a report for the documentation: docs/images (needs Chromium)
	@$(BIN)/python benchmarks/screenshots.py

format: $(STAMP) ## bring the code into the agreed form
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

types: $(STAMP) ## strict types
	@$(BIN)/mypy

wheel-check: $(STAMP) ## build the wheel and run the suite from it, away from the checkout
	@tools/wheel-check $(BIN)/python

VERSIONS ?= newest
PYTHONS ?=

.PHONY: check-dependencies
check-dependencies: ## install without constraints.txt and try it (VERSIONS=newest|oldest PYTHONS="python3.12 python3.13")
	@tools/check-dependencies $(VERSIONS) $(PYTHONS)

check: test lint types run wheel-check ## all of the above

constraints: ## resolve constraints.txt anew from the ranges in pyproject.toml
	@tools/resolve-constraints "$(PYTHON)"

clean: ## remove everything that was made, but not the reports
	@rm -rf .venv .bench .others build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
