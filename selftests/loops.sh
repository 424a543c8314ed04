#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Mostly waits.
# Wires over wires. A wire whose packets would come back into it is cut, its packets are counted, and it carries again
# when its route is mended; a wire over a wire that leads elsewhere works.
. "$(dirname "$0")/lib.sh"

export PYTHONDONTWRITEBYTECODE=1 WAIT_MS

# Packets that a case may take out of an underlay device for each that went into a wire: a loop that is not cut makes many.
NOT_MANY=10

# no_noise: devices that are made from now on say nothing by themselves
no_noise()
{
	local ns

	for ns in "$a" "$b"; do
		in_ns "$ns" sysctl -qw net.ipv6.conf.default.addr_gen_mode=1 net.ipv6.conf.default.accept_dad=0
	done
}

left()
{
	in_ns "$a" cat /sys/class/net/va/statistics/tx_packets
}

# check_cut WIRE ADDRESS: 10 packets into the wire are cut, each counted once, and none of them leaves a
check_cut()
{
	local loops before

	# all neighbours are known: what goes in is echoes
	before=$(left)
	loops=$(counter "$a" "$1" tx_loop)
	ns_ping "$a" "$2" -c 10 -W 1 >/dev/null
	loops=$(($(counter "$a" "$1" tx_loop) - loops))
	if [ "$loops" -lt 10 ] || [ "$loops" -ge 20 ]; then
		fail "tx_loop of $1: $loops for 10 packets"
	fi
	[ $(($(left) - before)) -lt "$NOT_MANY" ] || fail "$(($(left) - before)) packets left by va"
}

# route REMOTE DEVICE: the outer packets' way, of the family of REMOTE
route_by()
{
	case $1 in
	*:*) ip -n "$a" -6 route replace "$1/128" dev "$2" metric 1 ;;
	*) ip -n "$a" route replace "$1/32" dev "$2" ;;
	esac
}

mend()
{
	case $1 in
	*:*) ip -n "$a" -6 route del "$1/128" metric 1 ;;
	*) ip -n "$a" route del "$1/32" ;;
	esac
}

# itself ENCAP MODE FAMILY: the route to the peer is the wire
itself()
{
	local peer=$U4_B

	[ "$3" = 4 ] || peer=$U6_B
	setup_underlay
	no_noise
	make_wire w encap "$1" mode "$2" family "$3" || return
	check "echoes before" wait_for ns_ping "$a" "$W4_B"
	check "echoes before" wait_for ns_ping "$a" "$W6_B"
	[ "$2" != l2 ] || ip -n "$a" neigh replace "$peer" dev w lladdr 02:00:00:00:00:99
	route_by "$peer" w
	check_cut w "$W4_B"
	check_cut w "$W6_B"
	mend "$peer"
	check "echoes when it is mended" wait_for ns_ping "$a" "$W4_B"
	route_by "$peer" w
	check_cut w "$W4_B"
	mend "$peer"
	check "echoes when it is mended again" wait_for ns_ping "$a" "$W6_B"
}

# chain N FAMILY: w1 over va, w2's peer beyond w1, ...: each is a wire over the one before
chain()
{
	local i

	# room for IPv6 (1280 bytes) in the innermost
	ip -n "$a" link set va mtu 2000
	ip -n "$b" link set vb mtu 2000
	make_wire w1 net 1 family "$2" || return
	for ((i = 2; i <= $1; i++)); do
		U4_A=10.77.$((i - 1)).1 U4_B=10.77.$((i - 1)).2 U6_A=fd77:$((i - 1))::1 U6_B=fd77:$((i - 1))::2
		if [ $((i % 2)) = 0 ]; then
			make_wire "w$i" net "$i" family "$2" mode l2 || return
		else
			make_wire "w$i" net "$i" family "$2" encap ipip || return
		fi
	done
}

# over N FAMILY: N wires, each over the one before, carry
over()
{
	local i

	setup_underlay
	no_noise
	chain "$1" "$2" || return
	for ((i = 1; i <= $1; i++)); do
		check "echoes over wire $i" wait_for ns_ping "$a" "10.77.$i.2"
		check "echoes over wire $i" wait_for ns_ping "$b" "fd77:$i::1"
		check_eq "tx_loop of wire $i" 0 "$(counter "$a" "w$i" tx_loop)"
	done
	check "a stream over all of them" python3 "$SELFTESTS/streams.py" bulk "$a" "10.77.$1.2" "$b" 100000
}

