# `make demo` and `make test` need nothing but Python 3.11 or newer: the rest is set up in .venv on first use.
#   PYTHON=python3.13   which interpreter makes the environment
#   VENV=.venv-3.13     where it is made (one directory for each interpreter)
SHELL := /bin/sh
VENV ?= .venv
PYTHON ?=
BIN := $(VENV)/bin
# Seconds that the demo records where there is no terminal: until its third phase, when several threads serve.
DEMO_SECONDS ?= 20
PYTEST_ARGS ?=
BENCH_ARGS ?=

# Hundreds of tests start perftui: none of these shall compile it again, also where Python may not keep what it compiles.
COMPILED = $(BIN)/python -m compileall -q src

.DEFAULT_GOAL := help
.PHONY: help demo test lint types contracts unit integration soak peers bench real-use screenshots readme wheel constraints clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# Exit status 1 is a budget that was broken: that is for the demo to show, and no failure of the demo.
demo: $(VENV)/.run-ready ## Open the dashboard on the bundled demo; without a terminal record it and print the summary
	@if [ -t 0 ] && [ -t 1 ] && [ "$$TERM" != dumb ]; then \
		$(BIN)/perftui run demo || [ $$? -eq 1 ]; \
	else \
		$(BIN)/perftui record --duration $(DEMO_SECONDS) demo || [ $$? -eq 1 ]; \
	fi

test: lint types contracts unit integration ## Run every check and test

lint: $(VENV)/.dev-ready ## Check format and style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev-ready ## Check the types, strictly
	$(BIN)/mypy

contracts: $(VENV)/.dev-ready ## Check that imports only look down the floors
	$(BIN)/lint-imports

unit: $(VENV)/.dev-ready ## Run the tests that start no profiler, two at a time
	@$(COMPILED)
	$(BIN)/pytest -n 2 -m "not integration and not soak and not peers" $(PYTEST_ARGS)

# What they hold must be so on a busy machine, too; what is measured stands in benchmarks/.
# Half of their time they wait for a recording to go on, so a third one finds room on two cores.
integration: $(VENV)/.dev-ready ## Run the tests with the real py-spy, memray, psutil and terminals, three at a time
	@$(COMPILED)
	$(BIN)/pytest -n 3 -m "integration and not soak and not peers" $(PYTEST_ARGS)

soak: $(VENV)/.dev-ready ## Run the endurance tests and the start-and-stop loops
	$(BIN)/pytest -m soak --timeout 3600 $(PYTEST_ARGS) || [ $$? -eq 5 ]
	$(BIN)/pytest -n 2 --hypothesis-profile thorough --timeout 3600 tests/analysis tests/budgets tests/formats tests/toml
	$(BIN)/python benchmarks/kill_loops.py $(BENCH_ARGS)

peers: $(VENV)/.dev-ready ## Hold exports against the tools that read them, where those are installed
	$(BIN)/pytest -m peers $(PYTEST_ARGS) || [ $$? -eq 5 ]

bench: $(VENV)/.dev-ready ## Measure sampling, true stacks, shares, known bytes, overheads, refreshes, the dashboard's cost
	@for name in sampling_quality true_stacks known_shares verdicts overhead dashboard_cost \
			brushing heavy_load known_bytes heap_refresh heap_overhead capture_opening \
			compare_trees compare_opening check_speed matching catalogue telling_cost watch_day; do \
		$(BIN)/python benchmarks/$$name.py $(BENCH_ARGS) || exit 1; \
	done

real-use: $(VENV)/.dev-ready ## Do the tasks of docs/use.md in a real terminal, by keys and by mouse, and draw their pictures
	$(BIN)/python benchmarks/real_use.py --pictures screenshots

screenshots: $(VENV)/.dev-ready ## Draw the pictures in screenshots/ from replayed sessions
	$(BIN)/python scripts/screenshots.py

readme: $(VENV)/.dev-ready ## Draw the README's tables again from the code
	$(BIN)/python scripts/readme_tables.py

wheel: $(VENV)/.dev-ready ## Build the wheel in dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

constraints: ## Renew constraints.txt with the newest versions that pyproject.toml allows
	PYTHON="$(PYTHON)" scripts/renew-constraints

clean: ## Remove the environment and everything that was built
	rm -rf $(VENV) build dist src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/.run-ready: pyproject.toml constraints.txt scripts/setup-venv
	@PYTHON="$(PYTHON)" scripts/setup-venv "$(VENV)" run
	@touch $@

$(VENV)/.dev-ready: $(VENV)/.run-ready
	@PYTHON="$(PYTHON)" scripts/setup-venv "$(VENV)" dev
	@touch $@
