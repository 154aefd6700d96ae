# make evaluate   install what is missing, build, run every bundled study into Reports/
# make test       install what is missing, build and run all tests
# make test-spark run the Spark engine's tests on a server of its own (needs Java 17; installs Spark below .build-engines)
# make simulate-check   run the simulated study's design in worlds of known truth, 500 cohorts each
# make bench      our estimators beside their peers (skips peers that are not installed)
# make install    the command, its manual page and completions under PREFIX (default /usr/local)

SHELL := /bin/bash
PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
RELEASE := .build/release/sibling
STUDIES := $(sort $(wildcard Data/*/study.yaml))
TEST_FLAGS := -c release -Xswiftc -enable-testing --disable-xctest --scratch-path .build-test

.PHONY: evaluate build test test-spark lint simulate-check bench install dependencies engines schema clean help

help:
	@sed -n '1,6s/^# //p' Makefile

dependencies:
	@./.ci/dependencies

# What the tests of the engines outside the process speak to.
engines:
	@./.ci/engines

build: dependencies
	$(SWIFT) build -c release --product sibling

evaluate: build
	@set -e; for study in $(STUDIES); do $(RELEASE) run "$$study"; done
	@echo
	@echo "Reports to read:"
	@for study in $(STUDIES); do echo "  Reports/$$(basename $$(dirname $$study))/summary.md"; done

test: dependencies engines
	$(SWIFT) build --build-tests $(TEST_FLAGS)
	$(SWIFT) test --skip-build $(TEST_FLAGS)

test-spark: dependencies
	$(SWIFT) build --build-tests $(TEST_FLAGS)
	./.ci/spark $(SWIFT) test --skip-build $(TEST_FLAGS) --filter SparkEngineTests

lint:
	$(SWIFT) format lint --strict --recursive Sources Tests Benchmarks Package.swift

simulate-check: build
	$(RELEASE) simulate-check Data/ips-simulated/study.yaml --seeds 500

bench: dependencies
	$(SWIFT) build -c release --product sibling-bench
	$(SWIFT) build -c release --product sibling
	python3 Benchmarks/run.py

# The JSON Schema is generated; a test checks that the committed copy is the same.
schema: build
	$(RELEASE) schema > Data/study.schema.json

install: build
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/man/man1" \
	  "$(DESTDIR)$(PREFIX)/share/bash-completion/completions" \
	  "$(DESTDIR)$(PREFIX)/share/zsh/site-functions" \
	  "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d"
	install -m 755 $(RELEASE) "$(DESTDIR)$(PREFIX)/bin/sibling"
	$(RELEASE) manual > "$(DESTDIR)$(PREFIX)/share/man/man1/sibling.1"
	$(RELEASE) --generate-completion-script bash \
	  > "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/sibling"
	$(RELEASE) --generate-completion-script zsh \
	  > "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_sibling"
	$(RELEASE) --generate-completion-script fish \
	  > "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/sibling.fish"

clean:
	rm -rf .build .build-test
