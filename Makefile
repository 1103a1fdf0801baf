# Juanchi (卷尺). `make` alone lists what there is.
# Nothing is installed but the locked requirements, into .venv; the code runs from this directory.
# The lock names everything, so nothing is resolved anew: pip would look past the pin for a package
# that another asks for with an extra (coverage[toml]), and fail on the day of its next release.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
BENCH_STAMP := $(VENV)/.installed-bench
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check
UV := $(VENV)/bin/uv
LOCK := $(UV) pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --custom-compile-command "make lock" --quiet

# These files first, so that none of them is left alone at the end while a core has nothing to do.
LONGEST := tests/domain/test_invariants.py tests/workflows tests/chaos tests/runtime tests/domain/test_whatif.py

.DEFAULT_GOAL := help
.PHONY: help demo up test check chaos histories bench lock clean
.DELETE_ON_ERROR:

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(STAMP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes --no-deps -r requirements.txt
	@touch $@

$(BENCH_STAMP): $(STAMP) requirements-bench.txt
	$(INSTALL) --require-hashes --no-deps -r requirements-bench.txt
	@touch $@

demo: $(STAMP) ## servers, worker and stories on this machine, at a compressed pace
	$(PY) starter.py demo

up: $(STAMP) ## servers and worker, until Ctrl-C
	$(PY) starter.py up

test: $(STAMP) ## the tests, but for the slow, the long and the chaotic; two files at a time
	$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder \
	    -m "not slow and not chaos and not long" $(LONGEST) tests

check: $(BENCH_STAMP) ## style, types (the bench's too), import directions; every workflow task as a replay
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(PY) -m mypy .
	$(VENV)/bin/lint-imports
	$(PY) -m pytest tests/histories
	JUANCHI_TEST_NO_CACHE=1 $(PY) -m pytest tests/workflows

chaos: $(STAMP) ## kill the servers and the workers under load, then audit
	$(PY) -m pytest tests/chaos -m chaos -s

histories: $(STAMP) ## record the histories of a released VERSION, once and for ever
	$(PY) -m tests.histories.record $(VERSION)

bench: $(BENCH_STAMP) ## how fast, at what cost, how right
	$(PY) -m bench

$(UV): $(STAMP)
	$(INSTALL) uv

lock: $(UV) ## write the locked requirements anew, with the newest versions
	$(LOCK) --upgrade --extra embedded --extra dev -o requirements.txt
	$(LOCK) --upgrade --extra embedded --extra bench -c requirements.txt -o requirements-bench.txt

clean: ## remove the environment, the caches and the data of embedded runs
	rm -rf $(VENV) .juanchi .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
