# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make          build/netlat
# make demo     install what is missing, build, and show netlat on a bridge under load
# make check    install what is missing, build with warnings as errors, run every test
# make bench    what it costs: ns a packet, throughput against nothing and an empty program (alone:
#               make bench-live), whether every slow transaction has a complete file (alone: make
#               bench-complete), how fast captures are read (alone: make bench-offline), how long an
#               answer with 2,000 series takes (alone: make bench-scrape), and what --log costs
#               (alone: make bench-log)
# make bench-recorder  of all that, what tells of the flight recorder: its cost, and complete files
# make causes   N (100) slow transactions of each kind of fault: how many are put down to the right cause
# make kernels  netlat on older and newer kernels, in emulated machines (downloads them once)
# make install  program, man page, completion, units, examples and /etc/netlat/netlat.conf, below
#               DESTDIR and PREFIX (/usr/local); make uninstall: the opposite
# make conf     configs/netlat.conf anew, after an option changed
# make cases    generate the captures of tests/cases/ into build/cases/
# make unit     the unit tests alone; make sanitize: the same with ASan and UBSan
# make fuzz     each fuzzer for FUZZ_SECONDS (60), with ASan and UBSan
# make format   format the C sources; make lint: clang-format and clang-tidy as errors
# make help     this list

B := build
V ?= 0
ifeq ($(V),0)
Q := @
say = @printf '  %-7s %s\n' $(1) $(2)
else
Q :=
say = @:
endif

