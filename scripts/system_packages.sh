#!/usr/bin/env bash
# Installs what the browser tests need from the system: Debian's Chromium.
set -euo pipefail
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "The browser tests need Chromium: install it, or set CHROMIUM=/path/to/chromium." >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
echo "installing Chromium for the browser tests"
apt-get update -qq
apt-get install -y -qq --no-install-recommends chromium >/dev/null
