# SPDX-License-Identifier: GPL-2.0
#
# cenalloc: everything starts here. "make help" lists what there is.

SHELL		:= /bin/bash
LANE		?= amd64-6.12
BUILD		:= $(CURDIR)/build
USER_OUT	:= $(BUILD)/user
DESTDIR		?=
prefix		?= /usr/local

# A part is built when its Makefile is there.
USER_PARTS	:= $(patsubst %/Makefile,%,$(wildcard lib/Makefile tools/Makefile man/Makefile \
		     tests/unit/Makefile tests/guest/Makefile tests/bench/Makefile examples/Makefile))

export CEN_BUILD := $(BUILD)
export prefix DESTDIR

.PHONY: all setup modules user clean help
all: user modules

help:
	@sed -n 's/^## //p' Makefile

## make [all]            library, tools, tests and the modules for the default lane
## make setup            install what is needed (Debian packages; wants root the first time)
setup:
	@scripts/setup

## make modules LANE=x   kernel modules for a lane (default amd64-6.12; vm/run --list)
modules: setup
	@scripts/build-modules $(LANE)

## make user             library, tools and test programs
user: setup
	@set -e; for part in $(USER_PARTS); do \
		$(MAKE) --no-print-directory -C $$part O=$(USER_OUT) all; done

## make clean            remove build/
clean:
	rm -rf $(BUILD)
