# Everything a person does here is a target of this file: `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

ARGS ?=
CHROMIUM ?= /usr/bin/chromium
BIN := .venv/bin
PYTEST := $(BIN)/pytest
NPM := $(BIN)/python scripts/npm.py
PARALLEL := $(MAKE) -k -j2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

# Stamps live in what they vouch for, so that deleting the folder makes them false.
RUNTIME := .venv/.runtime
DEV := .venv/.dev
MODULES := frontend/node_modules/.package-lock-used

PYTHON_CODE := $(wildcard src services scripts tests bench hatch_build.py)
# The core is covered to its last branch by these alone; the other fast tests need no counting.
CORE := tests/unit/domain tests/unit/manifests tests/unit/stats tests/golden
FAST := not integration and not e2e and not browser and not cluster

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: up
up: $(RUNTIME) ## install what is missing and start everything: dashboard on :4000, traffic on :8080
	@$(BIN)/crossfade up $(ARGS)

.PHONY: cluster
cluster: $(DEV) cluster-programs ## Crossfade on Kubernetes, Istio, Argo CD and Prometheus, all on this machine
	@$(BIN)/python -m tests.cluster.stack $(ARGS)

.PHONY: check
check: $(DEV) $(MODULES) ## formats, types, laws, fast tests: under 90 s
	@$(PARALLEL) check-core check-tests check-python check-frontend check-fresh

.PHONY: test
test: check slow ## check, and all other tests: real database, Envoy, Git, cluster and browser

.PHONY: slow
slow: $(DEV) $(MODULES) chromium cluster-programs dashboard
	@CHROMIUM=$(CHROMIUM) $(PYTEST) -m "integration or e2e or browser or cluster" $(ARGS)

.PHONY: e2e
e2e: $(DEV) $(MODULES) chromium dashboard ## the whole product, started and driven, alone
	@CHROMIUM=$(CHROMIUM) $(PYTEST) -m "e2e or browser" $(ARGS)

.PHONY: bench
bench: $(DEV) ## measure (one alone: make bench ONLY=envoy_flip)
	@for name in $(or $(ONLY),$(basename $(notdir $(wildcard bench/[a-z]*.py)))); do \
	  echo "== $$name"; $(BIN)/python -m bench.$$name $(ARGS) || exit; done

.PHONY: fmt
fmt: $(DEV) $(MODULES) ## format and mend what can be mended by itself
	@$(BIN)/ruff format --quiet $(PYTHON_CODE)
	@$(BIN)/ruff check --quiet --fix $(PYTHON_CODE)
	@$(NPM) run --silent format

.PHONY: types
types: $(DEV) $(MODULES) ## write openapi.json and the dashboard's types anew
	@$(BIN)/python scripts/openapi.py
	@$(NPM) run --silent types

.PHONY: dashboard
dashboard: $(RUNTIME) ## build the dashboard into the package, where its sources changed
	@$(BIN)/python scripts/dashboard.py --if-missing

.PHONY: lock
lock: $(RUNTIME) ## resolve the requirement files anew from pyproject.toml (ARGS=--upgrade: newest)
	@$(BIN)/python scripts/lock.py $(ARGS)

.PHONY: clean
clean: ## delete all that was made here; the data folder stays
	@rm -rf .venv .cache .*_cache .coverage .hypothesis dist test-results src/crossfade/_dashboard \
	  frontend/node_modules frontend/.next frontend/out frontend/next-env.d.ts frontend/*.tsbuildinfo

# The parts of `check`.
.PHONY: check-core check-tests check-python check-frontend check-fresh chromium cluster-programs
check-core:
	@$(PYTEST) $(CORE) --cov --cov-report=term-missing:skip-covered

check-tests:
	@$(PYTEST) -m "$(FAST)" $(addprefix --ignore=,$(CORE))

check-python:
	@mkdir -p .cache
	@$(BIN)/ruff format --quiet --check $(PYTHON_CODE)
	@$(BIN)/ruff check --quiet $(PYTHON_CODE)
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo >.cache/imports.log || { cat .cache/imports.log; exit 1; }

check-frontend:
	@$(NPM) run --silent check
	@$(NPM) run --silent test

check-fresh:
	@$(BIN)/python scripts/lock.py --check
	@$(BIN)/python scripts/openapi.py --check
	@$(NPM) run --silent types -- --check

chromium:
	@[ -x "$(CHROMIUM)" ] || scripts/system_packages.sh chromium

cluster-programs:
	@scripts/system_packages.sh redis-server prometheus

# What the targets stand on.
$(RUNTIME): requirements.txt requirements-build.txt pyproject.toml
	@scripts/venv.sh requirements.txt $@

$(DEV): requirements-dev.txt requirements-build.txt pyproject.toml
	@scripts/venv.sh requirements-dev.txt $@
	@touch $(RUNTIME)

$(MODULES): frontend/package-lock.json requirements-node.txt | $(RUNTIME)
	@$(NPM) install && touch $@
