#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a receiver must drop is dropped and counted, each packet once and under its own reason; nothing of it is
# delivered. The packets are made by peer/, which holds the keys where a case needs them authentic.
#
#	netns b: peer, in Python            netns a: underlay         netns tenant
#	  packets on vb  ------------------- va  (wire w1) ............ device w1
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/peer/peer.sh"

tenant=''

# hostile CASE ENCAP MODE FAMILY CIPHER
hostile()
{
	local what=$1
	shift

	setup_underlay
	setup_ns tenant
	in_ns "$tenant" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	check "$what $*" peer hostile "$what" "$a" "$b" "$tenant" "$@"
}

flips()
{
	hostile flips "$@"
}

peer_start hostile

each_wire "a flip in any octet is dropped" flips
for kind in "vxlan l2 4 aes-128-gcm" "vxlan l3 6 aes-256-gcm" "ipip l3 4 chacha20-poly1305" "ipip l3 6 aes-128-gcm"; do
	# shellcheck disable=SC2086 # words
	set -- $kind
	named="$1 $2 over IPv$3, $4"
	tap_case "$named: a replayed packet is dropped" hostile replay "$@"
	tap_case "$named: a packet cut at any length is dropped" hostile truncations "$@"
	tap_case "$named: wrong tag, flags, mode, lane, key and content are dropped" hostile wrong_shims "$@"
	tap_case "$named: wrong peer, local address, encapsulation and port are dropped" hostile wrong_addresses "$@"
	tap_case "$named: the replay window is 8192 packets, to the packet" hostile window "$@"
	tap_case "$named: an SA at its hard limit and a device that is down take nothing" hostile stopped "$@"
	tap_case "$named: whatever is inside is delivered or dropped, and counted once" hostile any_content "$@"
	tap_case "$named: a wire that roams is moved by new and authentic packets only" hostile roaming "$@"
	tap_case "$named: congestion marks are combined by RFC 6040" hostile congestion "$@"
done
tap_case "a wrong first word is dropped, IPv4" hostile first_word vxlan l2 4 aes-128-gcm
tap_case "a wrong first word is dropped, IPv6" hostile first_word vxlan l3 6 aes-128-gcm
tap_case "packet numbers in any order are accepted once and within the window" hostile window_at_random vxlan l3 4 chacha20-poly1305
finish
