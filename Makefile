# Two commands do the job: `make demo` and `make test`. Both set up all they need; nothing is installed by hand.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	if $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then echo $$p; break; fi; done)
VENV := .venv
BIN := $(VENV)/bin
PAGE := src/vigie/show/page/index.html
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' 2>/dev/null) src/vigie/terms/tables.py

.DEFAULT_GOAL := help
.PHONY: help demo test wheel docs lock bench peers clean

help: ## what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(VENV)/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "Vigie needs Python 3.11, 3.12 or 3.13: install one, or call make PYTHON=/path/to/python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements-build.lock pyproject.toml | $(VENV)/pyvenv.cfg
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-build.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

WORDS := src/vigie/locale/fr/LC_MESSAGES/vigie.mo

$(WORDS): src/vigie/locale/fr/LC_MESSAGES/vigie.po $(VENV)/.run
	$(BIN)/python builders/words.py

$(PAGE): $(WEB_SOURCES) $(VENV)/.run
	$(BIN)/python builders/web.py

$(VENV)/.warm: $(PAGE) $(WORDS) $(VENV)/.run $(shell grep -rlE '@(kernel|inlined|lean|flat)\b' src/vigie --include=*.py)
	$(BIN)/vigie warmup
	@touch $@

demo: $(VENV)/.warm ## fly the Niger exercise through the real pipeline and open the display
	$(BIN)/vigie demo $(ARGS)

test: $(VENV)/.dev $(PAGE) $(WORDS) ## all checks and tests
	$(BIN)/python builders/check.py $(ARGS)

wheel: $(VENV)/.run $(PAGE) $(WORDS) ## a wheel with the built page inside, in dist/
	$(BIN)/python -m hatchling build -t wheel

docs: $(VENV)/.dev ## the manual, in site/
	$(BIN)/mkdocs build --strict

bench: $(VENV)/.dev ## the project's benchmarks
	$(BIN)/vigie bench $(ARGS)

lock: ## renew the lock files (needs uv)
	for group in '' build dev peers; do \
	  uv pip compile $$( [ "$$group" = peers ] || echo pyproject.toml ) $${group:+--group $$group} --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --fork-strategy fewest --no-header --quiet -o requirements$${group:+-$$group}.lock || exit 1; done

PEERS := .peers
$(PEERS)/.done: requirements-peers.lock | $(VENV)/pyvenv.cfg
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-peers.lock
	@touch $@

peers: $(PEERS)/.done ## the programs that the benchmarks compare with, in an environment of their own

clean: ## remove all that was built
	rm -rf $(VENV) $(PEERS) build dist site out screenshots web/node_modules src/vigie/show/page .mypy_cache .ruff_cache .pytest_cache
