#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two processors.
# Lanes: each processor numbers what it sends by itself, and the receiver takes neither for a replay of the other.
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/peer/peer.sh"

tenant=''
export PYTHONPATH=$SELFTESTS/peer WAIT_MS

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
	tap_case "$1 $2 over IPv$3, $4: each processor sends in a lane of its own" peer_tenant joined numbered "$@"
done
tap_case "streams of all processors at once, in a lane each and in one: nothing is taken for a replay" at_once vxlan l3
finish
