# Everything is done in a virtual environment of the project's own (.venv); see `make help`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := cbir tests sample_images docs setup.py

.DEFAULT_GOAL := help
.PHONY: help install run test torture lint format screenshots bench translations samples clean x-server

help:  ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(VENV)/.installed  ## Make .venv and install the program into it (about 90 s and 6 GB)

run: $(VENV)/.installed  ## Open the window on a library of sample_images/ (in the terminal without a display)
	@$(BIN)/python -m cbir --library .cbir/samples.npz \
		demo sample_images --image sample_images/sunset_sea_01.jpg

test: $(VENV)/.installed-dev x-server  ## Run every test
	@$(BIN)/python -m pytest --numprocesses=auto --dist=worksteal

torture: $(VENV)/.installed-dev  ## Break libraries on purpose: kills, power loss, faults, damage, races (15 min)
	@$(BIN)/python -m pytest --torture --timeout=1800 tests/torture

lint: $(VENV)/.installed-dev  ## Check style, types and the direction of imports
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev  ## Format the code
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

screenshots: $(VENV)/.installed-dev x-server  ## Take the README's pictures of the real window
	$(BIN)/python docs/screenshots.py

bench: $(VENV)/.installed-dev  ## Measure search beside FAISS, as the README's table (10 min, 12 GB)
	@$(BIN)/python docs/bench.py --plot docs/search-growth.png

translations: $(VENV)/.installed-dev  ## Collect the words to translate in cbir/locale/cbir.pot
	@$(BIN)/pybabel -q extract --keyword=counted:1,2 --keyword=kept --project=cbir --no-location --sort-output \
		--output-file=cbir/locale/cbir.pot cbir

samples: $(VENV)/.installed  ## Draw sample_images/ again
	$(BIN)/python sample_images/draw.py

clean:  ## Remove .venv, caches and the sample library
	rm -rf $(VENV) .cbir build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find cbir tests sample_images docs -name __pycache__ -type d -prune -exec rm -rf {} +

x-server: $(VENV)/bin/python
	@PYTHON=$(BIN)/python sh .ci/x-server

# torch and torchvision must match each other: one command installs both, from one place.
INSTALL := PYTHONWARNINGS='ignore:Editable installation' $(BIN)/python -m pip install --quiet --editable

$(VENV)/bin/python:
	@echo "Making $(VENV) and installing what cbir needs (once; about 90 s and 6 GB) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.installed: setup.py setup.cfg | $(VENV)/bin/python
	@$(INSTALL) '.[drop,watch]'
	@touch $@

$(VENV)/.installed-dev: setup.py setup.cfg | $(VENV)/bin/python
	@$(INSTALL) '.[drop,dev]'
	@touch $(VENV)/.installed $@
