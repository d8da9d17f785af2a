# Needs git, make and Python 3.11 or later with venv. Everything else goes into .venv.

VENV := .venv
BIN := $(VENV)/bin
# as a module, so that a folder that was moved still works (a script in .venv/bin would name its old place)
STEMMA := $(BIN)/python -m search.cli
# errors only: versions of pip before 24 warn that they do not find lxml's extra "html_clean", which is there
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
# the first Python on the path that is new enough; name another with `make PYTHON=...`
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	command -v $(name) >/dev/null 2>&1 && $(name) -c '$(NEW_ENOUGH)' 2>/dev/null && echo $(name))))
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

.PHONY: help serve test faults properties lint format bench clean
.DEFAULT_GOAL := help

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

# Looking whether anything changed since the last run is quicker than a run that finds nothing to do.
FRESH := [ -e index/made ] && [ -z "$$(find seeds search -cnewer index/made ! -path '*__pycache__*' | head -n 1)" ]
# A run that committed, or found all up to date, says so on stdout; one that failed says nothing there.
INDEX = said=$$($(STEMMA) reindex seeds --index index$(1)); [ -n "$$said" ] && echo "$$said" && touch index/made
USABLE := $(STEMMA) status --index index >/dev/null

# A run that quarantined some files has committed all others and exits 1: then, or while another process writes, the
# index there is will do. One that cannot be used (damaged, or of an older version) is built anew, or this stops.
serve: $(VENV)/installed ## index seeds/ and serve it on http://127.0.0.1:8000; elsewhere: STEMMA_PORT=8001 make serve
	@$(FRESH) || { $(call INDEX); } || $(USABLE) 2>&1 || { $(call INDEX, --full); } || $(USABLE)
	@exec $(STEMMA) serve --index index

# One process more than cores, as many tests wait for servers and browsers.
PROCESSES = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

# Side by side on all cores; on the machine that checks every change, the coverage of branches is measured too.
test: $(VENV)/installed-dev ## run the whole test suite; ARGS="-k word" for a part
	@$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist worksteal $(if $(CI),--cov --cov-report term) $(ARGS)

faults: $(VENV)/installed-dev ## kill runs and fill the disk at every single place, not at a sample; the same to a cluster's nodes; serve ten busy minutes
	@STEMMA_FAULTS=all $(BIN)/python -m pytest --numprocesses auto tests/faults $(ARGS)
	@$(BIN)/python -m pytest --capture no tests/cluster/faults/long_faults.py tests/faults/long_soak.py $(ARGS)

properties: $(VENV)/installed-dev ## draw 1,000 new examples, not 100, for each property that sets no number of its own
	@STEMMA_EXAMPLES=1000 $(BIN)/python -m pytest --numprocesses auto --dist worksteal -m hypothesis $(ARGS)

lint: $(VENV)/installed-dev ## check style, formatting and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/installed-dev ## format the code
	@$(BIN)/ruff check --select I --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/installed-bench ## measure beside other engines (hours); ARGS="--help" for less
	@$(BIN)/python -m benchmarks $(ARGS)

clean: ## remove .venv and what tools left behind; the index stays
	rm -rf $(VENV) .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(VENV)/installed: pyproject.toml | $(VENV)/made
	@echo "Installing Stemma into $(VENV) ..."
	@$(PIP) install --editable .
	@$(STEMMA) warm
	@touch $@

# While the loops are compiled, pip gets the developers' tools.
$(VENV)/installed-dev: pyproject.toml | $(VENV)/made
	@echo "Installing Stemma and the developers' tools into $(VENV) ..."
	@$(PIP) install --editable .
	@$(STEMMA) warm & $(PIP) install --editable '.[dev]' && wait $$!
	@touch $(VENV)/installed $@

$(VENV)/installed-bench: pyproject.toml | $(VENV)/made
	@echo "Installing Stemma and what it is measured beside into $(VENV) ..."
	@$(PIP) install --editable '.[bench]'
	@$(STEMMA) warm
	@touch $(VENV)/installed $@

# The mark comes last: what an interrupted set-up left has none, and is made anew unless it turns out to be whole.
$(VENV)/made:
	@$(or $(PYTHON),false) -c '$(NEW_ENOUGH)' 2>/dev/null || { \
		echo "Stemma needs Python 3.11 or later$(if $(PYTHON),; $(PYTHON) is not). Install it, or name it: make PYTHON=python3.12" >&2; \
		exit 1; }
	@$(BIN)/python -m pip list >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@touch $@
