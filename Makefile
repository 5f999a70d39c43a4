# Everything here sets itself up: uv is found or fetched, Python environments are cached outside the work tree.
.DEFAULT_GOAL := help
CACHE ?= $(or $(TIGHTROPE_CACHE),$(HOME)/.cache/tightrope)
UV := $(or $(shell command -v uv 2>/dev/null),$(CACHE)/uv/bin/uv)
RUN := $(UV) run --frozen

.PHONY: help demo test square check format bench catalogue differences docs clean

help:            ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ -/'

$(CACHE)/uv/bin/uv:
	python3 -m venv $(CACHE)/uv && $(CACHE)/uv/bin/pip install --quiet uv

demo: $(UV)      ## the main job on real MLflow servers: mirror, cut over, roll back (ARGS="--blue 2.22.4 --green 3.17.2")
	$(RUN) tightrope demo $(ARGS)

test: $(UV)      ## the whole suite, real servers included (ARGS="-k core")
	$(RUN) pytest $(ARGS)

.PHONY: square
square: $(UV)    ## every client on every server, hours (ARGS="--clients 3.17.2 --servers 1.30.1 --pairs 1.30.1:3.17.2")
	$(RUN) python -m tests.square $(ARGS)

check: $(UV)     ## format, lint, types, import layers
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(RUN) lint-imports

format: $(UV)    ## put the code in shape
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

bench: $(UV)     ## benchmarks; prints ratios measured side by side in one run
	$(RUN) python -m proxy.lab.bench $(ARGS)

catalogue: $(UV) ## compare the catalogue with an installed MLflow (VERSION=3.17.2), WRITE=1 to take it in
	$(RUN) python -m proxy.lab.catalogue $(VERSION) $(if $(WRITE),--write)

differences: $(UV) ## what changed between two MLflow releases, apart from routes (OLD=3.10.1 NEW=3.12.0)
	$(RUN) python -m proxy.lab.differences $(OLD) $(NEW)

docs: $(UV)      ## make the generated pages of docs/ anew
	$(RUN) python -m proxy.config.document > docs/configuration.md
	$(RUN) python -m proxy.observe.document > docs/metrics.md
	$(RUN) python -m proxy.cli.compat_page > docs/compat.md

clean:           ## remove what this tree made (not the shared cache)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
