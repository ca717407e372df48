PORT ?= 8080
NOW ?= 2021-02-25T08:30+07:00
DATA ?= data
PYTHON ?= python3
# Test processes: one per core, at most four; a browser and a PostgreSQL run beside them.
JOBS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); [ $$n -gt 4 ] && echo 4 || echo $$n)
T ?= tests

VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test coverage check fix bench soak shots docs lock vendor wheel clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

# A stamp says what is installed; it is older than a lock file when something must be done.
$(VENV)/runtime: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "eventhub needs Python 3.11 or newer; name it with: make PYTHON=python3.12" >&2; exit 1; }
	@[ -x $(BIN)/pip ] || $(PYTHON) -m venv $(VENV) || { echo "Install the venv module first: sudo apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/dev: requirements-dev.lock $(VENV)/runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/runtime ## Serve the sample event (PORT=8080; NOW=MOMENT sets its clock, NOW= takes the real time)
	@exec $(BIN)/python -m eventhub demo --data $(DATA) --port $(PORT) $(if $(NOW),--now $(NOW))

test: check ## Run everything CI runs: check, then all tests (T=tests/sessions for a part)
	@chromium=$$(scripts/chromium.sh) && EVENTHUB_CHROMIUM="$$chromium" $(BIN)/python -m pytest $(T) -n $(JOBS) --dist worksteal $(WITH)

# Apart from the tests that must pass: to trace each line makes them half as slow again.
coverage: WITH = --cov --cov-report=term:skip-covered
coverage: test ## Run what `make test` runs, and list the lines that no test reaches

check: $(VENV)/dev ## Check format, lint, types, import contracts, templates and catalogues
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python -m scripts.catalogues

fix: $(VENV)/dev ## Mend what can be mended: format, lint
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format --quiet .

bench: $(VENV)/dev ## Measure what users wait for, and write docs/figures.md
	@wrk=$$(scripts/wrk.sh) && EVENTHUB_WRK="$$wrk" $(BIN)/python -m scripts.bench

soak: $(VENV)/dev ## Scan, send mail and broadcast while processes are killed and calls fail, on SQLite and on PostgreSQL
	$(BIN)/python -m scripts.soak
	$(BIN)/python -m pytest -q tests/streaming/soak_every_fault.py
	$(BIN)/python -m scripts.posted

shots: $(VENV)/dev ## Photograph the main pages into build/shots, and the README's pictures
	@chromium=$$(scripts/chromium.sh) && EVENTHUB_CHROMIUM="$$chromium" $(BIN)/python -m scripts.shots

docs: $(VENV)/dev ## Write the tables of docs/settings.md and docs/routes.md from the code
	$(BIN)/python -m scripts.docs

lock: ## Pin the newest allowed dependencies, with hashes
	scripts/lock.sh

vendor: ## Fetch the browser's libraries again and verify them
	$(PYTHON) -m scripts.vendor

wheel: $(VENV)/dev ## Build dist/*.whl
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .

clean: ## Remove what was built (not the data)
	rm -rf build dist $(VENV) .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
