#!/usr/bin/env bash
# Builds asiaq and demonstrates it with an emulated AWS account on this machine. Run it with `make demo`. The first build
# downloads and compiles the AWS SDK; what needs no account is shown meanwhile.
set -euo pipefail
cd "$(dirname "$0")/.."

asiaq="$PWD/target/debug/asiaq"
python="${ASIAQ_PYTHON:-$PWD/.venv/bin/python}"
moto="$PWD/tests/emulator/moto_server.py"
folder="$(mktemp -d)"
log="$folder/moto.log"
server=
builder=

cleanup() {
  if [ -n "$builder" ]; then kill "$builder" 2>/dev/null || true; fi
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap cleanup EXIT

heading() {
  if [ -t 1 ]; then printf '\n\033[1m$ asiaq %s\033[0m\n' "$*"; else printf '\n$ asiaq %s\n' "$*"; fi
}

# Prints a command, runs it, and checks its exit code.
run() {
  local expected="$1"
  shift
  heading "$*"
  local code=0
  "$asiaq" "$@" || code=$?
  if [ "$code" != "$expected" ]; then
    echo "expected exit code $expected, got $code" >&2
    exit 1
  fi
}

say() { printf '\n%s\n' "$*"; }

# What can be asked about the program without an account.
offline() {
  say "Check the program without an account: names, types, addresses, routes."
  run 0 check
  say "Ask which network reaches which."
  run 0 reach
  say "Draw it."
  heading "graph > $picture"
  "$asiaq" graph >"$picture"
}

# How many packages asiaq consists of.
packages() { cargo tree --edges normal,build --prefix none | sed 's/ (.*//' | sort -u | wc -l; }

# The packages that are built, one a line; those that were built before are `Fresh`.
built() { sed -nE 's/^ *(Compiling|Fresh) ([^ ]+ [^ ]+).*/\2/p' "$folder/build.log"; }

# Says how far the build is: in one line on a terminal, elsewhere every half minute.
progress() {
  local all count now shown=-30
  all="$(packages 2>/dev/null)"
  while kill -0 "$builder" 2>/dev/null; do
    count="$(built | sort -u | wc -l)"
    now="$(built | tail -1)"
    if [ -t 1 ]; then
      printf '\r\033[K%s of %s packages: %s' "$count" "$all" "$now"
    elif [ $((SECONDS - shown)) -ge 30 ]; then
      shown=$SECONDS
      echo "$count of $all packages: $now"
    fi
    sleep 1
  done
  if [ -t 1 ]; then printf '\r\033[K'; fi
}

picture="$PWD/target/demo.svg"
cp examples/first/infra.asq "$folder/infra.asq"
MOTO_EC2_LOAD_DEFAULT_AMIS=false "$python" "$moto" -H 127.0.0.1 -p 0 >/dev/null 2>"$log" &
server=$!

if compgen -G 'target/debug/deps/libaws_sdk_ec2-*.rlib' >/dev/null; then
  cargo build
  cd "$folder"
  offline
else
  say "Build asiaq without the engine and the AWS SDK."
  cargo build --no-default-features
  cp "$asiaq" "$folder/asiaq"
  say "Build the rest. The AWS SDK takes about ten minutes on two cores."
  cargo build --verbose >"$folder/build.log" 2>&1 &
  builder=$!
  (
    asiaq="$folder/asiaq"
    cd "$folder"
    offline
  )
  say "Until the rest is built, the demo waits."
  progress
  wait "$builder" || { grep -vE '^ *(Fresh|Running) ' "$folder/build.log" >&2; exit 1; }
  builder=
  cd "$folder"
fi

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
