#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# An implementation of the wire format that shares no line with the module (peer/, in Python, from
# Documentation/wire-format.md) and the module open each other's packets.
#
#	netns b: peer, in Python            netns a: underlay         netns tenant
#	  packets on vb  ------------------- va  (wire w1) ............ device w1
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/peer/peer.sh"

tenant=''

vectors()
{
	check "vectors" peer vectors --check "$SELFTESTS/../Documentation/test-vectors.md"
}

setup_peer()
{
	setup_underlay
	setup_ns tenant
	in_ns "$tenant" sysctl -qw net.ipv6.conf.default.addr_gen_mode=1 net.ipv6.conf.default.accept_dad=0
}

both_ways()
{
	setup_peer
	check "$*" peer known_answers "$a" "$b" "$tenant" "$@"
}

partial_checksums()
{
	need_module 8021q
	setup_peer
	check "$*" peer partial_checksums "$a" "$b" "$tenant" "$@" aes-128-gcm
}

peer_start vectors known_answers partial_checksums

tap_case "the test vectors of the documentation are right" vectors
each_wire "the peer's packets are delivered, the module's are opened by the peer" both_ways
for kind in "vxlan l2" "vxlan l3" "ipip l3"; do
	for family in 4 6; do
		# shellcheck disable=SC2086 # two words
		tap_case "$kind over IPv$family: partial checksums are completed, misfits dropped" \
			partial_checksums $kind $family
	done
done
finish
