#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is sent into a wire comes out of its other end, whole: each encapsulation, underlay family, mode and cipher.
#
#	netns a: w1, w2 ... .............. w1, w2 ... :netns b
#	         va ---------------------- vb
#
# BULK_KB, BULK_MS: how much TCP in one direction at most, and for how long (traffic/flows.py).
. "$(dirname "$0")/lib.sh"

TRAFFIC=$SELFTESTS/traffic
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$SELFTESTS/peer WAIT_MS

# crosses ENCAP MODE FAMILY CIPHER: the TAP_Nth wire of one underlay, on one port
crosses()
{
	local id=$((TAP_N + 1))

	NEXT_TAG=$((NEXT_TAG + 2 * id))	# which a case forgets
	make_wire "w$id" encap "$1" mode "$2" family "$3" cipher "$4" net "$id" -- id "$id" || return
	check "ping, IPv4" ns_ping "$a" "$W4_B"
	check "ping, IPv4, fragments, back" ns_ping "$b" "$W4_A" -s 4000
	check "ping, IPv6" ns_ping "$b" "$W6_A"
	check "ping, IPv6, fragments" ns_ping "$a" "$W6_B" -s 4000
	check "$*" python3 "$TRAFFIC/cross.py" "$a" "$b" "$id" "$W4_A" "$W4_B" "$W6_A" "$W6_B"
}

setup_underlay
each_wire "ping, UDP of sizes 0 to 65507 and TCP in bulk arrive whole, nothing is dropped" crosses
finish
