# Needs only make and Python 3.11 or newer; everything else goes into .venv.

PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
BIN := .venv/bin
COMPILE := uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --quiet

# A stamp carries the sum of what it was made from: a changed lock, and only that, installs anew.
BASE := .venv/base-$(shell cat requirements.lock pyproject.toml | cksum | cut -d ' ' -f 1)
DEV := .venv/dev-$(shell cat requirements-dev.lock pyproject.toml | cksum | cut -d ' ' -f 1)
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input install

quiet = out=$$($(1) 2>&1) || { echo "$$out"; exit 1; }

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types contracts bench lock venv clean

help: ## show these lines
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(BASE) ## see the whole hub at work, with simulated channels
	@$(BIN)/hub demo

test: check ## everything: check, then all tests
	@echo "tests"
	@$(BIN)/pytest -q -p xdist -n 2

check: lint types contracts ## what needs no server: style, types, who may import whom

lint: $(DEV) ## style, spelling, declared dependencies
	@echo "style, spelling, dependencies"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/typos
	@$(call quiet,$(BIN)/deptry .)

types: $(DEV) ## mypy strict; the border with pyright as well
	@echo "types"
	@$(call quiet,$(BIN)/mypy)
	@$(call quiet,$(BIN)/basedpyright)

contracts: $(DEV) ## who may import whom
	@echo "contracts"
	@$(call quiet,$(BIN)/lint-imports --no-logo)

bench: $(DEV) ## measure against the limits in bench/
	@$(BIN)/python -m bench

lock: ## choose new versions of all dependencies (needs uv)
	@$(COMPILE) --upgrade --extra embedded --output-file requirements.lock
	@$(COMPILE) --upgrade --all-extras --output-file requirements-dev.lock

venv: $(DEV) ## make .venv with everything for development

clean: ## remove .venv and what tools left behind
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist

$(BASE): | $(BIN)/python
	@echo "installing what the hub needs into .venv (requirements.lock)"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@rm -f .venv/base-* .venv/dev-*; touch $@

$(DEV): | $(BIN)/python
	@echo "installing what developing the hub needs into .venv (requirements-dev.lock)"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@rm -f .venv/base-* .venv/dev-*; touch $@ $(BASE)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "no Python 3.11 or newer was found: install one, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@echo "making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "python -m venv failed; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
