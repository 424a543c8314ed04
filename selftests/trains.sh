#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Trains, looked at from outside: what the module makes of those that a peer in Python sends, record by record, and what
# it sends itself. Nothing that a hostile peer, or somebody on the way, puts into one changes what becomes of the others.
#
#	netns b: peer, in Python            netns a: underlay         netns tenant
#	  trains on vb  -------------------- va  (wire w1) ............ device w1
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/peer/peer.sh"

tenant=''
export PYTHONPATH=$SELFTESTS/peer WAIT_MS

# joined WHAT ENCAP MODE FAMILY CIPHER
joined()
{
	setup_underlay
	setup_ns tenant
	in_ns "$tenant" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	check "$*" peer joined "$1" "$a" "$b" "$tenant" "${@:2}"
}

# at_once ENCAP MODE: a stream a processor each way, with a lane for each
at_once()
{
	local lanes name cpus

	cpus=$(nproc)
	setup_underlay
	make_wire w encap "$1" mode "$2" -- id 1 || return
	for lanes in "$cpus" 1; do
		new_keys "$lanes" || return
		check "with $lanes lanes" env PYTHONDONTWRITEBYTECODE=1 python3 "$SELFTESTS/traffic/at_once.py" "$a" "$b" "$W4_A" "$W4_B"
		for name in rx_replay rx_lane rx_auth rx_no_mem tx_no_mem; do
			check_eq "$name of a" 0 "$(counter "$a" w "$name")"
			check_eq "$name of b" 0 "$(counter "$b" w "$name")"
		done
	done
}

# new_keys LANES: of both directions
new_keys()
{
	check "rekey with $1 lanes" lw -n "$a" rekey w peer w peer-netns "$b" lanes "$1" grace 0.5
}

peer_start joined

for kind in "vxlan l2 4 aes-128-gcm" "vxlan l3 6 chacha20-poly1305"; do
	# shellcheck disable=SC2086 # words
	set -- $kind
	named="$1 $2 over IPv$3, $4"
	tap_case "$named: a train of TCP segments becomes the super-packet that it was" joined whole "$@"
	tap_case "$named: a bad record in a train costs only itself" joined damaged "$@"
	tap_case "$named: segments that do not belong together stay apart" joined odd "$@"
	tap_case "$named: lanes have windows of their own" joined lanes "$@"
	tap_case "$named: a super-packet leaves as one train of its segments" joined sent "$@"
	tap_case "$named: each processor sends in a lane of its own" joined numbered "$@"
done
tap_case "streams of all processors at once, in a lane each and in one: nothing is taken for a replay" at_once vxlan l3
finish
