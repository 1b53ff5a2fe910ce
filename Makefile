# Two commands: `make run` and `make test`. Both install what they miss and can be run again.

.PHONY: run demo test screenshots release bench hot kill-test soak fuzz deny api-fuzz catalog clean

# Weir as it is installed: release build, SQLite in ./weir-data, http://127.0.0.1:8080.
run: release
	@exec target/release/weir serve $(ARGS)

# Weir with a stand-in upstream, sample providers and a trickle of calls; needs no key.
demo: release
	@exec target/release/weir demo $(ARGS)

release:
	@scripts/setup build
	@cargo xtask wasm
	@cargo build --release --package weir

# Everything that must pass; ends with the count.
test:
	@scripts/test

# A picture of every page, light and dark, wide and narrow, into end2end/screenshots, to be looked at.
screenshots:
	@scripts/setup test
	@cargo xtask wasm
	@cargo build --workspace --exclude weir-frontend --bins --tests
	@cd end2end && exec npx playwright test --project=screenshots --reporter=line

# Added latency, calls a second, memory: direct against through Weir, into BENCHMARKS.md.
bench: release
	@cargo build --release --package weir-bench
	@exec target/release/weir-bench --weir target/release/weir $(ARGS)

# Times of the functions that every call runs: make hot ARGS=stream for those with that in their name
hot:
	@cargo bench --package weir-hot --bench times -- $(ARGS)

# Fifty times kill -9 in the middle of 200 calls; each delivered call must be in the ledger once.
kill-test: release
	@cargo build --release --package weir-bench
	@exec target/release/weir-bench --weir target/release/weir kill $(ARGS)

# An hour of everything at once: 500 calls a second, the console being read, the nightly jobs at work.
soak: release
	@cargo build --release --package weir-bench
	@exec target/release/weir-bench --weir target/release/weir soak $(ARGS)

# Every parser fed with mutated recordings, so many seconds each: make fuzz ARGS=60
fuzz:
	@scripts/fuzz $(ARGS)

# Licences, sources and doubles of the dependencies, by cargo-deny; advisories too, where the network allows.
deny:
	@scripts/deny $(ARGS)

# Schemathesis against the REST API, by its own description.
api-fuzz:
	@scripts/api-fuzz $(ARGS)

# The catalog's data file from price lists: make catalog MODELS=models.csv TIERS=tiers.csv
catalog:
	@cargo xtask catalog $(MODELS) $(TIERS)

clean:
	@cargo clean
