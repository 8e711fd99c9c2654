# SPDX-License-Identifier: GPL-3.0-or-later
# Short names for what contributors run. docs/development.md explains each.

TESTS_PATH := $(CURDIR)/target/venv/bin:$(PATH):/usr/sbin:/sbin

.PHONY: help check build test vm bless bench
help:
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /make \1	/'

check: ## format, lints, library and structure tests; no root
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo test --locked -p hps --lib --test structure

build: ## the programs, as they are installed
	scripts/build

test: ## all tests without virtual machines; root
	scripts/test --fast

vm: ## one test with a virtual machine: make vm TEST=menu; root
	@test -n "$(TEST)" || { echo "make vm TEST=NAME; the names are in tests/vm"; exit 2; }
	tests/vm/$(TEST)

bless: ## write the golden files anew; look at the diff
	HPS_BLESS=1 cargo test --locked -p hps --lib --test structure
	HPS_BLESS=1 PATH="$(TESTS_PATH)" cargo test --locked -p hps-cli --test cli help::
	git diff --stat tests/golden docs/man docs/development.md

bench: ## a boot request beside an empty CGI
	tests/bench/boot-action
