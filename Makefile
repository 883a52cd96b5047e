# SPDX-License-Identifier: GPL-2.0
#
# cenalloc: everything starts here. "make help" lists what there is.

SHELL		:= /bin/bash
BUILD		:= $(CURDIR)/build
USER_OUT	:= $(BUILD)/user
LANE		?= amd64-6.12
LANES		?=
TESTS		?= *
DESTDIR		?=
prefix		?= /usr/local

# A part is built when its Makefile is there; the library first, all others link with it.
PARTS		:= $(patsubst %/Makefile,%,$(wildcard lib/Makefile tools/Makefile man/Makefile \
		     lib/tests/Makefile tests/unit/Makefile tests/guest/Makefile tests/bench/Makefile examples/*/Makefile))
INSTALLED	:= $(filter lib tools man,$(PARTS))
PART		= $(MAKE) --no-print-directory O=$(USER_OUT) -C

export CEN_BUILD := $(BUILD)
export prefix DESTDIR

.PHONY: all help setup modules user check soak check-packages support deb demo bench lint fuzz install dkms-install clean $(addprefix part-,$(PARTS))

## make [all]               library, tools, tests, and the modules for the default lane
all: user modules

help:
	@sed -n 's/^## //p' Makefile

## make setup               install the Debian packages this needs (as root)
setup:
	@scripts/setup

## make modules LANE=x      kernel modules for a lane; "vm/run --list" names them
modules: setup
	@scripts/build-modules $(LANE)

## make user                library, tools and test programs
user: $(addprefix part-,$(PARTS))
$(addprefix part-,$(PARTS)): part-%: setup
	@$(PART) $* all
$(addprefix part-,$(filter-out lib,$(PARTS))): part-lib

## make demo                one buffer for a camera and a DMA engine, in a guest
demo: user modules
	@scripts/demo $(LANE)

## make check               every test, host and guests: LANES="a b" or LANES=all, TESTS='glob'
check: user
	@tests/run --only '$(TESTS)' $(LANES)

## make soak                ports, links and USB under fire, ten minutes of guest time each: LANE, SOAK_SECONDS
soak: user
	@tests/soak $(or $(filter-out amd64-6.12,$(LANE)),debug)

## make check-packages      the Debian packages in clean systems of Debian 12 and trixie (as root)
check-packages:
	@tests/check-packages

## make support             the support table of README.md, from the last run of make check LANES=all
support:
	@scripts/support

## make deb                 Debian packages in build/deb
deb:
	@scripts/deb

## make bench               cenalloc against the stock exporters: build/bench.json, build/bench.svg
bench: user modules
	@tests/bench/run $(LANE)

## make lint                sparse, checkpatch, kernel-doc, shellcheck
lint: setup
	@scripts/lint

## make fuzz                the solver and the parsers under libFuzzer, FUZZ_SECONDS each
fuzz: setup
	@$(PART) tests/fuzz fuzz

## make install             library, tool and manuals: DESTDIR, prefix
install: user
	@set -e; for part in $(INSTALLED); do $(PART) $$part install; done

## make dkms-install        the modules for this machine's kernels, through DKMS (as root)
dkms-install:
	@scripts/dkms-install

## make clean               remove build/ (kernels are kept in the cache outside)
clean:
	rm -rf $(BUILD)
