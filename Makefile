# One environment, built from the hash-checked lock into .venv; everything stays in this folder.
# uv is used where it is present, pip otherwise. Paths are relative: the folder's name may hold spaces.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
PY = $(VENV)/bin/python
T ?= tests toolkit
ARGS ?=

# Nothing is left outside the clone, and modules are compiled once instead of at every start.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME
export PYTHONNOUSERSITE := 1
# In JupyterLab and nbval as headless: one set of BLAS kernels and one thread, whatever the processor.
ifeq ($(shell uname -m),x86_64)
export OPENBLAS_CORETYPE := Haswell
endif
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_CACHE_DIR := $(CURDIR)/.cache/pip
export UV_CACHE_DIR := $(CURDIR)/.cache/uv
export MPLCONFIGDIR := $(CURDIR)/.cache/matplotlib
export XDG_CACHE_HOME := $(CURDIR)/.cache

test slow elsewhere faults nbval notebooks run verify: export IPYTHONDIR := $(CURDIR)/.cache/ipython
test slow elsewhere faults nbval notebooks run verify: export JUPYTER_CONFIG_DIR := $(CURDIR)/.cache/jupyter/config
test slow elsewhere faults nbval notebooks run verify: export JUPYTER_DATA_DIR := $(CURDIR)/.cache/jupyter/data
test slow elsewhere faults nbval notebooks run verify: export JUPYTER_RUNTIME_DIR := $(CURDIR)/.cache/jupyter/runtime
test slow elsewhere faults nbval notebooks run verify: export XDG_CONFIG_HOME := $(CURDIR)/.cache/config
test slow elsewhere faults nbval notebooks run verify: export NPM_CONFIG_CACHE := $(CURDIR)/.cache/npm

.PHONY: help
help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile
	@echo "  T=tests/test_panel.py picks tests, ARGS='-p capacity=20' goes to toolkit run, PYTHON=python3.12 picks an interpreter"

$(VENV)/.ok: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11, 3.12 or 3.13 found; install one, or name it: make PYTHON=/path/to/python3" >&2; exit 2; }
	@echo "make: building $(VENV) from requirements.lock; about a minute with uv, three without; only when the lock changes"
	@rm -rf $(VENV); mkdir -p .cache; start=$$(date +%s); \
	if command -v uv >/dev/null 2>&1; then \
	  uv venv -q --python "$(PYTHON)" $(VENV) && \
	  uv pip sync -q --python $(PY) --require-hashes --compile-bytecode requirements.lock && \
	  uv pip install -q --python $(PY) --no-deps --no-build-isolation --editable .; \
	else \
	  "$(PYTHON)" -m venv $(VENV) && \
	  $(PY) -m pip install -q --no-deps --require-hashes --only-binary :all: -r requirements.lock && \
	  $(PY) -m pip install -q --no-deps --no-build-isolation --editable . && \
	  { $(PY) -m compileall -q -j 0 $(VENV)/lib || true; }; \
	fi && touch $@ && echo "make: built $(VENV) in $$(($$(date +%s) - start)) s"

.PHONY: env
env: $(VENV)/.ok ## Build the environment (the other targets do it for you)

.PHONY: run
run: env ## Execute the three notebooks on the bundled data and write the report
	@echo "make: executing notebooks/ into runs/; about a minute on two cores"
	@start=$$(date +%s); $(PY) -m toolkit run $(ARGS) && $(PY) -m toolkit report && echo "make: done in $$(($$(date +%s) - start)) s"

.PHONY: verify
verify: env ## Execute the latest runs again, at their commit and under variation, and compare
	@echo "make: verifying the latest run of each notebook; about two minutes on two cores"
	@$(PY) -m toolkit verify --all $(ARGS)

.PHONY: report
report: env ## Write the report of the latest runs
	@$(PY) -m toolkit report

.PHONY: test
test: env ## Run the tests, with coverage; warnings are errors
	@echo "make: running $(T); up to five minutes on two cores"
	@start=$$(date +%s); $(PY) -m pytest -n 2 --dist loadgroup -m "not slow and not elsewhere" --doctest-modules --cov --cov-report=term -q $(T) && echo "make: done in $$(($$(date +%s) - start)) s"

