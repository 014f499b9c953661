# make app     start PathDistill in the browser          make test    everything that must be green
# make lint    form, lint and types alone                make clean   remove what these commands made
# make faults  kill, fill, lock and damage under real runs, at MOMENTS=20 moments each; takes hours

PORT ?= 8501
PYTHON ?= python3
MOMENTS ?= 20

BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
CHROMIUM := chromium chromium-browser google-chrome google-chrome-stable
# A browser window opens by itself only where there is a screen.
HEADLESS := $(if $(or $(DISPLAY),$(WAYLAND_DISPLAY),$(filter Darwin,$(shell uname -s))),false,true)

.PHONY: app test lint faults clean browser

app: .venv/installed
	@echo "PathDistill: http://localhost:$(PORT)"
	@$(BIN)/streamlit run app.py --server.port $(PORT) --server.headless $(HEADLESS)

test: lint browser
	@$(BIN)/python -m pytest -q

lint: .venv/installed-test
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary

faults: .venv/installed-test
	@$(BIN)/python -m tests.faults $(MOMENTS)

clean:
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "PathDistill needs Python 3.11 or newer: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/installed: requirements.txt | $(BIN)/python
	@echo "Installing requirements (some minutes the first time) ..."
	@$(PIP) -r requirements.txt
	@touch $@

.venv/installed-test: requirements-test.txt .venv/installed
	@$(PIP) -r requirements-test.txt
	@touch $@

browser:
	@for name in $(CHROMIUM); do command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the browser tests ..."; \
		{ apt-get update && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y chromium fonts-noto-cjk; } >/dev/null 2>&1 && exit 0; \
	fi; \
	echo "The browser tests need Chromium: install it (Debian: apt-get install chromium fonts-noto-cjk)."; \
	exit 1
