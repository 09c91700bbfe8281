#!/usr/bin/env bash
# Installs what some tests drive, where it is missing: tests/tools.sh PROGRAM[=PACKAGE] …
# A package is called as its program unless it says otherwise.
set -euo pipefail

missing=()
for tool in "$@"; do
  command -v "${tool%%=*}" >/dev/null 2>&1 || missing+=("${tool#*=}")
done
if ((${#missing[@]} == 0)); then
  exit 0
fi

run=()
if [[ $(id -u) != 0 ]]; then
  run=(sudo -n)
fi
if ! command -v apt-get >/dev/null 2>&1 || ! "${run[@]}" true 2>/dev/null; then
  echo "not installed, and not to be had by apt-get here: ${missing[*]}; tests that need it say so" >&2
  exit 0
fi
"${run[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${run[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
