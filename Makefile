# One command for each thing a developer does. `make` alone lists them.
SHELL := /bin/bash
export CGO_ENABLED ?= 0

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

test: ## install what the tests need, then check everything (under 15 minutes)
	@scripts/setup.sh
	@scripts/test.sh

lint: ## only format, linters and vet
	@scripts/setup.sh linter
	@scripts/lint.sh

fmt: ## write the code in the house's format
	@scripts/setup.sh linter
	@.cache/bin/golangci-lint fmt ./...

bench: ## run the benchmarks and print a table, with the machine named
	@scripts/bench.sh

bench-directory: ## search a million services here and in PostgreSQL with PostGIS (20 minutes, 12 GB)
	@scripts/setup.sh postgis
	@scripts/bench-directory.sh

fuzz: ## run every fuzz target for FUZZTIME each (10s)
	@scripts/fuzz.sh

proofs: ## try to break what is promised, small; FULL=1 at full size (2 hours)
	@scripts/setup.sh
	@scripts/proofs.sh

build: ## build bin/clew, one file that needs nothing beside it
	@scripts/build.sh

demo: ## run a demonstration with a temporary folder
	@go run ./cmd/clew demo

setup: ## install what `make test` needs: browser, database, fonts, linter
	@scripts/setup.sh

.DEFAULT_GOAL := help
.PHONY: help test lint fmt bench bench-directory fuzz proofs build demo setup