CC ?= gcc
CLANG ?= clang
BPFTOOL ?= $(shell tools/find-bpftool.sh)
PKG_CONFIG ?= pkg-config
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
BPF_ARCH := $(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/; s/ppc64le/powerpc/; s/riscv64/riscv/')

PACKAGES := libbpf libmnl libsystemd jansson libmicrohttpd gnutls libcurl inih libprotobuf-c
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
ifdef WERROR
WARNINGS += -Werror
endif

CPPFLAGS += -Ibpf -Idaemon -I$(B) -D_GNU_SOURCE
CFLAGS ?= -O2 -g
# The core reads keys and streams a word at a time.
ALIASING := -fno-strict-aliasing
ALL_CFLAGS = -std=gnu11 $(ALIASING) $(WARNINGS) $(CFLAGS) $(shell $(PKG_CONFIG) --cflags $(PACKAGES))
LDLIBS += $(shell $(PKG_CONFIG) --libs $(PACKAGES)) -lpcap -lz -lm

# The same source was rejected by the verifier with the default instruction set.
BPF_CFLAGS := -O2 -g -target bpf -mcpu=v3 -std=gnu11 $(ALIASING) -Wall -Wextra -Wno-unused-function \
	      -D__TARGET_ARCH_$(BPF_ARCH) -Ibpf $(if $(MULTIARCH),-isystem /usr/include/$(MULTIARCH)) \
	      $(if $(WERROR),-Werror)

DAEMON_SOURCES := $(wildcard daemon/*.c)
LIBRARY_OBJECTS := $(patsubst %.c,$(B)/%.o,$(filter-out daemon/main.c,$(DAEMON_SOURCES))) \
		   $(B)/prometheus.pb-c.o
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))

.DELETE_ON_ERROR:
.PHONY: all help conf install uninstall tests cases unit sanitize fuzz fuzzers check demo bench bench-live bench-complete bench-daemon bench-recorder bench-offline bench-scrape bench-log faults causes kernels deps deps-test deps-bench format lint clean

all: $(B)/netlat $(B)/netlat.8 $(B)/netlat.bash

help:
	@sed -n 's/^# \(make\b.*\)/\1/p' Makefile

# ---- the program

$(B)/netlat: $(B)/daemon/main.o $(B)/libnetlat.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/libnetlat.a: $(LIBRARY_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/%.o: %.c | $(B)/netlat.skel.h $(B)/prometheus.pb-c.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/daemon/program.o: $(B)/netlat.skel.h

# Messages of the protobuf format of metrics.
PROTOC_C ?= protoc-c

$(B)/prometheus.pb-c.c: daemon/prometheus.proto
	$(call say,PROTOC,$@)
	$(Q)mkdir -p $(@D) && $(PROTOC_C) --proto_path=$(<D) --c_out=$(@D) $<

$(B)/prometheus.pb-c.h: $(B)/prometheus.pb-c.c

$(B)/prometheus.pb-c.o: $(B)/prometheus.pb-c.c
	$(call say,CC,$@)
	$(Q)$(CC) -std=gnu11 $(CFLAGS) -I$(B) -c -o $@ $<
# It has the file in it.
$(B)/daemon/api_openapi.o: daemon/openapi.json

$(B)/netlat.bpf.o: bpf/netlat.bpf.c
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D) && $(CLANG) $(BPF_CFLAGS) -MMD -MP -MF $(B)/netlat.bpf.d -c -o $@ $<

$(B)/netlat.skel.h: $(B)/netlat.bpf.o
	$(call say,SKEL,$@)
	$(Q)test -n "$(BPFTOOL)" || { echo "netlat: bpftool not found (sudo make deps installs it)" >&2; exit 1; }
	$(Q)$(BPFTOOL) gen skeleton $< name netlat_bpf > $@

# ---- what is told of it, and where it goes

$(B)/describe: $(B)/tools/describe.o $(B)/libnetlat.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

MAN_PARTS := tools/man-before.8 tools/man-behind.8

$(B)/netlat.8: $(B)/describe $(MAN_PARTS)
	$(call say,MAN,$@)
	$(Q)$(B)/describe man $(MAN_PARTS) > $@

$(B)/netlat.bash: $(B)/describe
	$(call say,BASH,$@)
	$(Q)$(B)/describe completion > $@

# Kept in the sources, so that it can be read there; tests/test_install.sh compares.
conf: $(B)/describe
	$(Q)$(B)/describe conf > configs/netlat.conf

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
INSTALL ?= install
SBIN_DIR := $(PREFIX)/sbin
MAN_DIR := $(PREFIX)/share/man/man8
COMPLETION_DIR := $(PREFIX)/share/bash-completion/completions
EXAMPLE_DIR := $(PREFIX)/share/doc/netlat/examples
UNIT_DIR ?= $(PREFIX)/lib/systemd/system
CONF_DIR := $(SYSCONFDIR)/netlat
UNITS := netlat.service netlat@.service
EXAMPLES := $(filter-out README.md $(UNITS),$(notdir $(wildcard configs/*)))

# A configuration that is there already stays as it is.
install: all
	$(INSTALL) -D -m 755 $(B)/netlat $(DESTDIR)$(SBIN_DIR)/netlat
	$(INSTALL) -D -m 644 $(B)/netlat.8 $(DESTDIR)$(MAN_DIR)/netlat.8
	$(INSTALL) -D -m 644 $(B)/netlat.bash $(DESTDIR)$(COMPLETION_DIR)/netlat
	$(INSTALL) -d -m 755 $(DESTDIR)$(UNIT_DIR) $(DESTDIR)$(EXAMPLE_DIR) $(DESTDIR)$(CONF_DIR)
	for unit in $(UNITS); do \
		sed 's,/usr/local/sbin,$(SBIN_DIR),; s,/etc/netlat,$(CONF_DIR),' configs/$$unit \
			> $(DESTDIR)$(UNIT_DIR)/$$unit && chmod 644 $(DESTDIR)$(UNIT_DIR)/$$unit || exit 1; \
	done
	for example in $(EXAMPLES); do \
		$(INSTALL) -m 644 configs/$$example $(DESTDIR)$(EXAMPLE_DIR)/ || exit 1; \
	done
	test -e $(DESTDIR)$(CONF_DIR)/netlat.conf || \
		$(INSTALL) -m 644 configs/netlat.conf $(DESTDIR)$(CONF_DIR)/netlat.conf

# A configuration that was changed stays. Below DESTDIR no empty directory does; without, /usr/local
# and the like are not netlat's.
uninstall:
	rm -f $(DESTDIR)$(SBIN_DIR)/netlat $(DESTDIR)$(MAN_DIR)/netlat.8 $(DESTDIR)$(COMPLETION_DIR)/netlat
	rm -f $(addprefix $(DESTDIR)$(UNIT_DIR)/,$(UNITS)) $(addprefix $(DESTDIR)$(EXAMPLE_DIR)/,$(EXAMPLES))
	if cmp -s configs/netlat.conf $(DESTDIR)$(CONF_DIR)/netlat.conf; then \
		rm -f $(DESTDIR)$(CONF_DIR)/netlat.conf; fi
	for folder in $(EXAMPLE_DIR) $(dir $(EXAMPLE_DIR)) $(CONF_DIR); do \
		test ! -d $(DESTDIR)$$folder || rmdir --ignore-fail-on-non-empty $(DESTDIR)$$folder || exit 1; \
	done
ifneq ($(DESTDIR),)
	cd $(DESTDIR) && for folder in $(SBIN_DIR) $(MAN_DIR) $(COMPLETION_DIR) $(EXAMPLE_DIR) $(UNIT_DIR) $(CONF_DIR); do \
		while [ "$$folder" != / ]; do \
			test ! -d .$$folder || rmdir --ignore-fail-on-non-empty .$$folder || exit 1; \
			folder=$$(dirname $$folder); \
		done; \
	done
endif

# ---- tests and benchmarks

TEST_LDLIBS := $(LDLIBS) -lcmocka
TEST_HELPERS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%.o,\
		$(filter-out $(wildcard tests/unit/test_*.c),$(wildcard tests/unit/*.c)))
REPLAY_TESTS := $(patsubst tests/replay/%.c,$(B)/tests/replay/%,$(wildcard tests/replay/test_*.c))

$(B)/tests/%.o: CPPFLAGS += -Itests/unit -Itests/replay
$(B)/testbed/bench/%.o: CPPFLAGS += -Itests/replay -Itests/unit

$(B)/tests/unit/test_%: $(B)/tests/unit/test_%.o $(TEST_HELPERS) $(B)/libnetlat.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(TEST_LDLIBS)

$(B)/tests/replay/test_%: $(B)/tests/replay/test_%.o $(B)/tests/replay/kernel_core.o $(TEST_HELPERS) $(B)/libnetlat.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(TEST_LDLIBS)

# Files that tests/test_pcapng.py reads.
$(B)/tests/pcapng/write_files: $(B)/tests/pcapng/write_files.o $(B)/tests/unit/copies.o $(B)/tests/unit/frames.o \
		$(B)/tests/unit/tunnels.o $(B)/libnetlat.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/warm: $(B)/testbed/bench/warm.o $(B)/tests/replay/kernel_core.o $(B)/libnetlat.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/empty: $(B)/testbed/bench/empty.o $(B)/libnetlat.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/scrape: $(B)/testbed/bench/scrape.o $(B)/tests/unit/sample_snapshot.o $(B)/libnetlat.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/log: $(B)/testbed/bench/log.o $(B)/libnetlat.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/drop: $(B)/testbed/faults/drop.o $(B)/libnetlat.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/delay: $(B)/testbed/faults/delay.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^

$(B)/drop.bpf.o: testbed/faults/drop.bpf.c testbed/faults/drop.h
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D) && $(CLANG) $(BPF_CFLAGS) -c -o $@ $<

$(B)/empty.bpf.o: testbed/bench/empty.bpf.c
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D) && $(CLANG) $(BPF_CFLAGS) -c -o $@ $<

tests: $(UNIT_TESTS) $(REPLAY_TESTS) $(B)/tests/pcapng/write_files cases

# The captures of the hard cases, and what they must give. scapy is Debian's, for its own python3.
CASE_SOURCES := $(wildcard tests/cases/*.py)

cases: $(B)/cases/.generated

$(B)/cases/.generated: $(CASE_SOURCES)
	$(call say,CASES,$(@D))
	$(Q)tests/cases/generate.py $(@D) && touch $@

# Objects of tests are wanted again.
.SECONDARY:

deps:
	@tools/install-deps.sh build

deps-test:
	@tools/install-deps.sh all

deps-bench:
	@tools/install-deps.sh bench

demo: deps-test
	@$(MAKE) --no-print-directory $(B)/netlat
	@testbed/demo.sh

check: deps-test
	@$(MAKE) --no-print-directory WERROR=1 $(B)/netlat tests faults
	@tests/run.sh

# One after the other: they measure.
bench: deps-bench
	@$(MAKE) --no-print-directory bench-live
	@$(MAKE) --no-print-directory bench-complete
	@$(MAKE) --no-print-directory bench-daemon
	@$(MAKE) --no-print-directory bench-offline
	@$(MAKE) --no-print-directory bench-scrape
	@$(MAKE) --no-print-directory bench-log

bench-live: deps-test
	@$(MAKE) --no-print-directory $(B)/netlat $(B)/warm $(B)/empty $(B)/empty.bpf.o
	@NETLAT=$(B)/netlat EMPTY=$(B)/empty EMPTY_OBJECT=$(B)/empty.bpf.o WARM=$(B)/warm testbed/bench/bench.sh

bench-complete: deps-test
	@$(MAKE) --no-print-directory $(B)/netlat
	@NETLAT=$(B)/netlat testbed/bench/complete.sh

bench-daemon: deps-test
	@$(MAKE) --no-print-directory $(B)/netlat
	@NETLAT=$(B)/netlat testbed/bench/daemon.sh

bench-recorder:
	@ONLY=recorder $(MAKE) --no-print-directory bench-live
	@$(MAKE) --no-print-directory bench-complete

bench-scrape: deps-test
	@$(MAKE) --no-print-directory $(B)/scrape
	@$(B)/scrape

bench-offline: deps-bench
	@$(MAKE) --no-print-directory $(B)/netlat
	@NETLAT=$(B)/netlat testbed/bench/offline.sh

bench-log: deps-test
	@$(MAKE) --no-print-directory $(B)/netlat $(B)/log
	@NETLAT=$(B)/netlat LOG=$(B)/log testbed/bench/log.sh

N ?= 100
FAULT_PROGRAMS := $(B)/drop $(B)/delay $(B)/drop.bpf.o

faults: $(FAULT_PROGRAMS)

causes: deps-test
	@$(MAKE) --no-print-directory $(B)/netlat faults
	@NETLAT=$(B)/netlat TRIES=$(N) testbed/test_causes.sh

kernels:
	@tools/install-deps.sh kernels
	@$(MAKE) --no-print-directory WERROR=1 $(B)/netlat tests
	@testbed/kernels.sh

# Unit tests with sanitizers, in a build of their own; needs no root.
sanitize:
	@$(MAKE) --no-print-directory B=build/sanitize WERROR=1 \
		CFLAGS="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all" unit

unit: $(UNIT_TESTS)
	$(Q)for t in $^; do $$t || exit 1; done

# Fuzzers, in a build of their own by clang; needs no root. What they find is in build/fuzz/crashes.
FUZZ_SECONDS ?= 60
FUZZ_SANITIZE := address,undefined
FUZZERS := $(patsubst tests/fuzz/%.c,$(B)/tests/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_HELPERS := $(patsubst tests/fuzz/%.c,$(B)/tests/fuzz/%.o,\
		$(filter-out $(wildcard tests/fuzz/fuzz_*.c) tests/fuzz/seeds.c,$(wildcard tests/fuzz/*.c)))
# Those of tests/unit that do without cmocka.
FUZZ_FRAMES := $(addprefix $(B)/tests/unit/,packets.o frames.o tunnels.o copies.o)

$(B)/tests/fuzz/%.o: CPPFLAGS += -Itests/fuzz

$(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(FUZZ_HELPERS) $(FUZZ_FRAMES) $(B)/libnetlat.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

$(B)/tests/fuzz/seeds: $(B)/tests/fuzz/seeds.o $(B)/tests/fuzz/capture.o $(TEST_HELPERS) $(B)/libnetlat.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(TEST_LDLIBS)

fuzzers: $(FUZZERS) $(B)/tests/fuzz/seeds

fuzz:
	@tests/fuzz/run.sh $(FUZZ_SECONDS)

C_FILES = $(wildcard bpf/*.[ch] bpf/core/*.h daemon/*.[ch] tests/*/*.[ch] testbed/bench/*.c testbed/faults/*.[ch] tools/*.c)

format:
	@clang-format -i $(C_FILES)

lint: $(B)/netlat.skel.h $(B)/prometheus.pb-c.h
	@clang-format --dry-run --Werror $(C_FILES)
	@clang-tidy --quiet daemon/*.c -- -std=gnu11 $(ALIASING) $(CPPFLAGS) 2>/dev/null

-include $(shell find $(B) -name '*.d' 2>/dev/null)

clean:
	$(Q)rm -rf $(B)
