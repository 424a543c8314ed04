#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What happens to a wire, its device, its underlay and the module while packets are on their way: traffic comes back by
# itself where it can, what is lost meanwhile is counted under its reason, and in the end nothing is left.
. "$(dirname "$0")/lib.sh"

export PYTHONDONTWRITEBYTECODE=1 WAIT_MS

ROUNDS=3 RELOADS=7 WIRES=12
# Objects of one slab cache, and kilobytes of per-cpu memory, by which a round of reloads may end with more than it began.
# What the allocator keeps for each CPU is counted as in use, so one round may; a loss shows in each: of one object
# for each end of a wire, 168 a round.
SLAB_MARGIN=84 PERCPU_MARGIN_KB=170

TRAFFIC=()

# traffic NAMESPACE ADDRESS NAMESPACE: a stream of packets in the background. It lives in the first namespace, and ends
# with it at the latest.
traffic()
{
	ip netns exec "$1" python3 "$SELFTESTS/streams.py" flood "$@" 600 &
	TRAFFIC+=($!)
	disown
}

# traffic_across: both ways over the wire made last
traffic_across()
{
	traffic "$a" "$W4_B" "$b"
	traffic "$b" "$W4_A" "$a"
}

traffic_ends()
{
	local pid

	for pid in "${TRAFFIC[@]}"; do
		kill "$pid" 2>/dev/null
		wait_for __gone "$pid"
	done
	TRAFFIC=()
}

__gone()
{
	! kill -0 "$1"
}

crosses()
{
	check "$1: echoes cross, IPv4" wait_for ns_ping "$a" "$W4_B"
}

crosses6()
{
	check "$1: echoes cross, IPv6" wait_for ns_ping "$a" "$W6_B"
}

# check_grows NAMESPACE WIRE COUNTER WHAT: it must grow, with the traffic that is there
check_grows()
{
	local before

	before=$(counter "$1" "$2" "$3")
	check "$4: $3 of $2 grows" wait_for __counted "$((before + 20))" "$1" "$2" "$3"
}

# check_still NAMESPACE WIRE COUNTER WHAT: it must not
check_still()
{
	local before

	before=$(counter "$1" "$2" "$3")
	sleep 0.2
	check_eq "$4: $3 of $2" "$before" "$(counter "$1" "$2" "$3")"
}

# --------------------------------------------------------------------------------------------------------- the device

down_and_up()
{
	local i

	setup_underlay
	make_wire w "$@" || return
	crosses "before"
	traffic_across
	for i in 1 2; do
		ip -n "$b" link set w down
		check_grows "$b" w rx_down "b's device is down"
		check_still "$b" w rx_packets "b's device is down"
		ip -n "$b" link set w up
		ip -n "$b" addr add "$W6_B/64" dev w nodad
		crosses "up again ($i)"
		crosses6 "up again ($i)"
		check_still "$b" w rx_down "b's device is up again"
	done
}

renamed()
{
	local id n

	setup_underlay
	make_wire w || return
	ip -n "$a" link set w down
	ip -n "$a" link set w up
	ip -n "$a" addr add "$W6_A/64" dev w nodad
	traffic_across
	crosses "before"
	id=$(lw -n "$a" -j link show w | sed -n 's/.*"id": *\([0-9]*\).*/\1/p' | head -n 1)
	n=$(counter "$a" w rx_packets)
	# kernels before 6.2 rename a device only when it is down
	if ! ip -n "$a" link set w name other-w 2>/dev/null; then
		ip -n "$a" link set w down
		check "rename" ip -n "$a" link set w name other-w
		ip -n "$a" link set other-w up
		ip -n "$a" addr add "$W6_A/64" dev other-w nodad
	fi
	crosses "renamed"
	crosses6 "renamed"
	check_fails "its old name" 2 "w" lw -n "$a" link show w
	check_eq "its id" "$id" "$(lw -n "$a" -j link show other-w | sed -n 's/.*"id": *\([0-9]*\).*/\1/p' | head -n 1)"
	[ "$(counter "$a" other-w rx_packets)" -gt "$n" ] || fail "rx_packets went back from $n"
	check "SAs are found by the new name" grep -q '"dir"' <(lw -n "$a" -j sa show other-w)
}

# to_netns FROM TO: a's device
to_netns()
{
	check "to $2" ip -n "$1" link set w netns "$2"
	__wire_end "$2" w "$W4_A" "$W6_A"
	ip -n "$2" link set w up
	check "echoes cross from $2, IPv4" wait_for ns_ping "$2" "$W4_B"
	check "echoes cross from $2, IPv6" wait_for ns_ping "$2" "$W6_B"
}

