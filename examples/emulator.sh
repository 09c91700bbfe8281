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
# Without moto's line for each call, and its warnings of a server that is open to the internet.
MOTO_EC2_LOAD_DEFAULT_AMIS=false .venv/bin/python tests/emulator/moto_server.py -H 127.0.0.1 -p "$port" \
  2> >(grep --line-buffered -vE '" [0-9]{3} -|development server|CTRL\+C|Running on' >&2)
