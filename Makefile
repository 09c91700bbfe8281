# Needs a Rust toolchain, Python 3 with venv, and make; everything else is fetched.

.PHONY: bench demo fuzz instance-types lint test test-long tools venv

# A tour against an emulated account: check, plan, apply, change, destroy.
demo: venv
	cargo build --quiet
	examples/demo.sh

# What docs/performance.md speaks of, measured on this machine.
bench: venv
	cargo bench --package asiaq-lang --bench parse
	cargo bench --package asiaq-compiler --bench check
	cargo bench --package asiaq --no-default-features --bench process --bench lsp
	cargo bench --package asiaq --profile dev --bench engine

# Makes texts up, so many seconds for each target; needs a nightly toolchain and cargo-fuzz.
SECONDS = 300
fuzz:
	fuzz/seed.sh
	cd fuzz && for target in parse format check ide; do \
	cargo +nightly fuzz run --sanitizer none $$target -- -max_total_time=$(SECONDS) -timeout=10 -max_len=8192 \
	-dict=$(CURDIR)/fuzz/corpus/words.dict || exit 1; done

test: venv tools
	cargo test --workspace

# The same, and what takes an hour: each call in turn goes wrong, and each is one at which asiaq is killed.
test-long: export ASIAQ_TESTS = long
test-long: test

lint:
	cargo fmt --all --check
# Cargo does not find modules that a macro declares.
	rustfmt --check --edition 2024 src/commands/*.rs
	cargo clippy --workspace --all-targets -- --deny warnings
	cargo clippy --package asiaq --no-default-features -- --deny warnings
	@if cargo deny --version >/dev/null 2>&1; then cargo deny check; \
	else echo "cargo-deny is not installed: licences and advisories were not checked"; fi

# The instance types of EC2, from the pinned emulator.
instance-types: venv
	.venv/bin/python stdlib/instance_types.py > stdlib/instance_types.txt

# Programs that tests drive and that this machine lacks.
tools:
	tests/tools.sh nvim=neovim chromium=chromium

# The emulator of AWS and its client, pinned.
venv: .venv/.done

.venv/.done: tests/requirements.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --requirement tests/requirements.txt
	touch $@