moved()
{
	local c='' d=''

	setup_underlay
	setup_ns c d
	make_wire w "$@" || return
	traffic "$b" "$W4_A" "$a"
	traffic "$a" "$W4_B" "$b"
	traffic "$c" "$W4_B" "$b"
	to_netns "$a" "$c"
	to_netns "$c" "$d"
	to_netns "$d" "$a"
}

deleted_under_traffic()
{
	local i before

	setup_underlay
	# keeps the UDP port open
	check "another wire" lw -n "$a" link add other encap vxlan mode l3 remote "$U4_B"
	check "another wire" lw -n "$a" link add other6 encap vxlan mode l3 remote "$U6_B"
	make_wire w "$@" || return
	traffic_across
	for i in 1 2; do
		crosses "wire $i"
		check "delete a's end" lw -n "$a" link del w
		before=$(counter "$a" underlay rx_no_sa)
		check "what comes for it is counted" wait_for __counted "$((before + 20))" "$a" underlay rx_no_sa
		check "delete b's end, as any link" ip -n "$b" link del w
		make_wire w "$@" || return
	done
}

# ----------------------------------------------------------------------------------------------------------- underlay

# The peers' addresses are on loopback devices, and there are two links between a and b.
setup_two_links()
{
	setup_underlay
	ip link add va2 netns "$a" type veth peer name vb2 netns "$b"
	__underlay_end "$a" va2 10.0.2.1 fd00:2::1
	__underlay_end "$b" vb2 10.0.2.2 fd00:2::2
	ip -n "$a" addr add 10.9.0.1/32 dev lo
	ip -n "$b" addr add 10.9.0.2/32 dev lo
	ip -n "$a" addr add fd09::1/128 dev lo nodad
	ip -n "$b" addr add fd09::2/128 dev lo nodad
	over_link "" add
	U4_A=10.9.0.1 U4_B=10.9.0.2 U6_A=fd09::1 U6_B=fd09::2
}

# over_link {""|2} {add|replace}
over_link()
{
	local net=0 net6=fd00::

	if [ "$1" = 2 ]; then
		net=2 net6=fd00:2::
	fi
	ip -n "$a" route "$2" 10.9.0.2 via "10.0.$net.2" src 10.9.0.1
	ip -n "$b" route "$2" 10.9.0.1 via "10.0.$net.1" src 10.9.0.2
	ip -n "$a" -6 route "$2" fd09::2 via "${net6}2" src fd09::1
	ip -n "$b" -6 route "$2" fd09::1 via "${net6}1" src fd09::2
}

sent_by()
{
	in_ns "$1" cat "/sys/class/net/$2/statistics/tx_packets"
}

# check_leaves_by NAMESPACE DEVICE OTHER: what a sends takes DEVICE, and OTHER no more
check_leaves_by()
{
	local device other

	device=$(sent_by "$1" "$2") other=$(sent_by "$1" "$3")
	ns_ping "$1" "$W4_B" -c 20 -i 0.01 >/dev/null
	[ "$(sent_by "$1" "$2")" -ge $((device + 20)) ] || fail "$2 sent $(($(sent_by "$1" "$2") - device)) packets, not 20"
	[ "$(sent_by "$1" "$3")" -lt $((other + 20)) ] || fail "$3 still sends"
}

route_changes()
{
	setup_two_links
	make_wire w "$@" || return
	crosses "first link"
	check_leaves_by "$a" va va2
	traffic_across
	over_link 2 replace
	crosses "second link"
	traffic_ends
	check_leaves_by "$a" va2 va
	traffic_across
	over_link "" replace
	crosses "first link again"
	traffic_ends
	check_leaves_by "$a" va va2
}

# no_route FAMILY KIND...: whatever it is that the routing table says
no_route()
{
	local what dst=10.9.0.2 family=$1
	shift

	setup_two_links
	[ "$family" = 4 ] || dst=fd09::2
	make_wire w family "$family" || return
	crosses "before"
	traffic "$a" "$W4_B" "$b"
	for what; do
		ip -n "$a" "-$family" route flush "$dst"
		ip -n "$a" "-$family" route add "$what" "$dst"
		check_grows "$a" w tx_no_route "$what"
		check_still "$a" w tx_packets "$what"
		ip -n "$a" "-$family" route flush "$dst"
		ip -n "$a" "-$family" route del "$what" "$dst" 2>/dev/null
		over_link "" replace
		crosses "$what is mended"
		check_still "$a" w tx_no_route "$what is mended"
	done
	ip -n "$a" "-$family" route flush "$dst"
	check_grows "$a" w tx_no_route "no route at all"
	over_link "" replace
	crosses "there is a route again"
}

