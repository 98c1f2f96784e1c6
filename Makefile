# Everything that is done with this project has a name here; `make` alone lists the names.

TARGET  := $(or $(CARGO_TARGET_DIR),target)
HOST     = $(shell rustc -vV | sed -n 's/^host: //p')
# A folder of its own: other flags would make cargo rebuild everything at each change between the two.
STATIC  := $(TARGET)/static
RELEASE  = $(abspath $(STATIC)/$(HOST)/release/terraform-provider-talosendpoint$(if $(findstring windows,$(HOST)),.exe))
# Relocations in their short form, 0.7 MB less: a static program reads it from glibc 2.36 on, and would not start with an older one.
GLIBC    = $(shell getconf GNU_LIBC_VERSION 2> /dev/null | sed -n 's/^glibc 2\.//p')
LINK     = $(shell [ "$(or $(GLIBC),0)" -ge 36 ] && echo -C link-arg=-Wl,-z,pack-relative-relocs)
DIST    ?= $(TARGET)/dist
PYTHON  ?= python3
VERSION ?= $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
PLUGINS ?= $(HOME)/.terraform.d/plugins

.PHONY: help demo demo-baremetal demo-down drill fuzz test test-long test-build check check-format check-lints check-docs check-dependencies \
	docs build release bench install dist dist-check dist-zip dist-sums clean need-cargo

help: ## List what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-16s  %s\n", $$1, $$2 }'

demo: need-cargo ## Build the provider and use it with Terraform on an AWS stand-in on this machine
	@scripts/demo

demo-baremetal: need-cargo ## Deploy to two machines that boot in containers here, and cut the power of one (Linux, as root)
	@scripts/demo-baremetal

demo-down: ## Destroy what `make demo` and `make demo-baremetal` made and stop what they started
	@scripts/demo-down

drill: need-cargo ## Break HAProxy and Keepalived files in a network of their own and say what happens (FILES=folder, as root)
	@scripts/drill "$(FILES)"

test: release ## Run all tests, also over the release build
	@scripts/install-test-programs
	TALOSENDPOINT_TEST_RELEASE=$(RELEASE) cargo test --no-fail-fast

test-long: release ## Run all tests with their whole matrices: every interrupted call, every CLI (TALOSENDPOINT_TEST_CLIS)
	@scripts/install-test-programs
	@scripts/test-clis
	TALOSENDPOINT_TEST_RELEASE=$(RELEASE) TALOSENDPOINT_TEST_LONG=1 cargo test --no-fail-fast

fuzz: need-cargo ## Send N rounds of values that nobody thought of to the provider (N=1000)
	TALOSENDPOINT_FUZZ=$(or $(N),1000) cargo test --test wire fuzz -- --nocapture

test-build: need-cargo
	cargo test --no-run

check: check-format check-lints check-docs ## Check format, lints and documentation

check-format: need-cargo
	cargo fmt --all --check

check-lints: need-cargo
	cargo clippy --workspace --all-targets -- -D warnings

# Of the whole workspace, as the lints: with other features of the dependencies, cargo would check them a second time.
check-docs: need-cargo
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

docs: need-cargo ## Write docs/ anew from the schemas and the examples
	TALOSENDPOINT_GOLDEN=write cargo test --quiet --test repository docs::the_pages

check-dependencies: need-cargo ## Check licences, sources and known faults of dependencies (needs cargo-deny)
	cargo deny --workspace check $(if $(OFFLINE),bans licenses sources)

build: need-cargo ## Build the provider for development
	cargo build

release: need-cargo ## Build the provider as users get it: one small file that needs nothing of the machine
	RUSTFLAGS="-C target-feature=+crt-static" cargo rustc --release --target $(HOST) --target-dir $(STATIC) \
		--bin terraform-provider-talosendpoint -- $(LINK)
	@ls -l $(RELEASE)

bench: release ## Measure speed and memory beside hashicorp/aws (TALOSENDPOINT_TEST_MIRROR=folder)
	@scripts/bench $(RELEASE)

install: release ## Put the release build where `terraform init` and `tofu init` find it without configuration
	@scripts/install $(RELEASE) "$(PLUGINS)"

dist: dist-zip ## Make the files of a release for this machine's platform (VERSION=0.1.0, DIST=folder)
	@$(PYTHON) scripts/dist.py sums "$(VERSION)" "$(DIST)"

# The two halves of a release, for a workflow that builds each platform on a machine of its own.
dist-zip: dist-check release
	@$(PYTHON) scripts/dist.py zip $(RELEASE) $(HOST) "$(VERSION)" "$(DIST)"

dist-check:
	@$(PYTHON) scripts/dist.py check "$(VERSION)"

dist-sums:
	@$(PYTHON) scripts/dist.py sums "$(VERSION)" "$(DIST)"

clean: demo-down need-cargo ## Remove everything that was built
	cargo clean

need-cargo:
	@command -v cargo > /dev/null || { echo "cargo not found: install Rust from https://rustup.rs" >&2; exit 1; }
	@[ "$$OS" = Windows_NT ] || command -v cc > /dev/null || { echo "cc not found: install a C compiler (Debian, Ubuntu: gcc; macOS: xcode-select --install)" >&2; exit 1; }
