# Every target sets up what it needs and does nothing twice. `make demo` and `make test` work on a fresh clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := build/stamps
WEB := serving/console/web
DIST := serving/console/static/dist
UV := UV_LINK_MODE=hardlink $(BIN)/uv pip install --python $(BIN)/python --constraint constraints.txt

.PHONY: help demo serve test check bench soak train-tiny assets words clean
help:
	@echo "make demo        watch a fire start on two rendered cameras, or SOURCE=video|folder|rtsp://…"
	@echo "make serve       start the service on http://127.0.0.1:3000 with ./state"
	@echo "make test        all tests"
	@echo "make check       format, types, arrows"
	@echo "make bench       measure; writes build/bench.json (ARGS=\"--cameras 40\", ARGS=\"--kill 20\")"
	@echo "make soak        twenty minutes at 80 % of what this machine holds: memory and open files (MINUTES=…)"
	@echo "make words       read the pages' texts anew into their catalogue, to be translated"
	@echo "make train-tiny  render pictures and run the whole training chain on them"

demo: $(STAMPS)/serve assets
	$(BIN)/python -m serving.demo $(if $(SOURCE),--source "$(SOURCE)")

serve: $(STAMPS)/serve assets
	$(BIN)/balefire serve

test: $(STAMPS)/dev $(STAMPS)/train assets
	$(BIN)/python -m pytest $(ARGS)

check: $(STAMPS)/dev $(STAMPS)/train
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMPS)/train $(STAMPS)/dev build/peers/litserve
	$(BIN)/python -m serving.bench $(ARGS)

# Beside the service and not in its environment: it brings another event loop, which the service would use too.
build/peers/litserve: | $(STAMPS)/serve
	@echo "installing LitServe, which the bench is compared with"
	$(BIN)/uv pip install --quiet --python $(BIN)/python --target build/peers litserve || echo "LitServe is left out"

soak: $(STAMPS)/serve $(STAMPS)/dev
	$(BIN)/python -m serving.bench --soak $(or $(MINUTES),20)

train-tiny: $(STAMPS)/train
	$(BIN)/python -m training.tiny

# Then fill in what is empty or marked fuzzy in the catalogue; a test names what is left.
words: $(STAMPS)/serve
	@mkdir -p build
	$(BIN)/pybabel -q extract --mapping=pyproject.toml --keyword=t --add-location=file --sort-by-file --no-wrap \
		--output-file=build/console.pot serving/console
	$(BIN)/pybabel -q update --input-file=build/console.pot --locale=zh_Hans_CN --no-wrap --ignore-pot-creation-date \
		--no-fuzzy-matching --ignore-obsolete --output-file=serving/console/locale/zh-CN.po

assets: $(DIST)/.vite/manifest.json

$(DIST)/.vite/manifest.json: $(WEB)/package-lock.json $(WEB)/vite.config.ts $(shell find $(WEB)/src -type f 2>/dev/null) | $(STAMPS)/serve
	@echo "building the page's assets"
	$(PYTHON) scripts/node.py $(BIN)/python $(WEB) ci --no-audit --no-fund
	$(PYTHON) scripts/node.py $(BIN)/python $(WEB) run build
	@touch $@

$(BIN)/uv:
	@echo "making $(VENV)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(STAMPS)/serve: pyproject.toml constraints.txt | $(BIN)/uv
	@echo "installing the service"
	$(UV) --editable ".[serve]"
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: $(STAMPS)/serve
	@echo "installing what tests and checks need"
	$(UV) --editable ".[serve,openvino,dev]"
	@touch $@

$(STAMPS)/train: $(STAMPS)/serve
	@echo "installing torch and ultralytics (several GB; the server needs neither)"
	$(UV) --editable ".[serve,train]"
	@touch $@

clean:
	rm -rf build $(DIST) $(WEB)/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
