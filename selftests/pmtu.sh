#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Who sends into a wire learns what fits through it, and what may be cut is cut.
#
#	netns h      netns a            netns r    netns s            netns b      netns k
#	 hv ------- av   w .............................................. w   bv ------- kv	routed
#	 hx ------- ax   |                                                |   bx ------- kx	bridged, L2 wires
#	                 va ------------ ra rm ------ sm sb ------------ vb
#	                                   the middle
. "$(dirname "$0")/lib.sh"

TRAFFIC=$SELFTESTS/traffic
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$SELFTESTS/peer WAIT_MS
h='' k='' s=''
KINDS=("vxlan l2 4" "vxlan l2 6" "vxlan l3 4" "vxlan l3 6" "ipip l3 4" "ipip l3 6")
NARROW=1400

# overhead ENCAP MODE FAMILY: of each packet, as documented
overhead()
{
	case "$*" in
	"vxlan l2 4") echo 74 ;;
	"vxlan l2 6") echo 94 ;;
	"vxlan l3 4") echo 60 ;;
	"vxlan l3 6") echo 80 ;;
	"ipip l3 4") echo 48 ;;
	"ipip l3 6") echo 68 ;;
	esac
}

# joined NS DEVICE NS DEVICE
joined()
{
	ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
}

# batch NS: commands of ip for a namespace, from standard input
batch()
{
	ip -n "$1" -batch -
}

# host NS DEVICE BRIDGED-DEVICE NET HOST: gets the addresses 10.NET.0.2 behind a router, and 10.80.0.HOST on the bridge
host()
{
	batch "$1" <<-END
		link set $2 up
		addr add 10.$4.0.2/24 dev $2
		addr add fd$4::2/64 dev $2 nodad
		route add default via 10.$4.0.1
		route add default via fd$4::1
		link set $3 up
		addr add 10.80.0.$5/24 dev $3
		addr add fd80::$5/64 dev $3 nodad
	END
}

# gateway NS OUTER NET4 NET6 DEVICE BRIDGED-DEVICE NET: an end of the wire, with the underlay address .2 and ::2
gateway()
{
	in_ns "$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	batch "$1" <<-END
		link set $2 up
		addr add $3.$8/24 dev $2
		addr add $4::$8/64 dev $2 nodad
		route add default via $3.254
		route add default via $4::fe
		link set $5 up
		addr add 10.$7.0.1/24 dev $5
		addr add fd$7::1/64 dev $5 nodad
		link add name br0 type bridge
		link set $6 master br0
		link set $6 up
		link set br0 up
	END
}

# hop NS OUTER NET4 NET6 MIDDLE HOST FAR4 FAR6
hop()
{
	in_ns "$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	batch "$1" <<-END
		link set $2 up
		addr add $3.254/24 dev $2
		addr add $4::fe/64 dev $2 nodad
		link set $5 up
		addr add 10.0.9.$6/24 dev $5
		addr add fd00:9::$6/64 dev $5 nodad
		route add $7.0/24 via 10.0.9.$((3 - $6))
		route add $8::/64 via fd00:9::$((3 - $6))
	END
}

world()
{
	setup_ns h a r s b k
	joined "$h" hv "$a" av
	joined "$h" hx "$a" ax
	joined "$a" va "$r" ra
	joined "$r" rm "$s" sm
	joined "$s" sb "$b" vb
	joined "$b" bv "$k" kv
	joined "$b" bx "$k" kx
	U4_A=10.0.0.1 U4_B=10.0.1.2 U6_A=fd00::1 U6_B=fd00:1::2
	hop "$r" ra 10.0.0 fd00 rm 1 10.0.1 fd00:1
	hop "$s" sb 10.0.1 fd00:1 sm 2 10.0.0 fd00
	gateway "$a" va 10.0.0 fd00 av ax 78 1
	gateway "$b" vb 10.0.1 fd00:1 bv bx 79 2
	host "$h" hv hx 78 1
	host "$k" kv kx 79 2
}

# the_middle MTU: and nothing is known of what it was
the_middle()
{
	local ns

	ip -n "$r" link set rm mtu "$1"
	ip -n "$s" link set sm mtu "$1"
	for ns in "$a" "$b" "$h" "$k"; do
		in_ns "$ns" sysctl -qw net.ipv4.route.flush=1
		ip -n "$ns" -6 route flush cache
	done
}