# through N FAMILY: N wires, and the first's peer is routed into the last
through()
{
	local i peer=$U4_B

	[ "$2" = 4 ] || peer=$U6_B
	setup_underlay
	no_noise
	chain "$1" "$2" || return
	check "echoes before" wait_for ns_ping "$a" "10.77.$1.2"
	ip -n "$a" neigh replace "$peer" dev "w$1" lladdr 02:00:00:00:00:99 2>/dev/null
	route_by "$peer" "w$1"
	check_cut w1 10.77.1.2
	# what goes into the last comes to the first, or is cut on the way
	ns_ping "$a" "10.77.$1.2" -c 10 -W 1 >/dev/null
	mend "$peer"
	for ((i = 1; i <= $1; i++)); do
		check "echoes over wire $i when it is mended" wait_for ns_ping "$a" "10.77.$i.2"
	done
}

# deep FAMILY: 4 wires, each over the one before, carry; or this kernel does not send through so many, and that is counted
deep()
{
	local before

	setup_underlay
	no_noise
	chain 4 "$1" || return
	check "echoes over three of them" wait_for ns_ping "$a" 10.77.3.2
	# nobody asks who has it
	ip -n "$a" neigh replace 10.77.4.2 dev w4 lladdr "$(in_ns "$b" cat /sys/class/net/w4/address)"
	ip -n "$b" neigh replace 10.77.4.1 dev w4 lladdr "$(in_ns "$a" cat /sys/class/net/w4/address)"
	if ns_ping "$a" 10.77.4.2 -W 2 >/dev/null; then
		check_eq "tx_loop of the first" 0 "$(counter "$a" w1 tx_loop)"
		return
	fi
	before=$(counter "$a" w1 tx_packets)
	check_cut w1 10.77.4.2
	[ $(($(counter "$a" w1 tx_packets) - before)) -lt 10 ] || fail "they are counted as sent, too"
}

# above KIND: the route to the peer is a device above the wire
above()
{
	setup_underlay
	no_noise
	make_wire w mode l2 || return
	check "echoes before" wait_for ns_ping "$a" "$W4_B"
	case $1 in
	vlan)
		need_module 8021q
		ip -n "$a" link add link w name above type vlan id 5
		;;
	bond)
		need_module bonding
		ip -n "$a" link add above type bond mode active-backup
		ip -n "$a" link set w down
		ip -n "$a" link set w master above
		ip -n "$a" link set w up
		ip -n "$a" addr flush dev w
		ip -n "$a" addr add "$W4_A/24" dev above
		;;
	macvlan)
		need_module macvlan
		ip -n "$a" link add link w name above type macvlan mode bridge
		;;
	vlan-bond)
		need_module 8021q bonding
		ip -n "$a" link add bond type bond mode active-backup
		ip -n "$a" link set w down
		ip -n "$a" link set w master bond
		ip -n "$a" link set w up
		ip -n "$a" link set bond up
		ip -n "$a" addr flush dev w
		ip -n "$a" addr add "$W4_A/24" dev bond
		ip -n "$a" link add link bond name above type vlan id 5
		;;
	esac
	ip -n "$a" link set above up
	check "echoes with a device above" wait_for ns_ping "$a" "$W4_B"
	ip -n "$a" neigh replace "$U4_B" dev above lladdr 02:00:00:00:00:99
	route_by "$U4_B" above
	check_cut w "$W4_B"
	mend "$U4_B"
	check "echoes when it is mended" wait_for ns_ping "$a" "$W4_B"
}

# A wire is a port of the bridge that has the underlay's address: no loop, as long as the bridge knows where the peer is.
bridge()
{
	local loops

	need_module bridge
	setup_underlay
	no_noise
	ip -n "$a" link add br0 type bridge
	ip -n "$a" addr flush dev va
	ip -n "$a" link set va master br0
	ip -n "$a" link set br0 up
	ip -n "$a" addr add "$U4_A/24" dev br0
	make_wire w mode l2 || return
	ip -n "$a" addr flush dev w
	ip -n "$a" link set w master br0
	ip -n "$a" addr add "$W4_A/24" dev br0
	check "echoes over the wire" wait_for ns_ping "$a" "$W4_B"
	check "echoes over the underlay" wait_for ns_ping "$a" "$U4_B"
	check_eq "tx_loop" 0 "$(counter "$a" w tx_loop)"
	check "a stream over the wire" python3 "$SELFTESTS/streams.py" bulk "$a" "$W4_B" "$b" 100000
	# the bridge believes that the peer is beyond the wire: what the wire sends comes back to it
	loops=$(in_ns "$b" cat /sys/class/net/vb/address)
	ip netns exec "$a" bridge fdb replace "$loops" dev w master static
	ns_ping "$a" "$W4_B" -c 10 -W 1 >/dev/null
	ip netns exec "$a" bridge fdb del "$loops" dev w master
	ip netns exec "$a" bridge fdb replace "$loops" dev va master static
	check "echoes when the bridge knows better" wait_for ns_ping "$a" "$W4_B"
}

