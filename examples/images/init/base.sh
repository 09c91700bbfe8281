#!/bin/sh
# The base of all hostclasses: packages and groups.
set -eu
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get --yes upgrade
DEBIAN_FRONTEND=noninteractive apt-get --yes install awscli curl e2fsprogs logrotate python3 rsyslog sudo xfsprogs
groupadd --force --system disco_operators
