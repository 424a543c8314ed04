# SPDX-License-Identifier: GPL-2.0
#
# make help says what there is.

KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local
KERNELS ?= 6.1
vmdir := selftests/vm

.PHONY: all module userspace install check check-pair check-debug check-static soak fuzz demo bench bench-profile bench-instructions bench-lanes bench-topo clean help

all: module userspace

module:
	@test -e $(KDIR)/Makefile || { echo "No kernel headers in $(KDIR)." >&2; \
		echo "On Debian: apt-get install linux-headers-\$$(uname -r). (make check and make demo need none.)" >&2; exit 1; }
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

userspace:
	$(MAKE) -C userspace

# DESTDIR= installs elsewhere (a package's tree: without depmod), PREFIX= is for lwctl and the man pages.
install: all
	$(MAKE) -C $(KDIR) M=$(CURDIR) $(if $(DESTDIR),INSTALL_MOD_PATH=$(DESTDIR)) modules_install
	$(if $(DESTDIR),,depmod -a $$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
		$(KDIR)/include/generated/utsrelease.h))
	$(MAKE) -C userspace install PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)
	install -D -m 644 Documentation/linkwire.4 $(DESTDIR)$(PREFIX)/share/man/man4/linkwire.4

check:
	@$(vmdir)/check $(KERNELS)

check-pair:
	@$(vmdir)/pair

check-debug:
	@$(vmdir)/check debug

check-static:
	@selftests/static

# SOAK_SECONDS= of each of three wires
soak:
	@SOAK_SECONDS=$${SOAK_SECONDS:-200} KSELFTEST_TIMEOUT=7200 TESTS=soak $(vmdir)/check $(KERNELS)

# FUZZ_SECONDS= in total, half an hour if it is not set
fuzz:
	@$(vmdir)/deps build fuzz
	@$(MAKE) --no-print-directory -C userspace fuzz

demo:
	@$(vmdir)/demo

bench:
	@selftests/bench/run

bench-profile:
	@selftests/bench/profile

bench-instructions:
	@selftests/bench/instructions

bench-lanes:
	@selftests/bench/lanes

bench-topo:
	@selftests/bench/topo

clean:
	$(MAKE) -C userspace clean
	$(MAKE) -C selftests clean
	@if [ -e $(KDIR)/Makefile ]; then $(MAKE) -C $(KDIR) M=$(CURDIR) clean; fi
	rm -rf build

help:
	@echo "make               the module for the running kernel, and lwctl"
	@echo "make install       both, and the man pages (PREFIX=$(PREFIX) DESTDIR=)"
	@echo "make demo          shows a topology come up in a VM; gets all it needs (Debian 12, root)"
	@echo "make check         the whole suite in a VM with Debian's kernel (KERNELS=\"6.1 6.12 7.2\" TESTS=\"...\" VM=vng KVM=1)"
	@echo "make check-pair    a topology on two machines: two VMs with a network between them"
	@echo "make check-debug   the suite on a kernel with KASAN, lockdep and kmemleak, built once"
	@echo "make check-static  checkpatch, sparse, W=1, shellcheck, kernel-doc, cppcheck ..."
	@echo "make soak          ten minutes of traffic over an underlay that loses, reorders, repeats and damages (SOAK_SECONDS=200 a wire)"
	@echo "make fuzz          any bytes to what reads graphs, half an hour (FUZZ_SECONDS=1800)"
	@echo "make bench         speed beside today's tunnels, in the fast bed"
	@echo "make bench-profile where the kernel's time goes, by function, beside WireGuard's"
	@echo "make bench-instructions  what the kernel executes for a small packet, counted by QEMU"
	@echo "make bench-lanes   what a second processor adds to one SA, in QEMU"
	@echo "make bench-topo    speed of lwctl topo beside ip -batch, in the fast bed (VM=qemu KERNEL=6.12 KVM=1: elsewhere)"
	@echo "make clean"
	@echo "On a machine with the module loaded: make -C selftests run_tests"
