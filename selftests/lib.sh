#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the tests share. A test file is one subject; it sources this file, runs its cases and says it is done:
#
#	#!/bin/bash
#	# SPDX-License-Identifier: GPL-2.0
#	# Pings cross a wire.
#	. "$(dirname "$0")/lib.sh"
#
#	ping_crosses()
#	{
#		setup_underlay				# netns $a and $b, joined by a veth pair
#		make_wire w encap vxlan mode l3 family 6 cipher aes-256-gcm
#		check "ping from a to b" ns_ping "$a" "$W4_B"
#	}
#
#	tap_case "an L3 wire over IPv6 carries a ping" ping_crosses
#	finish
#
# - Output is TAP 13 with the plan at the end; the exit status is kselftest's: 0 passed, 1 failed, 4 skipped.
# - A case is a function, run in a subshell of its own: what it sets is gone after it, and the namespaces and processes
#   it made are taken down. What is set up outside of cases stays until the end of the file.
# - A case fails by fail, check or check_fails (it goes on, so that one run shows all that is wrong), by returning
#   non-zero, or by a splat of the kernel in its time. `return 1` or `exit 1` ends it at once.
# - The module is loaded when the first line of the test runs, or the whole file is skipped.
#
# Environment: LWCTL, LINKWIRE_KO (the built tool and module; else the installed ones), WAIT_MS (how long wait_for waits
# at most; slow beds raise it), KSELFTEST_TIMES=1 (says how long each case took), TRAINS=off or mixed (wires have none at
# either end, or none at b; but for tests that say of each end whether it has).

ksft_pass=0 ksft_fail=1 ksft_skip=4

: "${WAIT_MS:=10000}" "${TRAINS:=on}"
case $TRAINS in
on|off|mixed) ;;
*) echo "TRAINS='$TRAINS': on, off or mixed" >&2; exit 1 ;;
esac

SELFTESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TEST_NAME=$(basename "$0" .sh)
TMP=$(mktemp -d "${TMPDIR:-/tmp}/linkwire-$TEST_NAME.XXXXXX")

TAP_N=0 TAP_FAILED=0 TAP_SKIPPED=0
RET=0
NS_LIST=()

# Namespaces that setup_underlay makes.
a='' b='' r=''
# Underlay addresses of $a and $b (setup_underlay), and inner ones of the wire made last (make_wire).
U4_A=10.0.0.1 U4_B=10.0.0.2 U6_A=fd00::1 U6_B=fd00::2
W4_A='' W4_B='' W6_A='' W6_B=''
# Key files and tags of the wire keyed last: from a to b, and from b to a.
KEY_AB='' KEY_BA='' TAG_AB='' TAG_BA=''

# What must never be in the kernel's log, on any kernel.
SPLATS='\bBUG\b|WARNING:|Oops|KASAN|KFENCE|UBSAN|INFO: task|INFO: rcu|rcu_.* stall|soft lockup|LOCKUP|Call Trace'
SPLATS+='|general protection|Kernel panic|suspicious RCU|inconsistent lock|bad unlock balance|held lock|lock held when'
SPLATS+='|possible (circular|recursive|irq)|scheduling while atomic|sleeping function|unregister_netdevice: waiting'
SPLATS+='|leaked reference|ref_tracker:|refcount_t|kmemleak: [1-9][0-9]* new|unreferenced object|Objects remaining'
SPLATS+='|list_(add|del) corruption|double free|page allocation failure|left promiscuous mode forcibly'

# ------------------------------------------------------------------------------------------------------------ TAP

# note WORDS...: a line of diagnostics.
note()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

# fail WORDS...: the case (or, outside of one, what is reported next) has failed, and why.
fail()
{
	RET=$ksft_fail
	note "FAILED: $*"
}

# skip WORDS...: ends the case as skipped.
skip()
{
	echo "$*" > "$TMP/skip"
	exit $ksft_skip
}

# skip_all WORDS...: ends the file as skipped.
skip_all()
{
	echo "1..0 # SKIP $*"
	trap - EXIT
	cleanup
	exit $ksft_skip
}

# need COMMAND...: skips the case where a program is missing.
need()
{
	local prog

	for prog in "$@"; do
		command -v "$prog" >/dev/null || skip "no $prog here"
	done
}

