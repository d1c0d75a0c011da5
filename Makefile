# `make run` and `make test` are all the set-up there is. `make help` lists the rest.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

HOST ?= 127.0.0.1
PORT ?= 3000
# More arguments of `tunemask serve`, such as ARGS="--home DIR --device cpu".
ARGS ?=

TARGET_DIR := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
# One selection of packages and features for every dev build, so that nothing is built twice. What is for GPUs is tested on a
# pretended driver, and needs no nvcc.
DEV := --workspace --locked --features tunemask/cuda
check test-rust test-page test-program: export TUNEMASK_NO_NVCC := 1
# The processor's bf16 is built and tested where oneDNN is installed.
BF16 = $(if $(shell scripts/onednn.sh),--features tunemask/onednn)

.PHONY: help
help: ## Say what there is to make
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-13s %s\n", $$1, $$2 }'

.PHONY: run
run: build ## Install what is missing, build page and program, serve them at HOST:PORT
	@echo "run: $(TARGET_DIR)/release/tunemask serve --host $(HOST) --port $(PORT) $(ARGS)"
	@exec "$(TARGET_DIR)/release/tunemask" serve --host $(HOST) --port $(PORT) $(ARGS)

.PHONY: build
build: setup page program ## Build page and program without serving them

.PHONY: setup
setup: ## Install what building needs and is missing
	@scripts/setup.sh build

.PHONY: setup-browser
setup-browser: ## Install what the browser's tests need and is missing
	@scripts/setup.sh browser

.PHONY: page
page: ## Build the page into static/pkg
	@echo "page: cargo run --package tunemask-bundle"
	@cargo run --locked --package tunemask-bundle

.PHONY: program
program: ## Build the program, optimised
	@echo "program: cargo build --release --package tunemask"
	@cargo build --locked --release --package tunemask

.PHONY: dist
dist: build ## Pack the program with licence, man pages and completions into one archive in target/dist
	@scripts/dist.sh "$(TARGET_DIR)/release/tunemask" "$(TARGET_DIR)/dist"

.PHONY: bf16
bf16: setup setup-bf16 page ## Build page and program with bf16 on the processor, too; needs oneDNN
	@echo "bf16: cargo build --release --package tunemask --features onednn"
	@cargo build --locked --release --package tunemask --features onednn

.PHONY: setup-bf16
setup-bf16: ## Install oneDNN if it is missing
	@scripts/setup.sh bf16

.PHONY: cuda
cuda: setup page ## Build page and program for NVIDIA GPUs, too; needs nvcc of CUDA 12.8 to 13.0
	@echo "cuda: cargo build --release --package tunemask --features cuda"
	@cargo build --locked --release --package tunemask --features cuda

.PHONY: cuda-tests
cuda-tests: ## Build the engine's tests for a machine with a GPU, and say how to run them there
	@cargo test --locked --release --package tunemask-engine --features cuda --lib --no-run
	@echo "cuda-tests: copy that program to the machine with the GPU and run it there as"
	@echo "    TUNEMASK_TEST_DEVICE=cuda:0 ./tunemask_engine-… cuda tests::device tests::used --test-threads 1"

.PHONY: test
test: setup setup-browser setup-bf16 check test-rust test-page test-e2e ## Run every check and every test, the browser's too
	@echo "test: all passed"

.PHONY: check
check: ## Check format, lints, links in documentation, and what further tools find
	@echo "check: cargo fmt, cargo clippy"
	@cargo fmt --all --check
	@cargo clippy --workspace --locked --all-targets -- -D warnings
	@cargo clippy $(DEV) --all-targets $(BF16) -- -D warnings
	@if command -v npm > /dev/null; then echo "check: npm run check, npm run format:check"; \
	    cd e2e && npm ci --no-fund --no-audit --loglevel=error && npm run --silent check && npm run --silent format:check; \
	else echo "check: npm is not installed, so e2e is not checked"; fi
	@echo "check: cargo doc"
	@RUSTDOCFLAGS="-D warnings" cargo doc $(DEV) $(BF16) --no-deps --document-private-items --quiet
	@scripts/lint.sh

.PHONY: test-rust
test-rust: ## Run the tests of shared, backend, page and bundler
	@echo "test-rust: cargo test"
	@cargo test $(DEV) $(BF16)

# The two programs that the browser's tests need, and what writes large labs for them, in the profile of the tests and with their features, so that nothing is built twice.
.PHONY: test-page
test-page:
	@echo "test-page: building the program and the page"
	@cargo build $(DEV) $(BF16) --bins --tests --examples
	@"$(TARGET_DIR)/debug/tunemask-bundle"

.PHONY: size
size: test-page ## Hold the page to its size budget, as continuous integration does
	@"$(TARGET_DIR)/debug/tunemask-bundle" size

.PHONY: test-e2e
test-e2e: setup-browser test-page ## Run the browser's tests against the real program
	@echo "test-e2e: npm ci, playwright test"
	@cd e2e && npm ci --no-fund --no-audit --loglevel=error
	@cd e2e && TUNEMASK="$(abspath $(TARGET_DIR))/debug/tunemask" npm test

# Campaigns on the program that the tests use; a campaign that finds something ends `make` with an error.
TORTURE = "$(TARGET_DIR)/debug/tunemask-torture"

.PHONY: test-program
test-program:
	@cargo build $(DEV) $(BF16) --bins --tests

.PHONY: torture
torture: test-program ## Try to break the program for some minutes: kills, disks, sockets, floods, many runs, fuzzed files
	$(TORTURE) kill --rounds 30
	$(TORTURE) disk --rounds 6
	$(TORTURE) descriptors --rounds 5
	$(TORTURE) sockets --rounds 150
	$(TORTURE) flood --rounds 2
	$(TORTURE) clock --rounds 3
	$(TORTURE) two --rounds 9
	$(TORTURE) many --rounds 210
	$(TORTURE) fuzz --rounds 10000 --minutes 5

# Another one each time, and it is printed.
SEED ?= $(shell date +%s)

.PHONY: torture-long
torture-long: test-program ## The same for hours; SEED=N repeats one
	$(TORTURE) kill --seed $(SEED) --rounds 1000
	$(TORTURE) disk --seed $(SEED) --rounds 200
	$(TORTURE) descriptors --seed $(SEED) --rounds 100
	$(TORTURE) sockets --seed $(SEED) --rounds 1000000 --minutes 60
	$(TORTURE) flood --seed $(SEED) --rounds 40
	$(TORTURE) clock --seed $(SEED) --rounds 100
	$(TORTURE) two --seed $(SEED) --rounds 300
	$(TORTURE) many --seed $(SEED) --rounds 4242
	$(TORTURE) fuzz --seed $(SEED) --rounds 1000000 --minutes 60

.PHONY: screenshots
screenshots: setup-browser test-page ## Take pictures of every page into e2e/screenshots
	@cd e2e && npm ci --no-fund --no-audit --loglevel=error
	@cd e2e && TUNEMASK="$(abspath $(TARGET_DIR))/debug/tunemask" npm run screenshots

.PHONY: clean
clean: ## Remove all that was built
	cargo clean
	rm -rf static/pkg e2e/node_modules e2e/results e2e/report e2e/screenshots
