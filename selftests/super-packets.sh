#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What comes from the underlay as many packets in one. Nobody needs a key to send it; that each record is looked at once,
# and is what its sender made of it, must not depend on who said what on the way.
#
#	netns b: peer, in Python            netns a: underlay         netns tenant
#	  packets on vb  ------------------- va  (wire w1) ............ device w1
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/peer/peer.sh"

tenant=''

# super WHAT ENCAP MODE FAMILY CIPHER
super()
{
	[ "$1" = segments ] || need_module tun
	peer_tenant super_packets "$@"
}

peer_start super_packets

for kind in "vxlan l2 4 aes-128-gcm" "vxlan l3 6 chacha20-poly1305"; do
	# shellcheck disable=SC2086 # words
	tap_case "$kind: of a train of UDP, each record is looked at once" super segments $kind
done
for kind in "ipip l3 4 aes-256-gcm" "ipip l3 6 aes-128-gcm"; do
	# shellcheck disable=SC2086 # words
	tap_case "$kind: a packet that is said to have segments is dropped" super metadata $kind
done
for kind in "vxlan l3 4 aes-128-gcm" "vxlan l2 6 aes-256-gcm"; do
	# shellcheck disable=SC2086 # words
	tap_case "$kind: of a train of UDP whose length is a lie, nothing is opened" super lengths $kind
done
finish
