#!/usr/bin/env bash
# Installs programs that the tests take from the system, where they are missing:
# `system_packages.sh redis-server prometheus`. Debian's packages are named like their programs.
set -euo pipefail

missing=()
for program in "$@"; do
  command -v "$program" >/dev/null || missing+=("$program")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "Tests need ${missing[*]}: install that (Chromium elsewhere: CHROMIUM=/path/to/it)." >&2
  exit 1
fi

# Debian starts what it installs as a service, now and at every boot; here only tests start it.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
fi

echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
for program in "${missing[@]}"; do
  systemctl disable --quiet "$program" 2>/dev/null || true # no service, or no systemd
done
