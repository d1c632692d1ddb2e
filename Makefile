# make up     set everything up and run Nền Nếp here     (PORT=8000 DATA_DIR=.local)
# make test   set everything up and run every check and test
# make help   the rest
SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

export PORT ?= 8000
export DATA_DIR ?= .local
# Node, where it has to come from PyPI, stands in the environment too.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONUTF8 := 1

BIN := .venv/bin
DONE := .venv/done
CATALOGUE := web/locale/en/LC_MESSAGES/nennep.po
# Work is done again when what it is made from has another content, not when a file has another date.
sum = $(shell cat $(1) 2>/dev/null | cksum | tr ' ' -)
WEB_SOURCES = $(shell find web/static web/build.py package-lock.json -path web/static/dist -prune -o -type f -print 2>/dev/null | LC_ALL=C sort)
RUNTIME := $(DONE)/runtime-$(call sum,requirements.lock pyproject.toml)
DEVELOPMENT := $(DONE)/development-$(call sum,requirements.lock requirements-dev.lock)
PACKAGES := $(DONE)/npm-$(call sum,package.json package-lock.json)
WEB := $(DONE)/web-$(call sum,$(WEB_SOURCES))
# uv where there is one, for it is quicker; pip where uv can't (it does not read pip's settings).
install = { command -v uv >/dev/null && uv pip install -q --python $(BIN)/python $(1) 2>/dev/null; } || \
	$(BIN)/python -m pip install -qq --no-compile --disable-pip-version-check --no-input $(1)

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

.PHONY: up
up: $(RUNTIME) $(WEB) ## run everything here until Ctrl-C (PORT=8000 DATA_DIR=.local)
	@python3 -I infra/needs.py tesseract
	@exec $(BIN)/nennep up

.PHONY: test
test: $(DEVELOPMENT) $(WEB) ## every check, every test, every journey in the browser
	@python3 -I infra/needs.py chromium .venv
	@python3 -I infra/needs.py tesseract
	@python3 -I infra/needs.py pgbouncer
	@$(MAKE) lint
	$(BIN)/pytest $(PYTEST)

.PHONY: check
check: lint ## checks and tests, without a browser
	@python3 -I infra/needs.py tesseract
	@python3 -I infra/needs.py pgbouncer
	$(BIN)/pytest tests $(PYTEST)

.PHONY: test-pitr
test-pitr: $(DEVELOPMENT) $(WEB) ## the whole server lost and recovered by Barman, to its end and to a moment
	@python3 -I infra/needs.py barman
	NENNEP_TEST_PITR=1 $(BIN)/pytest tests/pitr $(PYTEST)

.PHONY: test-upgrade
test-upgrade: $(DEVELOPMENT) $(WEB) ## the upgrade, with the previous release's own code serving beside this one
	NENNEP_TEST_PREVIOUS=1 $(BIN)/pytest tests/upgrade $(PYTEST)

.PHONY: test-pgbouncer
test-pgbouncer: $(DEVELOPMENT) $(WEB) ## every test and journey with PgBouncer before PostgreSQL (PYTEST=tests/kill)
	@python3 -I infra/needs.py chromium .venv
	@python3 -I infra/needs.py tesseract
	@python3 -I infra/needs.py pgbouncer
	NENNEP_TEST_POOLER=1 $(BIN)/pytest $(PYTEST)

.PHONY: lint
lint: $(DEVELOPMENT) $(WEB) ## formatting, style, types, floors, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint web --lint --quiet

.PHONY: format
format: $(DEVELOPMENT) ## put the code into its form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

.PHONY: words
words: $(RUNTIME) ## gather what is said into the English catalogue, where what is new waits for its English
	@mkdir -p build && cp $(CATALOGUE) build/words.po
	$(BIN)/pybabel -q extract -F web/locale/babel.cfg -k say -k msgid --no-location --sort-output --omit-header \
		-o build/words.pot server web
	$(BIN)/pybabel -q update -l en --no-fuzzy-matching --ignore-obsolete --no-wrap --omit-header \
		-i build/words.pot -o build/words.po
	@sed '/^$$/q' $(CATALOGUE) | cat - build/words.po >build/nennep.po && mv build/nennep.po $(CATALOGUE)

