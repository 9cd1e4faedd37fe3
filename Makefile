# `make bench` and `make test` work on a fresh machine that has Python >= 3.11 with venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= catnocat-report
# Processes that run tests.
WORKERS ?= 2
# For `make recipes`: any data set that catnocat bench reads.
DATA ?= menagerie

.DEFAULT_GOAL := help
.PHONY: help bench picture simulate simulate-short speed-features speed-classifiers backbones duplicates recipes test test-quick chromium lint types build load-test docs clean

help:  ## show what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

# One stamp per set of extras: installed once, and again when pyproject.toml changes.
$(VENV)/installed-%: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[$(subst +,$(comma),$*)]"
	@touch $@
comma := ,

bench: $(VENV)/installed-fast+backbones+heic  ## compare the methods on the embedded scenes
	$(BIN)/catnocat bench --out $(OUT)

speed-features: $(VENV)/installed-fast+backbones+heic+peers  ## speed of feature extraction, compared with other libraries
	$(BIN)/python -m catnocat.benchmarks.experiments.speed.features --out $(OUT)/speed-features.json

speed-classifiers: $(VENV)/installed-fast+backbones+heic+peers  ## time to fit classifiers, compared with other libraries
	$(BIN)/python -m catnocat.benchmarks.experiments.speed.classifiers --out $(OUT)/speed-classifiers.json

backbones: $(VENV)/installed-fast+backbones+heic  ## check named networks against plain loops, for docs/backbones.md (hours)
	$(BIN)/python -m catnocat.benchmarks.experiments.backbones --out $(OUT)/backbones.jsonl --page docs/backbones.md

duplicates: $(VENV)/installed-fast+backbones+heic  ## recall of the search for versions of images: DATA=labels.csv
	$(BIN)/python -m catnocat.benchmarks.experiments.duplicates $(DATA)

recipes: $(VENV)/installed-fast+backbones+heic  ## compare feature-extraction recipes: DATA=labels.csv
	$(BIN)/python -m catnocat.benchmarks.experiments.recipes $(DATA) --out $(OUT)

picture: $(VENV)/installed-fast+backbones+heic  ## draw the output of `make bench` for the README
	$(BIN)/python -m catnocat.benchmarks.experiments.terminal_svg $(OUT)/results.json docs/result.svg

simulate: $(VENV)/installed-fast+backbones+heic+dev  ## how often verdicts and intervals are right, for docs/simulations.md (an hour)
	$(BIN)/python -m catnocat.benchmarks.experiments.simulation.simulate --page docs/simulations.md

simulate-short: $(VENV)/installed-fast+backbones+heic+dev  ## the same in ten minutes, with fewer runs
	$(BIN)/python -m catnocat.benchmarks.experiments.simulation.simulate --size short --page docs/simulations.md

test: lint types chromium  ## lint, types and all tests
	COLUMNS=200 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

test-quick: $(VENV)/installed-fast+backbones+heic+dev  ## the tests that take seconds, for the inner loop
	COLUMNS=200 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not slow"

# The browser that the report's tests drive; without it, and without apt, they are skipped.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { \
	  command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } || \
	  echo "Chromium is not installed: the browser tests will be skipped."

lint: $(VENV)/installed-fast+backbones+heic+dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/python .ci/check_words.py

# mypy follows files, not the editable install: give it the folders under their imported name.
types: $(VENV)/installed-fast+backbones+heic+dev
	@mkdir -p $(VENV)/types && ln -sfn $(CURDIR) $(VENV)/types/catnocat
	MYPYPATH=$(VENV)/types $(BIN)/mypy -p catnocat.features -p catnocat.classifiers -p catnocat.benchmarks

docs: $(VENV)/installed-fast+backbones+heic+docs  ## make the site in site/; a warning is an error
	$(BIN)/python -m sphinx --builder html --fail-on-warning --keep-going --quiet docs site

# The wheel is made from the sdist, so that nothing of this folder gets into it by chance.
build: $(VENV)/installed-fast+backbones+heic+dev  ## make the sdist and the wheel in dist/
	$(BIN)/python -m build

load-test: $(VENV)/installed-fast+backbones+heic  ## send 2,000 images and invalid files to a service, and attack it
	$(BIN)/python -m catnocat.benchmarks.experiments.load_test
	$(BIN)/python -m catnocat.benchmarks.experiments.attacks

clean:  ## remove what was made here
	rm -rf $(VENV) $(OUT) site docs/generated build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