# need_module NAME...: skips the case where the kernel lacks a module (or has not built it in).
need_module()
{
	local mod

	for mod in "$@"; do
		modprobe -q "$mod" || [ -d "/sys/module/$mod" ] || skip "this kernel has no $mod"
	done
}

# check WHAT COMMAND...: the command must succeed; its output is shown if it does not.
check()
{
	local what=$1 out rc
	shift

	out=$("$@" 2>&1 </dev/null) && return 0
	rc=$?
	fail "$what (exit $rc: $*)"
	[ -z "$out" ] || note "$out" | head -n 20
	return 1
}

# check_fails WHAT STATUS PATTERN COMMAND...: the command must exit with STATUS and print, on standard error or output,
# something that matches the extended regular expression PATTERN.
check_fails()
{
	local what=$1 want=$2 pattern=$3 out rc
	shift 3

	out=$("$@" 2>&1 </dev/null)
	rc=$?
	if [ "$rc" -ne "$want" ]; then
		fail "$what: exit $rc, not $want: $*"
	elif ! grep -qE -- "$pattern" <<< "$out"; then
		fail "$what: nothing that matches '$pattern': $*"
	else
		return 0
	fi
	[ -z "$out" ] || note "$out" | head -n 20
	return 1
}

# check_eq WHAT WANT GOT
check_eq()
{
	[ "$2" = "$3" ] && return 0
	fail "$1: $3, not $2"
	return 1
}

# wait_for COMMAND...: repeats the command until it succeeds, WAIT_MS at most; returns what it returned last.
wait_for()
{
	local end=$((${EPOCHREALTIME/[.,]/} + WAIT_MS * 1000))

	until "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/[.,]/}" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# The kernel's log since the last call. (Not by a mark in /dev/kmsg: the kernel rate-limits those.)
__dmesg_new()
{
	dmesg 2>/dev/null | LAST=$DMESG_LAST awk '
		{ line[NR] = $0; if ($0 == ENVIRON["LAST"]) seen = NR }
		END { for (i = seen + 1; i <= NR; i++) print line[i] }'
}

__tap_line()
{
	local rc=$1 name=$2 why=''

	TAP_N=$((TAP_N + 1))
	if [ -e "$TMP/skip" ]; then
		read -r why < "$TMP/skip"
		rm -f "$TMP/skip"
	fi
	case $rc in
	"$ksft_pass")
		echo "ok $TAP_N - $TEST_NAME: $name"
		;;
	"$ksft_skip")
		TAP_SKIPPED=$((TAP_SKIPPED + 1))
		echo "ok $TAP_N - $TEST_NAME: $name # SKIP $why"
		;;
	*)
		TAP_FAILED=$((TAP_FAILED + 1))
		echo "not ok $TAP_N - $TEST_NAME: $name"
		;;
	esac
}