.PHONY: slow
slow: env ## Run the tests that take minutes: JupyterLab in a real browser, kills and signals, other systems' tools
	@$(PY) -m pytest -q -m slow tests

.PHONY: elsewhere
elsewhere: env ## Have MLflow, the RO-Crate validator, DVC and an S3 server judge what we write (downloads their environments)
	@$(PY) -m pytest -q -m elsewhere tests

.PHONY: faults
faults: env ## Plant every fault of tests/faults, see it caught, and write docs/faults.md
	@echo "make: planting faults; about fifteen minutes on two cores; PART=3/16 takes every sixteenth"
	@cd tests && ../$(PY) -m faults $(if $(PART),--part $(PART),../docs/faults.md)

.PHONY: format
format: env ## Format the code and the notebooks' cells
	@$(PY) -m ruff format -q . && $(PY) -m ruff check -q --fix .

.PHONY: lint
lint: env ## Check style, import contracts, the notebooks and the workflow files
	@$(PY) -m ruff format -q --check . && $(PY) -m ruff check -q .
	@$(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()' --no-cache --no-logo
	@$(PY) -m toolkit lint
	@$(PY) -m check_jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml docs/ci/github.yml
	@$(PY) -m check_jsonschema --builtin-schema vendor.gitlab-ci docs/ci/gitlab.yml
	@$(VENV)/bin/zizmor --offline --quiet .github/workflows docs/ci/github.yml

.PHONY: types
types: env ## Check types, tests included
	@$(PY) -m mypy toolkit tests

.PHONY: nbval
nbval: env ## Execute the notebooks again and compare the outputs they claim
	@ls runs/*/record.json >/dev/null 2>&1 || $(MAKE) run
	@echo "make: executing notebooks/ and comparing their claimed cells; about a minute"
	@$(PY) -m pytest -q -p no:cacheprovider --no-cov --nbval-lax -W default notebooks

.PHONY: notebooks
notebooks: env ## Write the claimed outputs of the notebooks anew (look at the diff)
	@$(PY) .ci/claims.py notebooks/*.ipynb

.PHONY: lab
lab: env ## Open the notebooks in JupyterLab
	@$(PY) -m jupyter lab notebooks

.venv-%/.ok: benchmarks/requirements-%.txt
	@echo "make: building .venv-$*, an environment of its own for a peer"
	@rm -rf .venv-$* && "$(PYTHON)" -m venv .venv-$* && .venv-$*/bin/python -m pip install -q --only-binary :all: -r $< && touch $@

.PHONY: bench
bench: env .venv-polars/.ok .venv-ydata/.ok ## Measure against the peers (benchmarks/README.md)
	-@$(PY) benchmarks/panel.py --polars .venv-polars/bin/python
	-@$(PY) benchmarks/sanity.py --ydata .venv-ydata/bin/python
	-@$(PY) benchmarks/backtest.py --plain
	-@$(PY) benchmarks/backtest.py
	-@$(PY) benchmarks/kernel.py
	-@$(PY) benchmarks/cache.py
	-@$(PY) benchmarks/verify.py
	-@$(PY) benchmarks/lint.py
	-@$(PY) benchmarks/ledger.py

.PHONY: picture
picture: env ## Draw docs/report.png from the latest report (needs Chromium)
	@$(PY) .ci/picture.py runs/report.html docs/report.png

.PHONY: ledger
ledger: env ## Hold the committed runs against themselves and against git
	@$(PY) -m toolkit ledger check

.PHONY: check
check: lint types test nbval ledger ## Everything that CI checks

.PHONY: lock
lock: ## Solve requirements.lock anew from pyproject.toml (needs uv)
	@uv lock -q && uv export -q --frozen --no-emit-project --all-groups --no-header --no-annotate > requirements.lock && rm uv.lock

.PHONY: clean
clean: ## Remove the environment and every cache; runs/ stays
	@rm -rf .venv .venv-* .cache .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
