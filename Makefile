# Everything a developer runs. Needs python3 (3.10 or newer, with venv), make and a C++20 compiler; the rest
# comes from PyPI into .venv. Repeated calls rebuild only what changed.
PYTHON ?= python3
CXX ?= g++
VENV := .venv
BENCH_VENV := .venv-bench
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
BENCH_PIP := $(BENCH_VENV)/bin/python -m pip --disable-pip-version-check --quiet
RELEASE := build/release
SANITIZE := build/sanitize
STAMPS := $(VENV)/stamps
SOURCES := CMakeLists.txt pyproject.toml README.md \
  $(shell find cpp cuda cmake python -type f -not -name '*.pyc')
CPP_TESTS := $(wildcard tests/cpp/*)
CPP_FILES = $(shell find cpp cuda tests/cpp \( -name '*.h' -o -name '*.cpp' \) 2>/dev/null)
export CXX
export PIP_NO_INPUT := 1

.PHONY: help demo test test-cpp test-python nightly lint format stubs bench sanitize wheel clean distclean
.DELETE_ON_ERROR:

help:
	@echo "make demo      build, install into $(VENV), run examples/demo.py"
	@echo "make test      build, install into $(VENV), run the C++ tests and then the Python tests"
	@echo "make nightly   the tests with random graphs, indices and loops, 25 times as many as in make test"
	@echo "make stubs     write the type stubs of what is made from tables"
	@echo "make lint      clang-format, ruff and mypy; make format applies the first two"
	@echo "make bench     build the wheel, install it beside its peers in $(BENCH_VENV), compare them"
	@echo "make sanitize  C++ tests under the address and undefined-behaviour sanitizers"
	@echo "make wheel     build the wheel into dist/"
	@echo "make clean     remove what was built; make distclean removes the environments too"

# ---- the environment
$(STAMPS)/venv:
	@command -v $(PYTHON) >/dev/null || \
	  { echo "Croton needs Python 3.10 or newer; $(PYTHON) was not found." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "Croton needs Python 3.10 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1)." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Croton needs Python's venv module (on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }
	@echo "==> creating the environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

# One stamp for each kind of requirement, renewed when pyproject.toml changes.
$(STAMPS)/needs-%: $(STAMPS)/venv pyproject.toml
	@echo "==> installing the $* requirements into $(VENV)"
	@$(PY) tools/requirements.py $* > $@.txt
	@$(PIP) install -r $@.txt
	@touch $@

$(STAMPS)/compiler: | $(STAMPS)/venv
	@printf '#include <span>\n#include <concepts>\nint main() { return std::span<int>().size(); }\n' > $@.cpp
	@$(CXX) -std=c++20 -fsyntax-only $@.cpp 2>/dev/null || \
	  { echo "Croton needs a C++20 compiler such as g++ 12 or newer; '$(CXX)' is none (set CXX)." >&2; exit 1; }
	@touch $@

# ---- build and install
$(STAMPS)/installed: $(STAMPS)/needs-build $(STAMPS)/compiler $(SOURCES) $(CPP_TESTS)
	@echo "==> building in $(RELEASE) and installing into $(VENV)"
	@$(PIP) install --no-build-isolation --no-deps --force-reinstall -C build-dir=$(RELEASE) \
	  -C cmake.define.CROTON_TESTS=ON .
	@touch $@

demo: $(STAMPS)/installed $(STAMPS)/needs-demo
	@echo "==> running examples/demo.py"
	@$(PY) examples/demo.py

test: test-python

test-cpp: $(STAMPS)/installed
	@echo "==> running the C++ tests"
	@$(VENV)/bin/ctest --test-dir $(RELEASE) --output-on-failure --no-tests=ignore

test-python: test-cpp $(STAMPS)/needs-test
	@echo "==> running the Python tests"
	@$(PY) -m pytest $(PYTEST_ARGS)

nightly: $(STAMPS)/installed $(STAMPS)/needs-test
	@$(PY) -m pytest tests/test_random_graphs.py tests/test_random_indices.py tests/test_random_loops.py --hypothesis-profile=nightly

# The peers are large, so the benchmarks have an environment of their own; they measure the wheel in dist/.
$(BENCH_VENV)/stamp-peers: $(STAMPS)/venv bench/requirements.txt
	@echo "==> installing the peers into $(BENCH_VENV)"
	@$(PYTHON) -m venv $(BENCH_VENV)
	@$(BENCH_PIP) install -r bench/requirements.txt
	@touch $@

bench: $(BENCH_VENV)/stamp-peers
	@rm -rf dist
	@$(MAKE) --no-print-directory wheel
	@$(BENCH_PIP) install --no-deps --force-reinstall dist/*.whl
	@echo "==> running the benchmarks (about half an hour; BENCH_ARGS=--help lists what can be chosen)"
	@$(BENCH_VENV)/bin/python bench/run.py $(BENCH_ARGS)

sanitize: $(STAMPS)/needs-build $(STAMPS)/compiler
	@echo "==> building the C++ tests with sanitizers in $(SANITIZE)"
	@$(VENV)/bin/cmake -S . -B $(SANITIZE) -G Ninja -DCMAKE_MAKE_PROGRAM=$(abspath $(VENV))/bin/ninja \
	  -DCMAKE_CXX_COMPILER=$(CXX) -DPython_EXECUTABLE=$(abspath $(PY)) --log-level=WARNING \
	  -DCROTON_PYTHON=OFF -DCROTON_TESTS=ON -DCROTON_SANITIZE=address,undefined
	@$(VENV)/bin/cmake --build $(SANITIZE)
	@echo "==> running the C++ tests with sanitizers"
	@$(VENV)/bin/ctest --test-dir $(SANITIZE) --output-on-failure --no-tests=ignore

wheel: $(STAMPS)/needs-build $(STAMPS)/compiler
	@echo "==> building the wheel into dist/"
	@$(PIP) wheel --no-build-isolation --no-deps -C build-dir=$(RELEASE) -w dist .
	@ls -lh dist/*.whl

stubs: $(STAMPS)/installed
	@$(PY) tools/stubs.py

# ---- style
lint: $(STAMPS)/needs-lint
	@echo "==> clang-format"
	@$(VENV)/bin/clang-format --dry-run -Werror $(CPP_FILES)
	@echo "==> ruff"
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@echo "==> mypy"
	@$(VENV)/bin/mypy

format: $(STAMPS)/needs-lint
	@$(VENV)/bin/clang-format -i $(CPP_FILES)
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

clean:
	@echo "==> removing what was built"
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis $(STAMPS)/installed
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean
	@rm -rf $(VENV) $(BENCH_VENV)