# A peer that is not there (yet): nobody answers for its address, and then somebody does.
peer_unreachable()
{
	setup_underlay
	make_wire w "$@" || return
	traffic_across
	ip -n "$b" link set vb down
	check_fails "nobody is there" 1 "100% packet loss" ns_ping "$a" "$W4_B" -W 1
	ip -n "$b" link set vb up
	ip -n "$b" addr add "$U6_B/64" dev vb nodad 2>/dev/null
	crosses "the peer is back"
}

# The address that a wire says it has is taken away, and given back.
local_address_gone()
{
	local family=$1 address=$U4_A/24 nodad=''

	setup_underlay
	[ "$family" = 4 ] || { address=$U6_A/64 nodad=nodad; }
	make_wire w family "$family" || return
	traffic_across
	crosses "before"
	ip -n "$a" addr del "$address" dev va
	check_grows "$a" w tx_no_route "a's own address is gone"
	# shellcheck disable=SC2086 # none or one word
	ip -n "$a" addr add "$address" dev va $nodad
	crosses "a's own address is back"
}

underlay_made_again()
{
	local i

	setup_underlay
	make_wire w "$@" || return
	traffic_across
	for i in 1 2; do
		crosses "underlay $i"
		check "delete the underlay device" ip -n "$a" link del va
		check_grows "$a" w tx_no_route "no underlay device"
		ip link add va netns "$a" type veth peer name vb netns "$b"
		__underlay_end "$a" va "$U4_A" "$U6_A"
		__underlay_end "$b" vb "$U4_B" "$U6_B"
	done
	crosses "in the end"
}

# A wire bound to a device stays bound to that one when it goes, and says so; it is bound to another by hand.
bound_device()
{
	setup_two_links
	make_wire w "$@" -- || return
	check "bind a's end to va" lw -n "$a" link set w dev va
	check "bind b's end to vb" lw -n "$b" link set w dev vb
	traffic_across
	crosses "bound to the first link"
	check "bind a's end to va2" lw -n "$a" link set w dev va2
	check "bind b's end to vb2" lw -n "$b" link set w dev vb2
	over_link 2 replace
	crosses "bound to the second link"
	traffic_ends
	check_leaves_by "$a" va2 va
	traffic_across
	ip -n "$a" link del va2
	check_grows "$a" w tx_no_route "the device that it is bound to is gone"
	over_link "" replace
	check_grows "$a" w tx_no_route "there is a route, by another device"
	check "bind a's end to va" lw -n "$a" link set w dev va
	check "bind b's end to vb" lw -n "$b" link set w dev vb
	crosses "bound to the first link again"
}

other_port_and_peer()
{
	setup_two_links
	make_wire w encap vxlan mode l2 || return
	traffic_across
	crosses "before"
	check "a's port" lw -n "$a" link set w port 5000 remote-port 5001
	check "b's port" lw -n "$b" link set w port 5001 remote-port 5000
	crosses "other ports"
	check "a's peer" lw -n "$a" link set w local 10.0.0.1 remote 10.0.0.2
	check "b's peer" lw -n "$b" link set w local 10.0.0.2 remote 10.0.0.1
	crosses "other addresses"
	check "a's peer" lw -n "$a" link set w local fd09::1 remote fd09::2
	check "b's peer" lw -n "$b" link set w local fd09::2 remote fd09::1
	crosses "another family"
}

# --------------------------------------------------------------------------------------------------------- the module

unload_under_traffic()
{
	local i ns

	setup_underlay
	for i in 1 2; do
		make_wire w "$@" || return
		crosses "load $i"
		traffic_across
		sleep 0.2
		check "unload" unload_module
		for ns in "$a" "$b"; do
			check_fails "the device is gone" 1 "not exist" ip -n "$ns" link show w
			check_eq "UDP sockets that nobody has" "" "$(leftover_sockets "$ns")"
		done
		check "load" load_module
		traffic_ends
	done
}

# The port of a wire, which no process has.
leftover_sockets()
{
	in_ns "$1" ss -Huan "sport = :4790"
}

# active objects of each cache of which the module, or what it calls, may take any
slabs()
{
	awk 'NR > 2 && ($1 ~ /^(kmalloc|UDP|dst_|rt6|ip6_dst|ip_dst|skbuff|net_namespace|sock_inode)/) { print $1, $2 }' /proc/slabinfo
}

percpu_kb()
{
	sed -n 's/^Percpu: *\([0-9]*\).*/\1/p' /proc/meminfo
}

# One reload, with wires that carry packets; all kinds of them.
reload()
{
	lw -n "$a" -batch "$TMP/add.a" && lw -n "$b" -batch "$TMP/add.b" &&
	lw -n "$a" -batch "$TMP/key.1.a.rx" && lw -n "$b" -batch "$TMP/key.1.b.rx" &&
	lw -n "$a" -batch "$TMP/key.1.a.tx" && lw -n "$b" -batch "$TMP/key.1.b.tx" &&
	ip -n "$a" -batch "$TMP/up.a" && ip -n "$b" -batch "$TMP/up.b" &&
	wait_for ns_ping "$a" 10.80.0.2 && wait_for ns_ping "$b" 10.80.0.$((4 * WIRES - 3)) &&
	unload_module && load_module
}

