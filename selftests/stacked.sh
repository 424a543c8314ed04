#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A wire over a device that stands on many others, none of which is a wire: that is no loop, however high the stack is.
#
#	netns a: va - va.1 - va.1.2 - ...  the wire's underlay is the topmost; b has the same
. "$(dirname "$0")/lib.sh"

# VLAN devices above each other. The kernel sends through 8 devices without queues, the wire and va among them
# (XMIT_RECURSION_LIMIT).
HEIGHT=6

# stack NETNS DEVICE V4 V6: VLANs of VLANs; the underlay's addresses go to the topmost
stack()
{
	local i below=$2

	{
		echo "addr flush dev $2"
		for ((i = 1; i <= HEIGHT; i++)); do
			echo "link add link $below name s$i type vlan id $i"
			echo "link set s$i up"
			below=s$i
		done
		echo "addr add $3/24 dev $below"
		echo "addr add $4/64 dev $below nodad"
	} | ip -n "$1" -batch -
}

# over_stack ENCAP MODE FAMILY
over_stack()
{
	need_module 8021q
	setup_underlay
	check "devices above va" stack "$a" va "$U4_A" "$U6_A" || return
	check "devices above vb" stack "$b" vb "$U4_B" "$U6_B" || return
	check "echoes over the underlay" wait_for ns_ping "$a" "$U4_B"
	make_wire w encap "$1" mode "$2" family "$3" || return
	check "echoes" wait_for ns_ping "$a" "$W4_B"
	check "echoes" ns_ping "$b" "$W6_A"
	check_eq "tx_loop" 0 "$(counter "$a" w tx_loop)"
}

for kind in "vxlan l2 4" "ipip l3 6"; do
	# shellcheck disable=SC2086 # words
	tap_case "$kind: an underlay on $HEIGHT stacked devices is no loop" over_stack $kind
done
finish
