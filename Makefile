SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

STACK ?= local
WORKLOAD ?= employment
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
REGO := $(wildcard policies/rego tests/policies/rego)
CODE := infra components policies workloads tools tests $(wildcard bench)

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST) $(if $(wildcard bench),,| grep -v ' bench ')

.PHONY: up
up: ## Set this machine up, stand the platform up on it, train and serve the first model
	@tools/bootstrap --extra workloads
	@$(BIN)/falaj up $(STACK)
	@$(BIN)/falaj run $(WORKLOAD) --stack $(STACK)
	@$(BIN)/falaj status $(STACK)

.PHONY: down
down: ## Take the platform away: processes, ports and data
	@tools/bootstrap
	@$(BIN)/falaj down $(STACK)

.PHONY: test
test: test-unit ## Run the quick tests and the end-to-end ones that need no cluster
	@$(BIN)/pytest -m "e2e and not cluster and not long" --numprocesses 2 --dist loadfile

.PHONY: test-all
test-all: test-unit ## Run every test, those on a simulated region too (builds its programs)
	@tools/bootstrap --extra workloads --extra clouds --extra dev --checks --sim --mirror --renderer --faults
	@$(BIN)/pytest -m e2e

.PHONY: test-unit
test-unit: setup ## Run the quick tests
	@$(BIN)/pytest -m "not e2e" --numprocesses 2 --dist loadfile

.PHONY: check
check: lint test-unit ## Lint, types, layers, policies and the quick tests

.PHONY: lint
lint: setup ## Lint, types, layers and policies alone
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/pyright
	@$(BIN)/lint-imports
	@$(BIN)/opa fmt --diff --fail $(REGO)
	@$(BIN)/opa check --strict $(REGO)
	@$(BIN)/opa test $(REGO)

.PHONY: fmt
fmt: setup ## Format the code and the policies
	@$(BIN)/ruff check --fix-only --quiet $(CODE)
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/opa fmt --write $(REGO)

.PHONY: docs
docs: setup ## Write the generated pages again
	@$(BIN)/python -m infra.docs

.PHONY: bench
bench: ## Measure
	@tools/bootstrap --extra workloads --extra clouds --extra dev --extra bench --checks
	@$(BIN)/python -m bench

.PHONY: setup
setup:
	@tools/bootstrap --extra workloads --extra clouds --extra dev --checks

.PHONY: clean
clean: ## Remove what the tools leave in the tree
	@rm -rf .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage dist ./*.egg-info
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

.PHONY: distclean
distclean: clean ## Take the platform away, then remove .venv; the decision log and the cache of built tools stay
	@if [ -x $(BIN)/falaj ] && [ -d .falaj/$(STACK) ]; then $(BIN)/falaj down $(STACK); fi
	@rm -rf .venv
