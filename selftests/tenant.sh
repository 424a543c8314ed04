#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What root of a tenant's namespace might get out of a wire's device by sending what it likes: nothing of other people's
# memory, nothing of the underlay. (What it may ask for and change: netns.sh.)
#
#	netns a: underlay --- va == vb --- netns b
#	  wire w ...... netns tenant       wire w
#	                device w
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/peer/peer.sh"

tenant=''

# setup_tenant ENCAP MODE FAMILY: its device has an MTU that the underlay has not
setup_tenant()
{
	setup_underlay
	setup_ns tenant
	make_wire w encap "$1" mode "$2" family "$3" -- id 5 || return
	ip -n "$a" link set w netns "$tenant"
	__wire_end "$tenant" w "$W4_A" "$W6_A"
	ip -n "$tenant" link set w mtu 9000 up
	check "echoes" wait_for ns_ping "$tenant" "$W4_B"
}

headers()
{
	setup_tenant "$@" || return
	check "options of fragments" peer tenant_packets headers "$tenant" "$b" w "$2"
	check "headers that are too short" peer tenant_packets lies "$a" 5 "$tenant" "$b" w "$2"
}

stamps()
{
	setup_tenant "$@" || return
	check "IPv4" peer tenant_packets stamps "$tenant" "$b" "$2" "$W4_A" "$W4_B"
	check "IPv6" peer tenant_packets stamps "$tenant" "$b" "$2" "$W6_A" "$W6_B"
}

peer_start tenant_packets

for kind in "vxlan l2 4" "vxlan l3 6" "ipip l3 4"; do
	# shellcheck disable=SC2086 # words
	tap_case "$kind: fragments carry the header that was sent, whatever it says of its length" headers $kind
	# shellcheck disable=SC2086 # words
	tap_case "$kind: time stamps show a sender its own packet, and no outer one" stamps $kind
done
finish
