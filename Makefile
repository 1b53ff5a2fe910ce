# Two commands: `make run` and `make test`. Both install what they miss and can be run again.

.PHONY: run demo test build release bench kill-test catalog clean

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

# Added latency, calls a second, memory: direct against through Weir, into BENCHMARKS.md.
bench: release
	@cargo build --release --package weir-bench
	@exec target/release/weir-bench --weir target/release/weir $(ARGS)

# Fifty times kill -9 in the middle of 200 calls; each delivered call must be in the ledger once.
kill-test: release
	@cargo build --release --package weir-bench
	@exec target/release/weir-bench --weir target/release/weir kill $(ARGS)

# The catalog's data file from price lists: make catalog MODELS=models.csv TIERS=tiers.csv
catalog:
	@cargo xtask catalog $(MODELS) $(TIERS)

clean:
	@cargo clean
