# Everything a newcomer and CI need. `make` alone lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

HOST ?= 127.0.0.1
PORT ?= 3011
REPLAY ?=
SPEED ?=
ARGS ?=
PATTERN ?=
PYTEST ?=
WORKERS ?= 4
# Not in the environment of what runs: scripts/swift-build.sh says why.
unexport HOST PORT REPLAY SPEED ARGS PATTERN PYTEST WORKERS SECONDS
# bash counts in SECONDS and hands it on: only the command line's counts.
seconds = $(if $(filter command line,$(origin SECONDS)),$(SECONDS),60)

client := .cache/client/socket.io.min.js
python := .venv/bin/python
swift_sources := Package.swift Sources Tests Examples/Package.swift Examples/Sources FuzzTesting/Package.swift FuzzTesting/Sources \
	Benchmarks/micro/Package.swift Benchmarks/micro/Benchmarks
shell_scripts := $(wildcard scripts/*.sh scripts/lib/*.sh) .ci/run
replay_flags = $(foreach file,$(REPLAY),--replay $(file)) $(if $(SPEED),--replay-speed $(SPEED))

.PHONY: help run test unit e2e test-row check fmt bench bench-peers bench-hold bench-micro autobahn fuzz docs api clean

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | awk -F ':.*## ' '{ printf "  make %-11s %s\n", $$1, $$2 }'

run: ## Build and start everything: HOST=… PORT=… REPLAY='a b' SPEED=50 ARGS='…'
	@scripts/setup.sh run
	@scripts/build-release.sh
	exec .build/release/moonx up --host $(HOST) --port $(PORT) $$(test -f $(client) && echo --client-bundle $(client)) $(replay_flags) $(ARGS)

test: unit ## Unit tests, then the end-to-end tests against the real binary: PYTEST='-k reconnect'
	@$(MAKE) --no-print-directory e2e

unit: ## The unit tests alone
	@scripts/setup.sh test
	scripts/swift-build.sh --build-tests
	MOONX_NEED_REDIS=1 swift test --skip-build --no-parallel

e2e: ## The end-to-end tests alone: PYTEST='-k reconnect' WORKERS=4 files at a time
	@scripts/setup.sh test
	scripts/swift-build.sh --product moonx
	scripts/swift-build.sh --package-path Examples --product ConformanceServer
	$(python) -m pytest Tests/EndToEnd --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST)

test-row: ## Both suites again and again, a line for each run: ARGS='20 unit'
	scripts/test-row.sh $(ARGS)

check: ## Formatting, import arrows, file sizes, snippets, tests named in the docs, shell scripts: what CI checks
	@scripts/setup.sh check
	swift format lint --strict --recursive --parallel $(swift_sources)
	python3 scripts/check-imports.py
	python3 scripts/check-sizes.py
	python3 scripts/check-coverage.py
	python3 scripts/snippets.py check
	shellcheck --external-sources $(shell_scripts)
	scripts/fuzz.sh self-test

fmt: ## Format the Swift sources in place
	swift format format --in-place --recursive --parallel $(swift_sources)

bench: ## Measure beside the kernel's limit: see scripts/bench.sh
	@scripts/setup.sh test
	@scripts/build-release.sh
	scripts/bench.sh $(ARGS)

bench-peers: ## Measure beside uWebSockets, ws and python-socketio: see scripts/bench-peers.sh
	@scripts/setup.sh test
	@scripts/build-release.sh
	scripts/bench-peers.sh $(ARGS)

bench-hold: ## Hold 100,000 connections for ten minutes and lose nothing: see scripts/bench-hold.sh
	@scripts/setup.sh test
	@scripts/build-release.sh
	scripts/bench-hold.sh $(ARGS)

bench-micro: ## The time of each step of a message's way alone: PATTERN='JSON.*'
	@scripts/setup.sh run
	scripts/bench-micro.sh '$(PATTERN)'

autobahn: ## The WebSocket test suite of Autobahn, 517 cases: AUTOBAHN_QUICK=1 leaves out performance and compression
	scripts/autobahn.sh

fuzz: ## Fuzz every decoder with libFuzzer: SECONDS=600 for each, 60 unless told
	@scripts/setup.sh fuzz
	scripts/fuzz.sh self-test
	scripts/fuzz.sh $(seconds)

docs: ## The documentation of the libraries, into .build/docs; fails on dead links and undocumented public symbols
	scripts/docs.sh

api: ## Compare the public API of the libraries with the last release
	scripts/check-api.sh

clean: ## Remove what was built and fetched
	rm -rf .build .venv .cache FuzzTesting/.build Examples/.build Benchmarks/micro/.build
