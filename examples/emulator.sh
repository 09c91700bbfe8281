#!/usr/bin/env bash
# Runs an emulated AWS account on this machine until Ctrl-C. Run it with `make emulator`; `PORT=5000` chooses the port.
# Nothing of it is kept when it stops.
set -euo pipefail
cd "$(dirname "$0")/.."

port="${PORT:-5000}"
cat >&2 <<TEXT
The emulator listens on http://127.0.0.1:$port until Ctrl-C. In another terminal, set these variables:

  unset AWS_PROFILE AWS_SESSION_TOKEN
  export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_ACCESS_KEY_ID=emulator AWS_SECRET_ACCESS_KEY=emulator
  export PATH="$PWD/target/debug:\$PATH"

The account is empty. This gives it the AMIs, certificates, hosted zones and VPN gateways that your project looks up:

  asiaq ir PATH | make --silent --directory "$PWD" stock

TEXT
MOTO_EC2_LOAD_DEFAULT_AMIS=false exec .venv/bin/python tests/emulator/moto_server.py -H 127.0.0.1 -p "$port"
