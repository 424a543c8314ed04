#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a second round of attacks found. A tenant holds the device of wire w in a netns $t of his own; the underlay,
# with all that shapes and resolves there, is not his.
. "$(dirname "$0")/lib.sh"

setup_tenant()
{
	setup_underlay
	setup_ns t
	# shellcheck disable=SC2154 # t: by setup_ns
	make_wire w && ip -n "$a" link set w netns "$t" &&
		ip -n "$t" addr add "$W4_A/24" dev w && ip -n "$t" link set w up &&
		check "ping through the tenant's wire" ns_ping "$t" "$W4_B" -c 1
}

# datagrams N BYTES OPTIONS FLAGS: from the tenant, over the wire; socket options as Python tuples, flags of sendto()
datagrams()
{
	in_ns "$t" python3 - "$W4_B" "$@" <<-'EOF'
	import socket, sys
	to, n, size, options, flags = sys.argv[1], *map(eval, sys.argv[2:])
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	for option in options:
	    s.setsockopt(socket.SOL_SOCKET, *option)
	for i in range(n):
	    s.sendto(bytes(size), flags, (to, 9))
	EOF
}

# sent CLASS: packets that it has sent or dropped
sent()
{
	tc -n "$a" -s class show dev va | awk -v c="$1" '$3 == c { on = 1 } on && /Sent/ { print $4; exit }'
}

# past all classes
direct()
{
	tc -n "$a" -s qdisc show dev va | sed -n 's/.*direct_packets_stat \([0-9]*\).*/\1/p'
}

# A priority that names a class goes past the filters of an HTB; one that names the qdisc goes past all shaping.
tenant_picks_no_class()
{
	local size before

	need_module sch_htb
	setup_tenant || return
	tc -n "$a" qdisc add dev va root handle 1: htb default 10 || return
	tc -n "$a" class add dev va parent 1: classid 1:10 htb rate 100mbit
	tc -n "$a" class add dev va parent 1: classid 1:20 htb rate 100mbit
	before=$(direct)	# what the underlay had to say while there was no class
	# sealed in place, and in a new buffer (as fragments of what does not fit)
	for size in 100 3000; do
		datagrams 20 "$size" '[(socket.SO_PRIORITY, 0x10020)]' 0
		datagrams 20 "$size" '[(socket.SO_PRIORITY, 0x10000)]' 0
	done
	wait_for test "$(sent 1:10)" -ge 80
	check_eq "packets in the class that the tenant named" 0 "$(sent 1:20)"
	check_eq "packets past the shaper" 0 "$(($(direct) - before))"
	[ "$(sent 1:10)" -ge 80 ] || fail "$(sent 1:10) packets in the default class"
}

# seconds since the underlay's neighbour, the peer, was confirmed
confirmed()
{
	ip -n "$a" -s neigh show to "$U4_B" dev va | sed -n 's|.*used [0-9]*/\([0-9]*\)/.*|\1|p'
}

# Whoever sends with MSG_CONFIRM has heard of his own neighbour, not of the underlay's.
tenant_confirms_no_neighbour()
{
	setup_tenant || return
	ip -n "$a" neigh replace "$U4_B" lladdr "$(in_ns "$b" cat /sys/class/net/vb/address)" dev va nud reachable
	sleep 3
	[ "$(confirmed)" -ge 2 ] || fail "the neighbour was confirmed $(confirmed) s ago"
	datagrams 1 100 '[]' socket.MSG_CONFIRM
	[ "$(confirmed)" -ge 2 ] || fail "the tenant confirmed the underlay's neighbour"
}

# record SOURCE: a keepalive from the peer of w, over IPv6, newer than any before, as if SOURCE had sent it
record()
{
	in_ns "$b" python3 - "$SELFTESTS/peer" "$TAG_BA" "$KEY_BA" "$(in_ns "$a" cat /sys/class/net/va/address)" \
		"$U6_A" "$1" <<-'EOF'
	import base64, socket, sys, time
	sys.path.insert(0, sys.argv[1])
	import inet, wire
	tag, key, mac, to, source = sys.argv[2:]
	key = wire.Key("aes-128-gcm", base64.b64decode(open(key).read()))
	sealed = key.seal(int(tag, 0), wire.PACKET, (time.time_ns() >> 6) + (1 << 30), b"")
	packet = wire.outer("vxlan", inet.address(source), inet.address(to), sealed)
	with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as port:
	    port.bind(("vb", 0))
	    port.send(inet.ethernet(inet.mac(mac), bytes(6), packet))
	EOF
}

remote_is()
{
	lw -n "$a" link show w | grep -q "remote $1 "
}

# A wire that roams follows nobody to an address that no request could give it.
roams_nowhere()
{
	local source

	setup_underlay
	make_wire w family 6 -- roam on || return
	for source in :: ::ffff:10.0.0.2 fe80::1; do
		check_counts 1 "$a" w rx_keepalives record "$source"
		remote_is "$U6_B" || fail "the wire has followed its peer to $source"
	done
	record fd00::77
	wait_for remote_is fd00::77 ||
		fail "the wire has not followed its peer to fd00::77"
}

tap_case "a tenant's priority picks no class in the underlay" tenant_picks_no_class
tap_case "a tenant's MSG_CONFIRM confirms no neighbour in the underlay" tenant_confirms_no_neighbour
tap_case "a wire roams to no address that it could not be given" roams_nowhere
finish
