#!/bin/sh
# Written by asiaq. Finds the address that rsyslog sends to among the values that the instance got at boot, and writes it to
# a file for the unit of rsyslog. The arguments are the names of values; the first that has an address counts.
#
# ASIAQ_VALUES, ASIAQ_METADATA and ASIAQ_LOG_ENV are other places for the values, the metadata service and the result.
set -u
values=${ASIAQ_VALUES:-/etc/asiaq.env}
metadata=${ASIAQ_METADATA:-http://169.254.169.254}
result=${ASIAQ_LOG_ENV:-/run/asiaq/log.env}

user_data() {
  for pause in 1 2 4 8 16; do
    token=$(curl -fsS --max-time 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$metadata/latest/api/token") && {
      # Without user data, the answer is an error.
      curl -fs --max-time 5 -H "X-aws-ec2-metadata-token: $token" "$metadata/latest/user-data"
      return
    }
    sleep "$pause"
  done
}

if [ -r "$values" ]; then
  data=$(cat "$values")
else
  data=$(user_data)
fi
target=
for name in "$@"; do
  if [ -z "$target" ]; then
    target=$(printf '%s\n' "$data" | sed -n "s/^$name=\"\([0-9.]*\)[ \"].*/\1/p" | tail -n 1)
  fi
done
[ -n "$target" ] || echo 'this instance has no address to send messages to, and files them itself' >&2
mkdir -p "$(dirname "$result")"
printf 'asiaq_log_target=%s\n' "$target" > "$result"
