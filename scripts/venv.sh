#!/usr/bin/env bash
# Puts what a lock names, and this checkout, into .venv: scripts/venv.sh requirements.txt STAMP
set -euo pipefail
cd "$(dirname "$0")/.."
lock=$1 stamp=$2

uv=$(scripts/uv.sh)
# Without a terminal uv has no progress to show, only a long list.
quiet=--quiet
[ -t 2 ] && quiet=--color=auto

if ! .venv/bin/python -c '' 2>/dev/null; then
  rm -rf .venv
  "$uv" venv --quiet --python "${PYTHON:->=3.11}" .venv
fi
echo "crossfade: installing $(grep -c '^[a-z].*==' "$lock") packages into .venv"
"$uv" pip install "$quiet" --python .venv/bin/python --require-hashes -r "$lock"
CROSSFADE_DASHBOARD=skip "$uv" pip install --quiet --python .venv/bin/python --no-deps \
  --build-constraints requirements-build.txt --editable .
touch "$stamp"
