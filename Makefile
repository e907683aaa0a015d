# Everything from a fresh clone: each target makes what it needs, pip installs by hash only.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo install explore test bench simulate screenshots lock clean

demo: .venv/.report
	$(BIN)/transferdesk demo

install: .venv/.run

test: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n 3 --dist worksteal

bench: .venv/.bench
	$(BIN)/python tests/bench

SEEDS ?= 300
FIRST_SEED ?= 1
simulate: .venv/.dev
	$(BIN)/python tests/simulation/__main__.py --seeds $(SEEDS) --first-seed $(FIRST_SEED)

screenshots: .venv/.dev
	$(BIN)/python tests/browser/screenshots.py

.venv/.run: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

# With the picture beside a report: 170 MB more, which a desk that serves does not need.
.venv/.report: requirements-report.lock .venv/.run
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-report.lock
	touch $@

# With what `transferdesk explore` needs: 16 MB more, which a desk that serves does not need either.
explore: .venv/.explore
	$(BIN)/transferdesk explore

.venv/.explore: requirements-explore.lock .venv/.run
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-explore.lock
	touch $@

.venv/.dev: requirements-dev.lock .venv/.run
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@

# ccxt, which the desk's own transfer is measured beside, pins other versions than a desk installs.
.venv/.bench: requirements-bench.lock .venv/.dev
	$(PYTHON) -m venv .venv/ccxt
	.venv/ccxt/bin/python -m pip install --quiet --require-hashes -r requirements-bench.lock
	touch $@

# Needs uv (https://docs.astral.sh/uv/), on the maintainer's machine only.
lock:
	uv pip compile pyproject.toml --group build --generate-hashes --universal --python-version 3.11 --no-header --upgrade -o requirements.lock
	uv pip compile pyproject.toml --group build --extra report --generate-hashes --universal --python-version 3.11 --no-header --upgrade -o requirements-report.lock
	uv pip compile pyproject.toml --group build --extra explore --generate-hashes --universal --python-version 3.11 --no-header --upgrade -o requirements-explore.lock
	uv pip compile pyproject.toml --group build --group dev --generate-hashes --universal --python-version 3.11 --no-header --upgrade -o requirements-dev.lock
	uv pip compile --group bench --generate-hashes --universal --python-version 3.11 --no-header --upgrade -o requirements-bench.lock

clean:
	rm -rf .venv build *.egg-info