# tap_case NAME FUNCTION [ARG...]: runs a case and prints its line.
tap_case()
{
	local name=$1 start=${EPOCHREALTIME/[.,]/} rc new fresh=''
	shift

	(
		NS_LIST=()
		RET=0
		trap 'rc=$?; cleanup_case; exit $rc' EXIT
		"$@" || RET=$?
		exit "$RET"
	)
	rc=$?
	new=$(__dmesg_new)
	if [ -n "$new" ]; then
		DMESG_LAST=${new##*$'\n'}
		fresh=$(grep -E "$SPLATS" <<< "$new" | head -n 5)
	fi
	if [ -n "$fresh" ]; then
		note "FAILED: the kernel's log:"
		note "$fresh"
		rc=$ksft_fail
	fi
	__tap_line "$rc" "$name"
	[ -z "${KSELFTEST_TIMES:-}" ] || echo "# $(((${EPOCHREALTIME/[.,]/} - start) / 1000)) ms"
}

# report NAME: a line for what ran outside of a case since the last line: passed unless something called fail.
report()
{
	__tap_line "$RET" "$1"
	RET=0
}

# finish: the plan, and the end of the file.
finish()
{
	if [ "$RET" -ne 0 ]; then
		report "what ran outside of a case"
	fi
	echo "1..$TAP_N"
	[ "$TAP_FAILED" -eq 0 ] || exit $ksft_fail
	[ "$TAP_N" -gt "$TAP_SKIPPED" ] || exit $ksft_skip
	exit $ksft_pass
}

# ------------------------------------------------------------------------------------------------ network namespaces

# setup_ns NAME...: makes a namespace for each NAME and sets the variable NAME to what it is called.
setup_ns()
{
	local ns_name

	__new_ns "$@"
	for ns_name in "$@"; do
		ip -n "${!ns_name}" link set lo up
	done
}

# __new_ns NAME...: the same, with nothing up in them. (A process takes an emulated machine 50 ms or more: so one for all.)
__new_ns()
{
	local ns_name made=()

	for ns_name in "$@"; do
		printf -v "$ns_name" '%s-%06x' "$ns_name" $((SRANDOM & 0xffffff))
		made+=("${!ns_name}")
	done
	NS_LIST+=("${made[@]}")
	printf 'netns add %s\n' "${made[@]}" | ip -batch - || exit $ksft_fail
}

# cleanup_ns NAMESPACE...: ends what runs in them, and deletes them.
cleanup_ns()
{
	local ns there=() pids

	for ns in "$@"; do
		[ ! -e "/run/netns/$ns" ] || there+=("$ns")
	done
	[ ${#there[@]} -gt 0 ] || return 0
	pids=$(printf 'netns pids %s\n' "${there[@]}" | ip -force -batch - 2>/dev/null)
	# shellcheck disable=SC2086 # a list
	[ -z "$pids" ] || kill -9 $pids 2>/dev/null
	printf 'netns del %s\n' "${there[@]}" | ip -force -batch -
}

# in_ns NAMESPACE COMMAND...
in_ns()
{
	local ns=$1
	shift

	ip netns exec "$ns" "$@"
}

# offspring PID: its processes, theirs, and so on
offspring()
{
	sed -n 's/^\([0-9]*\) (.*) [A-Za-z] \([0-9]*\) .*/\1 \2/p' /proc/[0-9]*/stat 2>/dev/null | awk -v top="$1" '
		{ parent[$1] = $2 }
		END {
			for (p in parent) {
				for (q = p; q in parent && q != top; q = parent[q])
					;
				if (q == top && p != top)
					print p
			}
		}'
}

cleanup_case()
{
	local pids

	# what runs in the background, and what that has started: all of it may hold our output open
	pids=$(for pid in $(jobs -p); do echo "$pid"; offspring "$pid"; done)
	# shellcheck disable=SC2086 # a list
	[ -z "$pids" ] || kill -9 $pids 2>/dev/null
	cleanup_ns "${NS_LIST[@]}"
}

cleanup()
{
	cleanup_case
	rm -rf "$TMP"
}

# setup_underlay: namespaces $a and $b, joined by the veth pair va, vb, with U4_A, U6_A and U4_B, U6_B on them.
setup_underlay()
{
	__new_ns a b
	ip link add va netns "$a" type veth peer name vb netns "$b"
	__underlay_end "$a" va "$U4_A" "$U6_A"
	__underlay_end "$b" vb "$U4_B" "$U6_B"
}

# setup_underlay_hop [MTU]: like setup_underlay, but with a router $r between them (its ra, rb), whose link to b has MTU.
# b is then 10.0.1.2 and fd00:1::2 (U4_B, U6_B say so).
setup_underlay_hop()
{
	local mtu=${1:-1500}

	U4_B=10.0.1.2 U6_B=fd00:1::2
	__new_ns a b r
	ip link add va netns "$a" type veth peer name ra netns "$r"
	ip link add vb mtu "$mtu" netns "$b" type veth peer name rb mtu "$mtu" netns "$r"
	in_ns "$r" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	__underlay_end "$a" va "$U4_A" "$U6_A"
	__underlay_end "$b" vb "$U4_B" "$U6_B"
	__underlay_end "$r" ra 10.0.0.254 fd00::fe
	__underlay_end "$r" rb 10.0.1.254 fd00:1::fe
	ip -n "$a" route add default via 10.0.0.254
	ip -n "$a" -6 route add default via fd00::fe
	ip -n "$b" route add default via 10.0.1.254
	ip -n "$b" -6 route add default via fd00:1::fe
}

# Duplicate address detection would only cost a second or two: there is no other host.
__underlay_end()
{
	ip -n "$1" -force -batch - <<-END
		addr add $3/24 dev $2
		addr add $4/64 dev $2 nodad
		link set lo up
		link set $2 up
	END
}

# ------------------------------------------------------------------------------------------------------------- wires

# lw ARG...: lwctl, as found. In a namespace: lw -n NAMESPACE ...
lw()
{
	"$LWCTL" "$@"
}

# refused STATUS PATTERN LWCTL-ARG...: exit status, and exactly one line on standard error, "lwctl: ... PATTERN ...".
refused()
{
	local status=$1 pattern=$2 out rc
	shift 2

	out=$(lw "$@" 2>&1 >/dev/null </dev/null)
	rc=$?
	check_eq "exit status of lwctl $*" "$status" "$rc"
	check_eq "lines that lwctl $* says" 1 "$(wc -l <<< "$out")"
	grep -qE -- "^lwctl: .*$pattern" <<< "$out" || fail "lwctl $*: said '$out', not '$pattern'"
}

# sas NAMESPACE WIRE DIR: tags of its SAs, in a line.
sas()
{
	lw -n "$1" sa show "$2" | sed -n "s/.* $3 tag \(0x[0-9a-f]*\) .*/\1/p" | sort | xargs
}

# wire_matrix: one line "ENCAP MODE FAMILY CIPHER" for every kind of wire there is.
wire_matrix()
{
	local kind family cipher

	for kind in "vxlan l2" "vxlan l3" "ipip l3"; do
		for family in 4 6; do
			for cipher in aes-128-gcm aes-256-gcm chacha20-poly1305; do
				echo "$kind $family $cipher"
			done
		done
	done
}

# each_wire NAME FUNCTION: a case for every kind of wire; the function gets ENCAP MODE FAMILY CIPHER.
each_wire()
{
	local encap mode family cipher

	while read -r encap mode family cipher; do
		tap_case "$encap $mode over IPv$family, $cipher: $1" "$2" "$encap" "$mode" "$family" "$cipher"
	done < <(wire_matrix)
}

# next_tag: sets TAG to one that no other call in this file gave.
NEXT_TAG=$((0x100000 + ($$ & 0xffff) * 16))
next_tag()
{
	TAG=$NEXT_TAG
	NEXT_TAG=$((NEXT_TAG + 1))
}

# new_key CIPHER FILE: a fresh key that only we can read.
new_key()
{
	(umask 077; lw genkey "$1" > "$2")
}

# make_wire NAME [encap E] [mode M] [family 4|6] [cipher C] [net N] [keys no] [-- LWCTL-ARG...]
#
# Makes the two ends of a wire, both called NAME, in the underlay netns $a and $b (setup_underlay), up, with fresh keys
# installed in both directions, and with addresses: 10.77.N.1 and fd77:N::1 at a, .2 and ::2 at b (W4_A, W6_A, W4_B,
# W6_B). Defaults: vxlan, l3 (ipip: always l3), 4, aes-128-gcm, net 1. What follows -- goes to both `lwctl link add`.
make_wire()
{
	local name=$1 encap=vxlan mode=l3 family=4 cipher=aes-128-gcm net=1 keys=yes
	local -n ua=U4_A ub=U4_B
	shift

	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		case $1 in
		encap|mode|family|cipher|net|keys)
			local "$1=$2"
			shift 2
			;;
		*)
			echo "make_wire: '$1'?" >&2
			exit $ksft_fail
			;;
		esac
	done
	[ $# -eq 0 ] || shift

	if [ "$family" = 6 ]; then
		local -n ua=U6_A ub=U6_B
	fi
	W4_A=10.77.$net.1 W4_B=10.77.$net.2 W6_A=fd77:$net::1 W6_B=fd77:$net::2
	check "a's end of wire $name" \
		lw -n "$a" link add "$name" encap "$encap" mode "$mode" local "$ua" remote "$ub" "$@" up || return
	check "b's end of wire $name" \
		lw -n "$b" link add "$name" encap "$encap" mode "$mode" local "$ub" remote "$ua" "$@" up || return
	__wire_end "$a" "$name" "$W4_A" "$W6_A"
	__wire_end "$b" "$name" "$W4_B" "$W6_B"
	[ "$TRAINS" = on ] || check "no trains at b" in_ns "$b" ethtool -K "$name" tso off gso off gro off || return
	[ "$TRAINS" != off ] || check "no trains at a" in_ns "$a" ethtool -K "$name" tso off gso off gro off || return
	[ "$keys" = no ] || key_wire "$name" "$cipher"
}

__wire_end()
{
	ip -n "$1" -force -batch - <<-END
		addr add $3/24 dev $2
		addr add $4/64 dev $2 nodad
	END
}

# key_wire NAME CIPHER [SA-ARG...]: fresh keys for both directions of a wire between $a and $b; receivers first.
# Sets KEY_AB, KEY_BA, TAG_AB, TAG_BA. What follows goes to each `lwctl sa add`.
key_wire()
{
	local name=$1 cipher=$2
	shift 2

	next_tag
	TAG_AB=$TAG KEY_AB=$TMP/$name.ab.$TAG.$SRANDOM
	next_tag
	TAG_BA=$TAG KEY_BA=$TMP/$name.ba.$TAG.$SRANDOM
	printf '%s\n' "genkey $cipher $KEY_AB" "genkey $cipher $KEY_BA" \
		"sa add $name rx tag $TAG_AB cipher $cipher key-file $KEY_AB $*" > "$TMP/b.keys"
	printf '%s\n' "sa add $name rx tag $TAG_BA cipher $cipher key-file $KEY_BA $*" \
		"sa add $name tx tag $TAG_AB cipher $cipher key-file $KEY_AB $*" > "$TMP/a.keys"
	check "fresh keys, and b receives" lw -n "$b" -batch "$TMP/b.keys" || return
	check "a receives and transmits" lw -n "$a" -batch "$TMP/a.keys" || return
	check "b transmits" \
		lw -n "$b" sa add "$name" tx tag "$TAG_BA" cipher "$cipher" key-file "$KEY_BA" "$@"
}

# ns_ping NAMESPACE ADDRESS [PING-ARG...]: three echoes in a row, or what the arguments say (-c, -s, -M ...).
ns_ping()
{
	local ns=$1 addr=$2
	shift 2

	in_ns "$ns" ping -n -q -i 0.02 -c 3 -W 5 "$@" "$addr"
}

# ---------------------------------------------------------------------------------------------------------- counters

# counter NAMESPACE {WIRE|underlay} NAME: the value of a counter (rx_packets, tx_too_big, ... as in `lwctl -j stat`).
counter()
{
	local stat

	stat=$(lw -n "$1" -j stat "$2") || return
	[[ $stat =~ [,{[:space:]]\"$3\"\ *:\ *([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

# check_counts N NAMESPACE {WIRE|underlay} NAME COMMAND...: the command must make that counter grow by exactly N.
# It may do so a little later (WAIT_MS at most, if it is too few). Whether the command itself succeeds is not looked at.
check_counts()
{
	local n=$1 ns=$2 wire=$3 name=$4 before
	shift 4

	before=$(counter "$ns" "$wire" "$name")
	if [ -z "$before" ]; then
		fail "no counter $name of $wire"
		return 1
	fi
	"$@" >/dev/null 2>&1 </dev/null
	wait_for __counted "$((before + n))" "$ns" "$wire" "$name"
	check_eq "$name of $wire ($*)" "$n" "$(($(counter "$ns" "$wire" "$name") - before))"
}

__counted()
{
	[ "$(counter "$2" "$3" "$4")" -ge "$1" ]
}

# ---------------------------------------------------------------------------------------------------------- the start

# load_module [PARAMETER=VALUE...]
# shellcheck disable=SC2120 # tests pass parameters
load_module()
{
	[ ! -d /sys/module/linkwire ] || return 0
	# what insmod does not pull in
	modprobe -q -a udp_tunnel ip6_udp_tunnel libchacha20poly1305 2>/dev/null
	if [ -n "$LINKWIRE_KO" ]; then
		insmod "$LINKWIRE_KO" "$@"
	else
		modprobe linkwire "$@"
	fi
}

unload_module()
{
	[ ! -d /sys/module/linkwire ] || rmmod linkwire
}

__start()
{
	local built=$SELFTESTS/../userspace/lwctl/lwctl

	trap cleanup EXIT
	trap 'exit 1' INT TERM HUP
	echo "TAP version 13"
	[ "$(id -u)" -eq 0 ] || skip_all "needs root"
	if [ -z "$LWCTL" ]; then
		[ -x "$built" ] && LWCTL=$built || LWCTL=$(command -v lwctl)
	fi
	# shellcheck disable=SC2119
	load_module 2> "$TMP/load" || skip_all "cannot load linkwire: $(tail -n 1 "$TMP/load")"
	[ -x "$LWCTL" ] || { echo "Bail out! no lwctl: make -C userspace"; exit $ksft_fail; }
	DMESG_LAST=$(dmesg 2>/dev/null | tail -n 1)
}

__start
