#!/usr/bin/env bash
# sha-crypt 0.6.0 makes hashes with a salt of 22 characters, of which `crypt` keeps 16: no system accepts the password.
#
# Expected: a hash that `crypt` gives again for the same password and the salt in it. Seen: `crypt` answers with the first 16
# characters of the salt, so the two texts differ. With 12 random bytes, which are 16 characters, they are the same.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cargo init --quiet --name salts
cargo add --quiet sha-crypt@0.6.0 --no-default-features --features alloc,getrandom
cargo update --quiet sha-crypt --precise 0.6.0
cat > src/main.rs <<'RUST'
use sha_crypt::{PasswordHasher, ShaCrypt};

fn main() {
    println!("{}", ShaCrypt::default().hash_password(b"hunter2").unwrap().as_str());
    println!("{}", ShaCrypt::default().hash_password_with_salt(b"hunter2", &[7; 12]).unwrap().as_str());
}
RUST
cargo run --quiet | {
    for expected in differs same; do
        IFS= read -r hash
        salt="$(cut -d'$' -f3-4 <<<"$hash")"
        system="$(openssl passwd -6 -salt "$salt" hunter2)"
        printf '%s\n%s\n' "$hash" "$system"
        [ "$([ "$hash" = "$system" ] && echo same || echo differs)" = "$expected" ]
    done
}
