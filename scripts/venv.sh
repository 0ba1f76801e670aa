#!/usr/bin/env bash
# Puts what a lock names, and this checkout, into .venv: scripts/venv.sh requirements.txt STAMP
# Python and its venv module are enough; uv is fetched where the machine has none.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=$1 stamp=$2

say() { printf 'crossfade: %s\n' "$*"; }
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

fetch_uv() {
  local pip=("$python" -m pip)
  say "fetching uv, which installs the rest"
  if ! "${pip[@]}" --version >/dev/null 2>&1; then
    "$python" -c 'import ensurepip, venv' 2>/dev/null || stop \
      "$python has neither pip nor ensurepip, so nothing can be installed with it." \
      "On Debian and Ubuntu: apt install python3-venv. Or install uv, which needs neither."
    "$python" -m venv .cache/pip
    pip=(.cache/pip/bin/python -m pip)
  fi
  "${pip[@]}" install --quiet --disable-pip-version-check --root-user-action ignore \
    --require-hashes --only-binary :all: --target .cache/uv -r requirements-uv.txt
}

python=$(find_python)
uv=$(command -v uv || true)
# An old uv on PATH would not check the hashes of the build backend.
if [[ -z $uv || $("$uv" pip install --help 2>&1) != *--build-constraints* ]]; then
  uv=.cache/uv/bin/uv
  [ -x "$uv" ] || fetch_uv
fi
# Without a terminal uv has no progress to show, only a long list.
quiet=--quiet
[ -t 2 ] && quiet=--color=auto

if ! .venv/bin/python -c '' 2>/dev/null; then
  rm -rf .venv
  "$uv" venv --quiet --python "$python" .venv
fi
say "installing $(grep -c '^[a-z].*==' "$lock") packages into .venv"
"$uv" pip install "$quiet" --python .venv/bin/python --require-hashes -r "$lock"
CROSSFADE_DASHBOARD=skip "$uv" pip install --quiet --python .venv/bin/python --no-deps \
  --build-constraints requirements-build.txt --editable .
touch "$stamp"
