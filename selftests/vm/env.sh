# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the scripts of this folder share: where things are, and how they speak.
#
# $CACHE/qemu            a QEMU that boots all these kernels, with its libraries, unpacked
# $CACHE/kernel-VERSION  vmlinuz, release, lib/modules/$(cat release), and what modules are built against
# $TOP/build/VERSION     the module built for that kernel, and its initramfs
#
# Every product is made under another name and moved into place when it is whole, so a killed run leaves nothing behind
# that a later one would take for good.

VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034 # used by those who source this
{
TOP=$(cd "$VM_DIR/../.." && pwd)
CACHE=${LINKWIRE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/linkwire}
KERNELS="6.1 6.12 7.2"
BED=$TOP/../shared/bed
}
umask 022
export LC_ALL=C

say()
{
	echo "$(basename "$0"): $*" >&2
}

die()
{
	say "$*"
	exit 1
}

# known KERNEL: a kernel of ours, or the end.
known()
{
	case " $KERNELS debug bed " in
	*" $1 "*) ;;
	*) die "no kernel '$1': one of $KERNELS, debug, bed" ;;
	esac
}

# lock NAME: waits until no other run works on that product. Held until the script ends.
lock()
{
	mkdir -p "$CACHE"
	exec {LOCK_FD}> "$CACHE/.lock-$1"
	flock -n "$LOCK_FD" || { say "waiting for another run that prepares $1"; flock "$LOCK_FD"; }
}

# bed_ready: the fast bed is built; by one run at a time, since its own script knows of no other.
bed_ready()
{
	lock bed
	"$BED/build" >&2
	exec {LOCK_FD}>&-
}
