#!/usr/bin/env bash
# Demonstrates asiaq with an emulated AWS account on this machine, without network access. Run it with `make demo`.
set -euo pipefail
cd "$(dirname "$0")/.."

asiaq="$PWD/target/debug/asiaq"
python="${ASIAQ_PYTHON:-$PWD/.venv/bin/python}"
moto="$PWD/tests/emulator/moto_server.py"
folder="$(mktemp -d)"
log="$folder/moto.log"
server=

cleanup() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap cleanup EXIT

# Prints a command, runs it, and checks its exit code.
run() {
  local expected="$1"
  shift
  if [ -t 1 ]; then printf '\n\033[1m$ asiaq %s\033[0m\n' "$*"; else printf '\n$ asiaq %s\n' "$*"; fi
  local code=0
  "$asiaq" "$@" || code=$?
  if [ "$code" != "$expected" ]; then
    echo "expected exit code $expected, got $code" >&2
    exit 1
  fi
}

say() { printf '\n%s\n' "$*"; }

MOTO_EC2_LOAD_DEFAULT_AMIS=false "$python" "$moto" -H 127.0.0.1 -p 0 >/dev/null 2>"$log" &
server=$!
endpoint=
for _ in $(seq 600); do
  endpoint="$(sed -n 's/.*Running on \(http:[^ ]*\).*/\1/p' "$log")"
  [ -n "$endpoint" ] && break
  kill -0 "$server" 2>/dev/null || { cat "$log" >&2; exit 1; }
  sleep 0.1
done
[ -n "$endpoint" ] || { echo "the emulator does not start" >&2; exit 1; }

unset AWS_PROFILE AWS_SESSION_TOKEN AWS_REGION AWS_DEFAULT_REGION
export AWS_ACCESS_KEY_ID=demo AWS_SECRET_ACCESS_KEY=demo AWS_ENDPOINT_URL="$endpoint"
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null

cp examples/first/infra.asq "$folder/infra.asq"
cd "$folder"

say "Check the program without an account: names, types, addresses, routes."
run 0 check

say "Plan the changes. Each line cites the line of the program that causes it."
run 10 plan

say "Apply, then plan again: nothing to do. There is no state file; AWS is the state."
run 0 apply --yes
run 0 plan

say "Change one line of the program: the application moves from port 8080 to 9090."
sed -i.before 's/tcp 8080/tcp 9090/' infra.asq
run 10 plan
run 0 apply --yes

say "Show where a value comes from."
run 0 explain infra.asq demo/private/security-group/ingress

say "Destroy everything again."
run 0 destroy --yes
