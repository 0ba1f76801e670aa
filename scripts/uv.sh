#!/usr/bin/env bash
# Prints where uv is: on PATH, else in .cache, where it is fetched by a Python's own pip or venv.
set -euo pipefail
cd "$(dirname "$0")/.."
ours=$PWD/.cache/uv/bin/uv

stop() {
  printf 'crossfade: %s\n' "$@" >&2
  exit 1
}

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  stop "Python 3.11 or newer is needed, and none was found." \
    "If it has an unusual name, say so: make up PYTHON=/path/to/python3"
}

fetch() {
  local python pip
  python=$(find_python)
  pip=("$python" -m pip)
  echo "crossfade: fetching uv, which installs the rest" >&2
  if ! "$python" -c 'import pip' 2>/dev/null; then
    "$python" -c 'import ensurepip, venv' 2>/dev/null || stop \
      "$python has neither pip nor ensurepip, so nothing can be installed with it." \
      "On Debian and Ubuntu: apt install python3-venv. Or install uv, which needs neither."
    "$python" -m venv .cache/pip
    pip=(.cache/pip/bin/python -m pip)
  fi
  "${pip[@]}" install --quiet --disable-pip-version-check --root-user-action ignore \
    --require-hashes --only-binary :all: --no-deps --no-compile \
    --target .cache/uv -r requirements-uv.txt >&2
}

# An old uv on PATH would not check the hashes of the build backend.
if [ -x "$ours" ]; then
  echo "$ours"
elif found=$(command -v uv) && [[ $("$found" pip install --help 2>&1) == *--build-constraints* ]]; then
  echo "$found"
else
  fetch
  echo "$ours"
fi