# settled ROUND: what there is after it. What a netns or a CPU's list still holds for a moment is no loss.
settled()
{
	sync
	echo 3 > /proc/sys/vm/drop_caches
	sleep 1
	slabs | sort > "$TMP/slabs.$1"
	percpu_kb > "$TMP/percpu.$1"
}

# grown ROUND ROUND: what there is more of than a margin in the second
grown()
{
	local percpu=$(($(cat "$TMP/percpu.$2") - $(cat "$TMP/percpu.$1")))

	join "$TMP/slabs.$1" "$TMP/slabs.$2" | awk '{ print $3 - $2, $1 }' | sort -rn > "$TMP/grown.$2"
	note "round $2: $(head -n 3 "$TMP/grown.$2" | tr '\n' ';') per-cpu: $percpu kB"
	: > "$TMP/exceeding.$2"
	# KASAN keeps what was freed, and counts it; what it hides is kmemleak's to find
	grep -q kasan_quarantine_put /proc/kallsyms ||
		awk -v margin="$SLAB_MARGIN" '$1 >= margin { print $2 }' "$TMP/grown.$2" > "$TMP/exceeding.$2"
	[ "$percpu" -lt "$PERCPU_MARGIN_KB" ] || echo "per-cpu memory" >> "$TMP/exceeding.$2"
}

reloads()
{
	local i ns round

	setup_underlay
	python3 "$SELFTESTS/many_wires.py" "$TMP" "$WIRES" "$U4_A" "$U4_B"
	for ns in "$a" "$b"; do
		in_ns "$ns" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	done
	traffic "$a" 10.80.0.2 "$b"
	traffic "$b" 10.80.0.5 "$a"
	for ((i = 0; i < 3; i++)); do
		check "reload before the first measurement" reload || return
	done
	settled 0
	for ((round = 1; round <= ROUNDS; round++)); do
		for ((i = 0; i < RELOADS; i++)); do
			check "reload $i of round $round" reload || return
		done
		settled "$round"
		grown "$((round - 1))" "$round"
	done
	for ns in "$a" "$b"; do
		check_eq "UDP sockets that nobody has" "" "$(leftover_sockets "$ns")"
	done
	check "slab caches were looked at" [ "$(wc -l < "$TMP/grown.1")" -gt 5 ]
	check_eq "what had grown by the end of each round" "" \
		"$(cat "$TMP"/exceeding.* | sort | uniq -c | awk -v rounds="$ROUNDS" '$1 == rounds { print $2, $3 }')"
}

tap_case "a device goes down and up under traffic, L2" down_and_up mode l2
tap_case "a device goes down and up under traffic, ipip over IPv6" down_and_up encap ipip family 6
tap_case "a device is renamed under traffic, and keeps its id, counters and SAs" renamed
tap_case "a device moves between namespaces under traffic, L2" moved mode l2
tap_case "a device moves between namespaces under traffic, L3" moved encap ipip
tap_case "wires are deleted and made again under traffic, vxlan" deleted_under_traffic mode l2
tap_case "wires are deleted and made again under traffic, ipip over IPv6" deleted_under_traffic encap ipip family 6
tap_case "traffic follows the route to the peer, vxlan over IPv4" route_changes
tap_case "traffic follows the route to the peer, ipip over IPv6" route_changes encap ipip family 6
tap_case "without a route to the peer packets are counted, until there is one, IPv4" no_route 4 unreachable prohibit
tap_case "without a route to the peer packets are counted, until there is one, IPv6" no_route 6 blackhole throw
tap_case "a peer that nobody answers for is reached when it is there" peer_unreachable
tap_case "our own address goes and comes, IPv4" local_address_gone 4
tap_case "our own address goes and comes, IPv6" local_address_gone 6
tap_case "the underlay device is deleted and made again, IPv4" underlay_made_again mode l2
tap_case "the underlay device is deleted and made again, IPv6" underlay_made_again encap ipip family 6
tap_case "a wire is bound to one device and then another, one of which goes" bound_device
tap_case "port, peer and family change under traffic" other_port_and_peer
tap_case "the module is unloaded under traffic, vxlan" unload_under_traffic mode l2
tap_case "the module is unloaded under traffic, ipip over IPv6" unload_under_traffic encap ipip family 6
tap_case "$((ROUNDS * RELOADS)) reloads with wires and traffic leave nothing behind" reloads
finish