# Two wires in two underlays, the device of each in the other's: each is what the other is sent by.
two_underlays()
{
	local c=''

	setup_underlay
	setup_ns c
	no_noise
	in_ns "$c" sysctl -qw net.ipv6.conf.default.addr_gen_mode=1 net.ipv6.conf.default.accept_dad=0
	make_wire w net 1 || return
	check "echoes before" wait_for ns_ping "$a" "$W4_B"
	# a second wire, whose underlay is c and whose device is in a
	check "a wire of c" lw -n "$c" link add x encap vxlan mode l3 remote 10.5.0.2
	new_key aes-128-gcm "$TMP/x.tx"
	new_key aes-128-gcm "$TMP/x.rx"
	check "its key" lw -n "$c" sa add x rx tag 8 cipher aes-128-gcm key-file "$TMP/x.rx"
	check "its key" lw -n "$c" sa add x tx tag 9 cipher aes-128-gcm key-file "$TMP/x.tx"
	ip -n "$c" link set x netns "$a"
	ip -n "$a" addr add 10.6.0.1/24 dev x
	ip -n "$a" link set x up
	# w's device goes to c, and x is routed into it; w is routed into x
	ip -n "$a" link set w netns "$c"
	ip -n "$c" addr add "$W4_A/24" dev w
	ip -n "$c" link set w up
	ip -n "$c" route add 10.5.0.2/32 dev w
	check "echoes from c" wait_for ns_ping "$c" "$W4_B"
	route_by "$U4_B" x
	loops=$(counter "$a" w tx_loop)
	ns_ping "$c" "$W4_B" -c 10 -W 1 >/dev/null
	loops=$(($(counter "$a" w tx_loop) - loops))
	if [ "$loops" -lt 10 ] || [ "$loops" -ge 20 ]; then
		fail "tx_loop of w: $loops for 10 packets"
	fi
	mend "$U4_B"
	check "echoes from c when it is mended" wait_for ns_ping "$c" "$W4_B"
}

bound_to_itself()
{
	setup_underlay
	make_wire w || return
	check_fails "bound to itself" 2 "a wire cannot be bound to itself" lw -n "$a" link set w dev w
	check "echoes all the same" wait_for ns_ping "$a" "$W4_B"
	make_wire x net 2 || return
	check "one is bound to the other" lw -n "$a" link set w dev x
	check "and the other to the one" lw -n "$a" link set x dev w
	check_cut w 10.77.1.2
	check "unbound" lw -n "$a" link set w dev none
	check "unbound" lw -n "$a" link set x dev none
	check "echoes when they are not" wait_for ns_ping "$a" 10.77.1.2
}

for kind in "vxlan l2 4" "vxlan l3 6" "ipip l3 4" "ipip l3 6"; do
	# shellcheck disable=SC2086 # words
	tap_case "$kind: a wire routed into itself is cut" itself $kind
done
for family in 4 6; do
	tap_case "2 wires, one over the other, carry, IPv$family" over 2 $family
	tap_case "3 wires, one over the other, carry, IPv$family" over 3 $family
	tap_case "4 wires, one over the other, carry or are cut, IPv$family" deep $family
	tap_case "a wire routed into itself through a second one is cut, IPv$family" through 2 $family
	tap_case "a wire routed into itself through a third one is cut, IPv$family" through 3 $family
done
for kind in vlan bond macvlan vlan-bond; do
	tap_case "a wire routed into a device above it is cut: $kind" above $kind
done
tap_case "a wire is a port of the bridge with the underlay's address" bridge
tap_case "wires of two underlays, each routed into the other, are cut" two_underlays
tap_case "a wire is not bound to itself, and two bound to each other are cut" bound_to_itself
finish
