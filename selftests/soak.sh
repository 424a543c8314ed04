#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Streams and datagrams, in trains where there are trains, over an underlay that loses, reorders, repeats and damages
# packets, both ways at once: not one wrong byte comes out, and what did not come is counted as what it was.
# SOAK_SECONDS: of each case (make soak: 10 minutes in all).
. "$(dirname "$0")/lib.sh"

: "${SOAK_SECONDS:=6}"
TRAFFIC=$SELFTESTS/traffic
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$SELFTESTS/peer WAIT_MS

# bad_underlay: in both directions. Little is lost, so that streams go on; what is repeated comes at once.
bad_underlay()
{
	local end ns dev

	for end in "$a va" "$b vb"; do
		read -r ns dev <<< "$end"
		tc -n "$ns" qdisc add dev "$dev" root netem delay 1ms reorder 98% loss 0.3% duplicate 1% corrupt 0.3% limit 10000 ||
			return
	done
}

# soak ENCAP MODE FAMILY CIPHER
soak()
{
	need_module sch_netem
	setup_underlay
	make_wire w encap "$1" mode "$2" family "$3" cipher "$4" -- id 1 || return
	check "a ping before it gets bad" ns_ping "$a" "$W4_B"
	bad_underlay || return
	check "soak $*" python3 "$TRAFFIC/soak.py" "$1" "$SOAK_SECONDS" "$a" "$b" "$W4_A" "$W4_B" "$W6_A" "$W6_B"
}

for kind in "vxlan l3 4 aes-128-gcm" "vxlan l2 6 chacha20-poly1305" "ipip l3 4 aes-256-gcm"; do
	# shellcheck disable=SC2086 # words
	set -- $kind
	tap_case "$1 $2 over IPv$3, $4: a bad underlay changes nothing that arrives" soak "$@"
done
finish
