PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
# Many tests wait for servers; those of one file share theirs. The slow files come first.
TWO_AT_A_TIME := --numprocesses 2 --dist loadfile --no-loadscope-reorder
CLIENTS := .cache/clients
CHECKERS := .cache/checkers

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint bench score rules dashboards docs servers compose \
  test-clients test-compose chromium peers test-grafana clean

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  ARGS=... passes arguments on (run, test, bench); PYTHON=... names the Python to use (3.11 or newer)"

run: $(VENV)/ready-to-run ## Start the exporter, Prometheus and Alertmanager on this machine until Ctrl-C
	@$(BIN)/python -m tools.stack $(ARGS)

test: lint servers chromium compose peers $(CHECKERS)/ready ## Check style and types, then run all tests with the real servers and a browser
	$(BIN)/python -m pytest $(TWO_AT_A_TIME) $(ARGS)

lint: $(VENV)/ready-to-test ## Check style and types only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/ready-to-test $(CHECKERS)/ready ## Run the benchmarks (ARGS=intake runs one of them, ARGS=--help says which there are)
	$(BIN)/python -m benchmarks $(ARGS)

score: servers ## Play all scenarios and write the README's score table (some minutes)
	@$(BIN)/python -m tools.score

rules: $(VENV)/ready-to-test ## Write Prometheus' rules for both profiles
	@$(BIN)/python -m tools.rules

dashboards: $(VENV)/ready-to-test ## Write Grafana's dashboards
	@$(BIN)/python -m grafana

docs: $(VENV)/ready-to-test ## Write the README's table of metrics and the page of runbooks
	@$(BIN)/python -m tools.docs

servers: $(VENV)/ready-to-test ## Get Prometheus and Alertmanager where this machine has none
	@$(BIN)/python -m tools.servers

compose: $(VENV)/ready-to-test ## Get Docker Compose where this machine has none (to read the Compose file; no engine)
	@$(BIN)/python -m tools.compose

test-clients: $(CLIENTS)/ready ## Have a real dbt tell a real exporter (gets dbt on the first run)
	$(BIN)/python -m pytest tests/clients $(ARGS)

test-compose: servers compose chromium ## Bring the Compose file up in a Docker engine, break it, restart it (minutes)
	$(BIN)/python -m pytest tests/compose -s $(ARGS)

chromium: $(VENV)/ready-to-test ## Get Chromium where this machine has none
	@$(BIN)/python -m tools.chromium

peers: $(VENV)/ready-to-test ## Get wrk and pushgateway, which the benchmarks need, where this machine has none
	@$(BIN)/python -m tools.peers

test-grafana: chromium ## Open every dashboard of a running Grafana in a browser (GRAFANA_URL=... says where it is)
	@test -n "$(GRAFANA_URL)" || { echo "GRAFANA_URL is not set: make test-grafana GRAFANA_URL=http://127.0.0.1:3000" >&2; exit 1; }
	GRAFANA_URL=$(GRAFANA_URL) $(BIN)/python -m pytest tests/grafana $(ARGS)

clean: ## Remove everything that make made
	rm -rf $(VENV) .cache .run build *.egg-info client/*.egg-info client/build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "$(PYTHON) isn't Python 3.11 or newer: make PYTHON=... names another" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "$(PYTHON) can't make virtual environments: on Debian, apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/ready-to-run: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/ready-to-test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(VENV)/ready-to-run

$(CHECKERS)/ready: benchmarks/checkers/requirements.txt $(VENV)/ready-to-test
	$(BIN)/python -m venv --clear $(CHECKERS)
	$(CHECKERS)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	$(CHECKERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  "duckdb==$$($(BIN)/python -c 'import duckdb; print(duckdb.__version__)')"
	@touch $@

$(CLIENTS)/ready: tests/clients/requirements.txt $(VENV)/ready-to-test
	$(BIN)/python -m venv --clear $(CLIENTS)
	$(CLIENTS)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@
