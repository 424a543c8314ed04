#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A capture of the underlay, while known text crosses a wire, has neither the text nor inner addresses nor MACs in it,
# and its shims look as Documentation/wire-format.md says.
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/peer/peer.sh"

# nothing_in_the_clear ENCAP MODE FAMILY CIPHER
nothing_in_the_clear()
{
	setup_underlay
	make_wire w encap "$1" mode "$2" family "$3" cipher "$4" || return
	check "capture" peer clear "$a" "$b" w "$1" "$2" "$3" "$TAG_AB" "$TAG_BA"
}

# The same search, where all is in the clear: the kernel's own vxlan between the same addresses.
seen_without_encryption()
{
	local n

	need_module vxlan
	setup_underlay
	ip -n "$a" link add w type vxlan id 1 local "$U4_A" remote "$U4_B" dstport 4790
	ip -n "$b" link add w type vxlan id 1 local "$U4_B" remote "$U4_A" dstport 4790
	__wire_end "$a" w 10.77.1.1 fd77:1::1
	__wire_end "$b" w 10.77.1.2 fd77:1::2
	for n in "$a" "$b"; do
		ip -n "$n" link set w up
	done
	peer clear "$a" "$b" w vxlan l2 4 1 2 > "$TMP/seen" && fail "all is in the clear, and the search says nothing"
	check_eq "what is seen: the text, four inner addresses, two MACs" 7 "$(grep -c 'is seen on the underlay' "$TMP/seen")"
}

peer_start clear

tap_case "the search finds text, addresses and MACs where nothing is encrypted" seen_without_encryption
each_wire "nothing is seen in the clear" nothing_in_the_clear
finish
