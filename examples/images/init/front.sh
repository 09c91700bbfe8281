#!/bin/sh
# The hostclass `front`: nginx, and what happens at boot and at shutdown.
set -eu
DEBIAN_FRONTEND=noninteractive apt-get --yes install nginx
systemctl enable asiaq-credentials.service asiaq-disks.service asiaq-interface.service asiaq-shutdown.service \
  asiaq-address.timer asiaq-operators.timer
