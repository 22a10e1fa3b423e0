# Two commands do it all on a fresh Debian 12 machine:
#   make up REPO=<git url>     build, start the server, create a workspace, print the link that opens its editor
#   make test                  build and run every test
# `make down` stops the server; running workspaces go on. `make help` lists the rest.

REPO ?= file://$(CURDIR)
LISTEN ?= 127.0.0.1:8080
DATA ?= $(HOME)/.local/share/gitpod

# Outside the checkout, so that a fresh clone does not build every dependency again.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/gitpod/target
export PATH := $(HOME)/.cargo/bin:$(PATH)
export REPO LISTEN DATA

BIN := $(CARGO_TARGET_DIR)/release
STATIC := x86_64-unknown-linux-gnu
CARGO := cargo
TEST := $(if $(shell command -v cargo-nextest 2>/dev/null),nextest run,test)

.PHONY: help up down build supervisor editors test test-rust test-doc examples lint deny doc bench setup

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' Makefile

up: setup build editors ## Build, start the server, create a workspace from REPO, print its link
	@BIN=$(BIN) .ci/up

down: ## Stop the server; running workspaces go on
	@BIN=$(BIN) .ci/down

setup:
	@.ci/setup build

build: supervisor ## Build the release binaries
	$(CARGO) build --release --locked -p gitpod-server --bins

# The agent inside each instance: static, so that it runs in any image. A target directory of its own keeps its flags apart.
supervisor:
	RUSTFLAGS="-C target-feature=+crt-static" $(CARGO) build --locked --profile supervisor --target $(STATIC) \
	  --target-dir $(CARGO_TARGET_DIR)/static -p gitpod-ide --bin supervisor --no-default-features --features supervisor
	@mkdir -p $(BIN) && cp -f $(CARGO_TARGET_DIR)/static/$(STATIC)/supervisor/supervisor $(BIN)/supervisor

editors: build ## Fetch the editors' packages into the cache, once
	$(BIN)/gitpod-server editors install terminal
	$(BIN)/gitpod-server editors install code

test: setup-test build editors test-rust test-doc examples ## Build and run every test

setup-test:
	@.ci/setup test

test-rust:
	GITPOD_BIN=$(BIN) $(CARGO) $(TEST) --workspace --all-features --locked

test-doc:
	$(CARGO) test --workspace --all-features --locked --doc

examples: ## Run the examples
	$(CARGO) build --locked -p examples --examples
	@for example in hello_workspace embed_in_axum headless_platform custom_runtime parse_gitpod_yml plan_a_workspace; do \
	  echo "== $$example"; $(CARGO_TARGET_DIR)/debug/examples/$$example || exit 1; done

lint: ## Format and clippy, warnings denied
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --all-features --locked -- -D warnings

deny: ## Licences, sources and banned crates of every dependency
	@.ci/setup deny
	cargo deny --locked check bans licenses sources

doc: ## Build the documentation, warnings denied
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --all-features --locked

bench: build ## Starts beside crun, runc and docker; the whole way; a hundred workspaces
	$(CARGO) bench --locked -p benches --bench plan
	$(CARGO) bench --locked -p benches --bench start
	GITPOD_SUPERVISOR=$(BIN)/supervisor $(CARGO) bench --locked -p benches --bench fleet
