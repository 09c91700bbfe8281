#!/bin/sh
# Installs what an instance of {{name}} needs. Runs as root, and the first command that fails ends it.
set -eu

echo "nothing is installed on {{name}} yet"
