# Everything a person does here. `make help` lists it.

PYTHON ?= python3
IMAGE ?=
SCALE ?= 2
ARGS ?=
OUT ?= out

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
READY := $(VENV)/.installed-for-development

.DEFAULT_GOAL := help
.PHONY: help upscale picture test quick coverage lint check site docs package clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

upscale: $(INSTALLED) ## super-resolve a sample photograph, or IMAGE=photo.jpg [SCALE=4] [ARGS="..."]
ifeq ($(strip $(IMAGE)),)
	$(BIN)/blindsr sample -o "$(OUT)/sample" -s $(SCALE) --overwrite $(ARGS)
else
	$(BIN)/blindsr upscale "$(IMAGE)" -s $(SCALE) $(ARGS)
endif

picture: rivals ## make the README's picture [GENERATIVE=folder of another program's results]
	$(BIN)/python -m development.before_after docs/images/before_after.png \
		$(if $(GENERATIVE),--generative $(GENERATIVE)) $(ARGS)

test: $(READY) ## run all tests
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

quick: $(READY) ## the everyday loop: format, lint, and the tests that train nothing
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/python -m pytest -m "not slow" -n auto --dist worksteal $(ARGS)

coverage: $(READY) ## run all tests; the share of lines that they run, and those that they do not
	$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report=term-missing:skip-covered $(ARGS)

lint: $(READY) ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test ## the one gate: format, lint, types, import contracts, tests

site: $(READY) ## the documentation in site/, its notebook executed; a warning is an error
	$(BIN)/python -m sphinx -b html -W --keep-going -q docs site

docs: site ## the same

package: $(READY) ## wheel and sdist in dist/
	$(BIN)/python -m build --outdir dist

clean: ## remove what was built (not your pictures)
	rm -rf $(VENV) build dist site .cache *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than 3.11; give another: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): $(VENV)/bin/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(READY): $(VENV)/bin/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test,bench,docs,dev]'
	@touch $@ $(INSTALLED)

-include benchmarks/targets.mk
-include development/targets.mk
