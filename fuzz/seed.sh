#!/bin/sh
# Gives every target the examples and the library to begin with.
set -eu
cd "$(dirname "$0")/.."
for target in parse format check ide; do
    mkdir -p "fuzz/corpus/$target"
    for file in examples/*/*.asq stdlib/*.asq; do
        seed="fuzz/corpus/$target/$(echo "$file" | tr / -)"
        if [ "$target" = ide ]; then
            { printf '0123456789abcdef'; cat "$file"; } >"$seed"
        else
            cp "$file" "$seed"
        fi
    done
done
