# Rapport's commands. `make help` lists them.
PY ?= python3
BIN := .venv/bin
DEMO ?= 1
export RAPPORT_HOME ?= $(CURDIR)/.rapport
unexport PYTHONDONTWRITEBYTECODE # compiled once, a command starts in half the time

.DEFAULT_GOAL := help
.PHONY: help setup run test lint format lock bench spark faults demo screenshots prove

help: ## list what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: .venv/.ok ## fill .venv, whose bin/rapport is the command line

.venv/.ok: requirements.lock pyproject.toml
	@test -x $(BIN)/python || { echo "Setting up Python in .venv ..."; $(PY) -m venv .venv; }
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/pip install -q uv 2>/dev/null || true
	@echo "Installing what Rapport needs ..."
	@$(BIN)/python -m uv pip sync -q --python $(BIN)/python --require-hashes requirements.lock 2>/dev/null || $(BIN)/pip install -q --require-hashes -r requirements.lock
	@$(BIN)/python -m uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e . 2>/dev/null || $(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $@

run: setup ## serve Rapport with a demo company (DEMO=0: begin with an empty set-up page)
	@$(BIN)/rapport run $(if $(filter 0,$(DEMO)),,--demo)

test: setup ## run all tests
	@$(BIN)/rapport test

lint: setup ## linter, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## format the code
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .

lock: setup ## renew requirements.lock
	@$(BIN)/python -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --extra dev pyproject.toml -o requirements.lock

bench: setup ## speed and memory, as ratios side by side
	@$(BIN)/python -m bench

spark: setup ## bring Spark into .venv where there is Java, so that every mart is tested on it too
	@command -v java >/dev/null && { $(BIN)/python -c 'import pyspark' 2>/dev/null || { echo "Installing Spark ..."; $(BIN)/python -m uv pip install -q --python $(BIN)/python 'pyspark~=4.0.5'; }; } || echo "NOT CHECKED: that every mart says the same on Spark. It needs Java 17 and pyspark."

faults: spark ## the long forms of the fault tests
	@$(BIN)/rapport test --faults

demo: setup ## (re)build the demo company in RAPPORT_HOME
	@$(BIN)/rapport demo

screenshots: setup ## a picture of every page, light, dark and narrow
	@$(BIN)/python -m tests.screenshots

prove: setup ## run every "Must show" line and print expected, seen, pass
	@$(BIN)/python -m tests.prove
