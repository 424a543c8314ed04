#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Where an authentic packet came from is where the peer is; but not if that place means nothing, and not a hundred times a
# second. (Who is followed at all: hostile.sh, marks.sh.)
#
#	netns b: peer, in Python            netns a: underlay         netns tenant
#	  packets on vb  ------------------- va  (wire w1) ............ device w1
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/peer/peer.sh"

tenant=''

# roams WHAT ENCAP MODE FAMILY CIPHER
roams()
{
	setup_underlay
	setup_ns tenant
	in_ns "$tenant" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	check "$*" peer roaming "$1" "$a" "$b" "$tenant" "${@:2}"
}

peer_start roaming

tap_case "vxlan: a peer is followed neither to a link-local address nor to none" roams nowhere vxlan l3 6 aes-128-gcm
tap_case "ipip: a peer is followed neither to a link-local address nor to none" roams nowhere ipip l3 6 aes-256-gcm
tap_case "vxlan: a peer in two places is followed a few times a second" roams two_places vxlan l2 4 aes-128-gcm
tap_case "ipip: a peer in two places is followed a few times a second" roams two_places ipip l3 6 chacha20-poly1305
finish