.PHONY: golden
golden: $(DEVELOPMENT) ## render the chart anew into tests/helm/golden, to be read in the diff
	$(BIN)/python -m tests.helm

.PHONY: bench
bench: $(DEVELOPMENT) $(WEB) ## measure against the floor, on this machine (BENCH=--quick)
	$(BIN)/python -m tests.bench $(BENCH)
	$(BIN)/python -m tests.bench.fleet $(BENCH)
	$(BIN)/python -m tests.bench.evening $(BENCH)
	$(BIN)/python -m tests.bench.paper
	$(BIN)/python -m tests.bench.paper_search $(if $(findstring --quick,$(BENCH)),--pages 2000 --others 2000)
	$(BIN)/python -m tests.bench.province
	$(BIN)/python -m tests.bench.backups
	$(BIN)/python -m tests.bench.memory $(BENCH)

.PHONY: guide
guide: $(DEVELOPMENT) $(WEB) ## take the pictures of the user guide anew, of the demonstration
	@python3 -I infra/needs.py chromium .venv
	@python3 -I infra/needs.py tesseract
	$(BIN)/pytest e2e/guide_pictures.py

.PHONY: release-check
release-check: $(DEVELOPMENT) $(WEB) ## build, install, start, upgrade, render: whether this can be given to others
	@python3 -I infra/needs.py tesseract
	@python3 -I infra/needs.py caddy
	NENNEP_TEST_PREVIOUS=1 $(BIN)/python -m tests.release

.PHONY: lock
lock: $(DEVELOPMENT) ## choose versions anew (LOCK=--upgrade for the newest) and write the locks
	$(call compile,pyproject.toml requirements.in --extra embedded,requirements.lock)
	$(call compile,requirements-dev.in,requirements-dev.lock)
	$(call compile,requirements-node.in,requirements-node.lock)
	npm install --package-lock-only
	@$(BIN)/python -c '$(unfunded)'
	@! grep -nE '://|"resolved"' requirements*.lock package-lock.json || { echo "a lock names an address"; exit 1; }

.PHONY: clean
clean: ## remove what was installed and built; data stays
	rm -rf .venv node_modules web/static/dist build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Where money for a package may be sent is an address too.
unfunded = import json, pathlib; file = pathlib.Path("package-lock.json"); lock = json.loads(file.read_text()); \
	[package.pop("funding", None) for package in lock["packages"].values()]; \
	file.write_text(json.dumps(lock, indent=2) + "\n")

compile = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	$(LOCK) $(1) -o $(2)

$(BIN)/pip:
	@command -v python3 >/dev/null || { echo "needs: Python is missing: nothing will run. apt-get install -y python3 python3-venv"; exit 1; }
	@python3 -I infra/needs.py up
	@python=$$(python3 -I infra/needs.py python) && "$$python" -I infra/needs.py venv .venv

$(DONE): $(BIN)/pip
	@mkdir -p $@

$(RUNTIME): | $(DONE)
	@echo "Installing what the product needs (once) …"
	@$(call install,--no-deps --require-hashes -r requirements.lock)
	@$(call install,--no-deps --no-build-isolation --config-settings editable_mode=compat -e .)
	@rm -f $(DONE)/runtime-* && touch $@

$(DEVELOPMENT): $(RUNTIME)
	@echo "Installing what the checks and tests need (once) …"
	@$(call install,--no-deps --require-hashes -r requirements-dev.lock)
	@rm -f $(DONE)/development-* && touch $@

$(PACKAGES): $(RUNTIME)
	@python3 -I infra/needs.py node .venv || { \
		echo "Installing Node (once) …"; \
		$(call install,--no-deps --require-hashes -r requirements-node.lock) && python3 -I infra/needs.py node .venv; }
	@npm ci --silent --no-progress
	@rm -f $(DONE)/npm-* && touch $@

$(WEB): $(PACKAGES)
	@$(BIN)/python -m web.build --modules $(CURDIR)/node_modules
	@rm -f $(DONE)/web-* && touch $@
