#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Super-packets are cut and each segment sealed, what is received is put together again; inner checksums are right
# whatever devices offload; bridges, VLANs and tunnels work over wires and wires over wires; pages of files stay whole.
#
#	netns h          netns a                         netns b          netns k
#	  hv ----------- av    w ...................... w    bv ---------- kv
#	                       va ---------------------- vb
. "$(dirname "$0")/lib.sh"

TRAFFIC=$SELFTESTS/traffic
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$SELFTESTS/peer WAIT_MS
h='' k=''
ADDRESSES=()

# wire KIND FAMILY: KIND as in "vxlan l2"
wire()
{
	local encap mode

	read -r encap mode <<< "$1"
	setup_underlay
	make_wire w encap "$encap" mode "$mode" family "$2" -- id 1 || return
	ADDRESSES=("$W4_A" "$W4_B" "$W6_A" "$W6_B")
}

offloads()
{
	check "$*" python3 "$TRAFFIC/offloads.py" "$@"
}

# no_drops NS...: nothing was dropped there by w
no_drops()
{
	local ns name value

	for ns; do
		for name in tx_segment tx_too_big tx_crypto tx_no_mem tx_inner rx_inner rx_auth rx_csum rx_replay rx_no_mem; do
			value=$(counter "$ns" w "$name")
			check_eq "$name of w in $ns" 0 "$value"
		done
	done
}

on_wire()
{
	local what=$1
	shift

	wire "$@" || return
	# TCP's super-packets are as long as they can be, however slow the machine (tcp_tso_autosize)
	in_ns "$a" sysctl -qw net.ipv4.tcp_tso_rtt_log=30
	offloads "$what" "$a" "$b" "${ADDRESSES[@]}" "${1% *}"
	no_drops "$a" "$b"
}

files_stay()
{
	wire "$@" || return
	offloads pages "$a" "$b" "${ADDRESSES[@]}" "$TMP/file"
	no_drops "$a" "$b"
}

# inner_veth NS DEVICE OUTER-NS DEVICE
inner_veth()
{
	ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
}

# inner_address NS DEVICE NET HOST
inner_address()
{
	ip -n "$1" addr add "10.$3.0.$4/24" dev "$2"
	ip -n "$1" addr add "fd$3::$4/64" dev "$2" nodad
}

checksums()
{
	wire "$@" || return
	setup_ns h
	inner_veth "$h" hv "$a" av
	inner_address "$h" hv 78 2
	inner_address "$a" av 78 1
	in_ns "$a" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip -n "$h" route add default via 10.78.0.1
	ip -n "$h" route add default via fd78::1
	ip -n "$b" route add 10.78.0.0/24 via "$W4_A" dev w
	ip -n "$b" route add fd78::/64 via "$W6_A" dev w
	# the wire's MTU, which h would learn, too
	ip -n "$h" link set hv mtu "$(in_ns "$a" cat /sys/class/net/w/mtu)"
	offloads matrix "$h" "$b" 10.78.0.2 "$W4_B" fd78::2 "$W6_B" \
		"hv@$h,av@$a,w@$a,w@$b,va@$a,vb@$b"
}

# setup_bridges FAMILY: hosts h and k, joined by a bridge in a, an L2 wire, a bridge in b
setup_bridges()
{
	local mtu end ns dev

	wire "vxlan l2" "$1" || return
	mtu=$(in_ns "$a" cat /sys/class/net/w/mtu)
	setup_ns h k
	inner_veth "$h" hv "$a" av
	inner_veth "$k" kv "$b" bv
	for end in "$a av" "$b bv"; do
		read -r ns dev <<< "$end"
		ip -n "$ns" addr flush dev w
		ip -n "$ns" link add name br0 mtu "$mtu" type bridge
		ip -n "$ns" link set "$dev" master br0
		ip -n "$ns" link set w master br0
		ip -n "$ns" link set br0 up
	done
	ip -n "$h" link set hv mtu "$mtu"
	ip -n "$k" link set kv mtu "$mtu"
	inner_address "$h" hv 79 1
	inner_address "$k" kv 79 2
}

bridged()
{
	setup_bridges "$1" || return
	offloads plain "$h" "$k" 10.79.0.1 10.79.0.2 fd79::1 fd79::2
	no_drops "$a" "$b"
}

# vlan_pair PARENT-SUFFIX PROTO ID NET: a VLAN device on each of hv, kv (or on their VLAN devices)
vlan_pair()
{
	local end ns dev host=0

	for end in "$h hv" "$k kv"; do
		read -r ns dev <<< "$end"
		host=$((host + 1))
		ip -n "$ns" link add link "$dev$1" name "$dev$1.$3" mtu "$(($(in_ns "$ns" cat "/sys/class/net/$dev$1/mtu") - 4))" \
			type vlan proto "$2" id "$3" || return
		ip -n "$ns" link set "$dev$1.$3" up
		inner_address "$ns" "$dev$1.$3" "$4" "$host"
	done
}

