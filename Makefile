# make app     start PathDistill for this machine        make test    everything that must be green
# make lint    form, lint and types alone                make clean   remove what these commands made
# make constraints   pin again every package that the requirements need, direct or not
# make audit         ask the public advisories about every pinned package; needs a network
# make fuzz    COUNT=4000 spoilt files, archives, settings and command lines; SEED=0
# make release       wheel and source archive into dist/, checked, and what changed since the last tag
# make screenshots   every page of a demonstration, both languages, themes and two widths, into FOLDER=
# make film          the film of a demonstration that README begins with, into FILE=
# make simulate   COUNT=10000 schedules of faults on a virtual clock; a failing seed is told
# make gpu-check   whether a GPU computes what the processor does, and how fast; under 8 minutes
# make faults  kill, fill, lock and damage under real runs, at MOMENTS=20 moments each; takes hours

HOST ?= localhost
PORT ?= 8501
PYTHON ?= python3
MOMENTS ?= 20
SEED ?= 0

BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
REQUIREMENTS := -r requirements.txt -r requirements-test.txt -r requirements-cluster.txt
PIP_AUDIT := 2.10.1
RELEASING := build==1.6.1 twine==7.0.0
CHROMIUM := chromium chromium-browser google-chrome google-chrome-stable
# A browser window opens by itself only where there is a screen.
HEADLESS := $(if $(or $(DISPLAY),$(WAYLAND_DISPLAY),$(filter Darwin,$(shell uname -s))),false,true)

.PHONY: app test lint fuzz faults gpu-check simulate screenshots film constraints audit release clean browser

app: .venv/installed
	@$(BIN)/streamlit run app.py --server.address $(HOST) --server.port $(PORT) \
		--server.headless $(HEADLESS)

# Two at a time, a file to one of them, each on one core: most of the time is spent waiting for
# processes and browsers.
test: lint browser
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

lint: .venv/installed-test
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary

fuzz: .venv/installed-test
	@$(BIN)/python -m tests.fuzz $(or $(COUNT),4000) --seed $(SEED)

gpu-check: .venv/installed
	@$(BIN)/python -m tests.gpu_check

faults: .venv/installed-test
	@$(BIN)/python -m tests.faults $(MOMENTS)

simulate: .venv/installed-test
	@$(BIN)/python -m tests.simulation $(or $(COUNT),10000)

screenshots: .venv/installed-test browser
	@$(BIN)/python -m tests.e2e.screenshots $(or $(FOLDER),screenshots) $(PAGES)

film: .venv/installed-test browser
	@$(BIN)/python -m tests.e2e.film $(or $(FILE),film.webp)

clean:
	@rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "PathDistill needs Python 3.11 or newer: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/installed: requirements.txt constraints.txt | $(BIN)/python
	@echo "Installing requirements (some minutes the first time) ..."
	@$(PIP) -r requirements.txt -c constraints.txt
	@touch $@

.venv/installed-test: requirements-test.txt .venv/installed
	@$(PIP) -r requirements-test.txt -c constraints.txt
	@touch $@

constraints: | $(BIN)/python
	@$(PIP) --dry-run --ignore-installed --report .venv/report.json $(REQUIREMENTS)
	@$(BIN)/python .ci/constraints.py < .venv/report.json > constraints.txt

# pip-audit stands apart, so that what it needs itself is no part of what it is asked about. Strict:
# a package that could not be asked about is a failure, not a silence.
audit: | $(BIN)/python
	@test -x .venv/audit/bin/pip-audit || { $(BIN)/python -m venv .venv/audit \
		&& .venv/audit/bin/pip install --quiet --disable-pip-version-check pip-audit==$(PIP_AUDIT); }
	@.venv/audit/bin/pip-audit --strict --disable-pip --no-deps --requirement constraints.txt

# The command must start from the wheel alone, in a folder that holds nothing of the checkout.
release: .venv/installed
	@test -x .venv/release/bin/twine || { $(BIN)/python -m venv .venv/release \
		&& .venv/release/bin/pip install --quiet --disable-pip-version-check $(RELEASING); }
	@rm -rf dist build
	@.venv/release/bin/python -m build --outdir dist . >/dev/null
	@.venv/release/bin/twine check --strict dist/*
	@$(BIN)/python .ci/packaged.py dist/*.whl
	@rm -rf .venv/wheel && $(BIN)/python -m venv .venv/wheel
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
		> "$$(.venv/wheel/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/requirements.pth"
	@.venv/wheel/bin/pip install --quiet --disable-pip-version-check --no-deps --no-index dist/*.whl
	@command=$$PWD/.venv/wheel/bin/pathdistill && cd "$$(mktemp -d)" && $$command --help >/dev/null \
		&& $$command studio --help >/dev/null
	@last=$$(git describe --tags --abbrev=0 2>/dev/null); \
		echo "Since $${last:-the beginning}:"; git log --format='  %s' $${last:+$$last..}HEAD

browser:
	@for name in $(CHROMIUM); do command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the browser tests ..."; \
		{ apt-get update && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y chromium fonts-noto-cjk; } >/dev/null 2>&1 && exit 0; \
	fi; \
	echo "The browser tests need Chromium: install it (Debian: apt-get install chromium fonts-noto-cjk)."; \
	exit 1