# new_wire ENCAP MODE FAMILY: w, with routes to the hosts behind each end
new_wire()
{
	the_middle 1500
	make_wire w encap "$1" mode "$2" family "$3" -- id 1 || return
	batch "$a" <<-END
		route add 10.79.0.0/24 via $W4_B dev w
		route add fd79::/64 via $W6_B dev w
	END
	batch "$b" <<-END
		route add 10.78.0.0/24 via $W4_A dev w
		route add fd78::/64 via $W6_A dev w
	END
}

no_wire()
{
	ip -n "$a" link del w
	ip -n "$b" link del w
}

# shrinks WORDS LEFT RIGHT V4 V4 V6 V6 ENCAP MODE FAMILY
shrinks()
{
	local ends=("${@:2:6}")

	check "$*" python3 "$TRAFFIC/shrink.py" "$1" $((NARROW - $(overhead "${@:8:3}"))) "${10}" "${ends[@]}" "$a" "$b" "$r" "$s"
}

made_here()
{
	the_middle 1500
	shrinks "made here" "$a" "$b" 10.77.1.1 10.77.1.2 fd77:1::1 fd77:1::2 "$@"
}

forwarded()
{
	the_middle 1500
	shrinks forwarded "$h" "$k" 10.78.0.2 10.79.0.2 fd78::2 fd79::2 "$@"
}

# A VLAN device gives the wire frames with a tag: what fits behind it is 4 bytes less.
tagged()
{
	local i=0 ns mtu

	the_middle "$NARROW"
	mtu=$(in_ns "$a" cat /sys/class/net/w/mtu)
	for ns in "$a" "$b"; do
		i=$((i + 1))
		batch "$ns" <<-END
			link add link w name w.5 type vlan id 5
			link set w.5 mtu $((mtu - 4)) up
			addr add 10.5.0.$i/24 dev w.5
			addr add fd05::$i/64 dev w.5 nodad
		END
	done
	check "TCP over IPv4" python3 "$SELFTESTS/streams.py" bulk "$a" 10.5.0.2 "$b" 200000
	check "TCP over IPv6" python3 "$SELFTESTS/streams.py" bulk "$a" fd05::2 "$b" 200000
	ip -n "$a" link del w.5
	ip -n "$b" link del w.5
}

# The wire takes what the hosts send, and says what fits: a bridge itself would drop without a word.
bridged()
{
	local ns

	the_middle 1500
	for ns in "$a" "$b"; do
		ip -n "$ns" addr flush dev w
		ip -n "$ns" link set w mtu 1500
		ip -n "$ns" link set w master br0
	done
	shrinks bridged "$h" "$k" 10.80.0.1 10.80.0.2 fd80::1 fd80::2 "$@"
}

# default_mtu ENCAP MODE FAMILY: from the route's MTU, be it the device's or its own
default_mtu()
{
	local -n local_addr=U$3_A remote=U$3_B
	local mtu via=10.0.0.254 want

	[ "$3" = 4 ] || via=fd00::fe
	for mtu in 1500 1391 1280; do
		ip -n "$a" "-$3" route replace "$remote" via "$via" dev va mtu "$mtu"
		check "route MTU $mtu" lw -n "$a" link add x encap "$1" mode "$2" local "$local_addr" remote "$remote" || return
		want=$((mtu - $(overhead "$@")))
		check_eq "MTU of $* over a route of $mtu" "$want" "$(in_ns "$a" cat /sys/class/net/x/mtu)"
		ip -n "$a" link del x
	done
	ip -n "$a" "-$3" route del "$remote" via "$via" dev va
}

# believed ENCAP MODE FAMILY
believed()
{
	local -n remote=U$3_B

	the_middle 1500
	check "$*" python3 "$TRAFFIC/quotes.py" "$a" "$r" "$1" "$3" "$remote" 10.77.1.2 "$(overhead "$@")"
}

world
for kind in "${KINDS[@]}"; do
	read -ra words <<< "$kind"
	named="${words[0]} ${words[1]} over IPv${words[2]}"
	tap_case "$named: the default MTU is the route's less $(overhead "${words[@]}")" default_mtu "${words[@]}"
	new_wire "${words[@]}"
	tap_case "$named: ICMP errors count if they quote a packet of ours, 8 bytes of it or more" believed "${words[@]}"
	tap_case "$named: the path shrinks, local senders learn it, TCP goes on" made_here "${words[@]}"
	tap_case "$named: the path shrinks, hosts behind routers learn it, TCP goes on" forwarded "${words[@]}"
	[ "${words[1]}" = l3 ] || tap_case "$named: the path is narrow, TCP through VLAN devices goes on" tagged
	[ "${words[1]}" = l3 ] ||
		tap_case "$named: the path shrinks, hosts behind bridges learn it, TCP goes on" bridged "${words[@]}"
	no_wire
done
finish