vlans()
{
	need_module 8021q
	setup_bridges "$1" || return
	vlan_pair "" 802.1Q 10 80 || return
	offloads plain "$h" "$k" 10.80.0.1 10.80.0.2 fd80::1 fd80::2 "hv@$h,kv@$k"
	vlan_pair "" 802.1ad 20 81 || return
	vlan_pair .20 802.1Q 30 82 || return
	offloads plain "$h" "$k" 10.82.0.1 10.82.0.2 fd82::1 fd82::2
	no_drops "$a" "$b"
}

# kernel_vxlan MTU NS ADDRESS PEER-ADDRESS HOST NS ADDRESS PEER-ADDRESS HOST DEVICE-ARG...
vxlan_end()
{
	local ns=$1 own=$2 peer=$3 host=$4 mtu=$5

	ip -n "$ns" link add vx mtu "$mtu" type vxlan id 7 local "$own" remote "$peer" dstport 4789 || return
	ip -n "$ns" link set vx up
	inner_address "$ns" vx 83 "$host"
}

vxlan_over_wire()
{
	local mtu

	need_module vxlan
	wire "$@" || return
	mtu=$(($(in_ns "$a" cat /sys/class/net/w/mtu) - 70))
	for pair in "$W4_A $W4_B" "$W6_A $W6_B"; do
		# shellcheck disable=SC2086 # words
		set -- $pair
		vxlan_end "$a" "$1" "$2" 1 "$mtu" && vxlan_end "$b" "$2" "$1" 2 "$mtu" || return
		offloads plain "$a" "$b" 10.83.0.1 10.83.0.2 fd83::1 fd83::2
		ip -n "$a" link del vx
		ip -n "$b" link del vx
	done
	no_drops "$a" "$b"
}

# The super-packets of a vxlan device come to the bridge, and so to the wire, with two sets of headers.
vxlan_over_bridge()
{
	local mtu

	need_module vxlan
	setup_bridges "$1" || return
	mtu=$(($(in_ns "$a" cat /sys/class/net/w/mtu) - 70))
	for pair in "10.79.0.1 10.79.0.2" "fd79::1 fd79::2"; do
		# shellcheck disable=SC2086 # words
		set -- $pair
		vxlan_end "$h" "$1" "$2" 1 "$mtu" && vxlan_end "$k" "$2" "$1" 2 "$mtu" || return
		offloads plain "$h" "$k" 10.83.0.1 10.83.0.2 fd83::1 fd83::2
		ip -n "$h" link del vx
		ip -n "$k" link del vx
	done
	no_drops "$a" "$b"
}

# wire_over_wire KIND FAMILY KIND FAMILY: the outer one, the inner one
wire_over_wire()
{
	local encap mode

	wire "$1" "$2" || return
	U4_A=$W4_A U4_B=$W4_B U6_A=$W6_A U6_B=$W6_B
	read -r encap mode <<< "$3"
	make_wire ww encap "$encap" mode "$mode" family "$4" net 2 || return
	offloads plain "$a" "$b" "$W4_A" "$W4_B" "$W6_A" "$W6_B"
	no_drops "$a" "$b"
	[ "$(counter "$b" ww rx_packets)" -gt 400 ] || fail "hardly anything came through the inner wire"
	[ "$(counter "$b" w rx_packets)" -gt "$(counter "$b" ww rx_packets)" ] || fail "it did not come through the outer wire"
}

for one in "vxlan l2,4" "vxlan l3,6" "ipip l3,4" "ipip l3,6"; do
	kind=${one%,*} family=${one#*,}
	named="$kind over IPv$family"
	tap_case "$named: TCP's super-packets are cut, each segment is sealed, the receiver puts them together" on_wire segments "$kind" "$family"
	[[ $kind == ipip* ]] || tap_case "$named: a super-packet of TCP's leaves as one train" on_wire whole "$kind" "$family"
	tap_case "$named: UDP_SEGMENT's trains arrive as datagrams, and as trains by UDP_GRO" on_wire trains "$kind" "$family"
	tap_case "$named: sendfile and MSG_ZEROCOPY send the file and leave it whole" files_stay "$kind" "$family"
done
for one in "vxlan l2,4" "ipip l3,6"; do
	kind=${one%,*} family=${one#*,}
	tap_case "$kind over IPv$family: inner checksums are right with every combination of offloads" checksums "$kind" "$family"
done
for family in 4 6; do
	tap_case "bridges at both ends over IPv$family: all traffic passes" bridged "$family"
	tap_case "bridges at both ends over IPv$family: one and two VLAN tags pass, offloaded or not" vlans "$family"
	tap_case "bridges at both ends over IPv$family: a vxlan's super-packets pass" vxlan_over_bridge "$family"
done
tap_case "a vxlan device over a wire" vxlan_over_wire "vxlan l3" 4
tap_case "a vxlan device over an ipip wire" vxlan_over_wire "ipip l3" 6
tap_case "a wire over a wire: vxlan l2 over ipip" wire_over_wire "ipip l3" 4 "vxlan l2" 6
tap_case "a wire over a wire: ipip over vxlan l2" wire_over_wire "vxlan l2" 6 "ipip l3" 4
tap_case "a wire over a wire: both vxlan, one port" wire_over_wire "vxlan l3" 4 "vxlan l3" 4
finish
