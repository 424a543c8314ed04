#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Of several kernels, the first is enough.
#
# lwctl topo: routes between all nodes; what is denied is dropped whatever the offender does; chains are passed in order;
# a tenant cannot send what the graph does not place behind his wire.
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/topo/graphs.sh"

# loopback FILE NODE FAMILY
loopback()
{
	lw -j topo show "$1" | python3 -c 'import json, sys
for n in json.load(sys.stdin)["nodes"]:
    if n["name"] == sys.argv[1]:
        print(*[a["local"] for a in n["loopback"] if (":" in a["local"]) == (sys.argv[2] == "6")])' "$2" "$3"
}

# ring NAME [MORE]: five nodes in a ring, with routes; sets F
ring()
{
	file "$1.dot" <<-END
	graph $1 {
		lw_routes=on
		a:r -- b:l; b:r -- c:l; c:r -- d:l; d:r -- e:l; e:r -- a:l
		$2
	}
	END
}

# soon NAMESPACE ADDRESS [PING-ARG...]: one echo is answered before long
soon()
{
	wait_for ns_ping "$1" "$2" -c 1 -W 1 "${@:3}" || fail "no echo from $1 to $2"
}

# never NAMESPACE ADDRESS [PING-ARG...]: no echo of five is answered
never()
{
	! ns_ping "$1" "$2" -c 5 -W 1 "${@:3}" > /dev/null 2>&1 || fail "an echo from $1 to $2"
}

every_pair()
{
	local from to family n=0

	need python3 ping
	ring ring
	comes_up "$F"
	for from in a b c d e; do
		for to in a b c d e; do
			for family in 4 6; do
				[ "$from" = "$to" ] && continue
				soon "ring.$from" "$(loopback "$F" "$to" "$family")"
				n=$((n + 1))
			done
		done
	done
	check_eq "pairs" 40 "$n"
	check "forwarding" grep -q 1 <(in_ns ring.a cat /proc/sys/net/ipv4/ip_forward)
	goes_down "$F"
}

# a wire goes: what went over it goes the other way round; the others notice nothing
around()
{
	local lost

	need python3 ping
	ring turn
	comes_up "$F"
	soon turn.a "$(loopback "$F" c 4)"
	soon turn.c "$(loopback "$F" e 4)"
	in_ns turn.c ping -q -n -i 0.005 -c 1000 -W 2 "$(loopback "$F" e 4)" > "$TMP/flood" &
	sed -i 's/a:r -- b:l; //' "$F"
	check "the plan tells of routes" grep -qE '~ node a +.*routes?' <(lw topo plan "$F")
	comes_up "$F"
	wait
	lost=$(sed -n 's/.* \([0-9.]*\)% packet loss.*/\1/p' "$TMP/flood")
	check_eq "lost on the other side of the ring, in percent" 0 "$lost"
	soon turn.a "$(loopback "$F" b 4)"
	soon turn.a "$(loopback "$F" b 6)"
	ip -n turn.c route flush proto 76
	comes_up "$F"
	soon turn.c "$(loopback "$F" a 4)"
	sed -i '/lw_routes=on/d' "$F"
	comes_up "$F"
	check_eq "routes left" "" "$(ip -n turn.c route show proto 76)"
	goes_down "$F"
}

# c may not talk with a, whatever root in its namespace does
denied()
{
	local a4 a6 c4 via via6

	need python3 ping nft
	# (allowed sources would drop it at the victim's wire, before nftables)
	ring deny 'lw_sources=off; a -- c [lw_access=deny]'
	comes_up "$F"
	a4=$(loopback "$F" a 4) a6=$(loopback "$F" a 6) c4=$(loopback "$F" c 4)
	soon deny.b "$a4"
	soon deny.c "$(loopback "$F" b 4)"
	never deny.c "$a4"
	never deny.c "$a6"
	never deny.a "$c4"

	# the offender takes away what his own namespace has, and makes routes of his own, both ways round
	in_ns deny.c nft delete table inet linkwire
	via=$(ip -n deny.b -4 -br addr show r | awk '{ sub("/.*", "", $3); print $3 }')
	via6=$(ip -n deny.b -6 -br addr show r | awk '{ sub("/.*", "", $3); print $3 }')
	ip -n deny.c route replace "$a4/32" via "$via" dev l metric 1
	ip -n deny.c route del "$a4/32" proto 76
	ip -n deny.c -6 route replace "$a6/128" via "$via6" dev l metric 1
	never deny.c "$a4"
	never deny.c "$a4" -I "$c4"
	never deny.c "$a6"
	check "dropped on the way, at b" grep -q 'packets [1-9]' <(in_ns deny.b nft list chain inet linkwire denied)
	# where nobody on the way drops it, the victim does
	in_ns deny.b nft delete table inet linkwire
	never deny.c "$a4" -I "$c4"
	check "dropped at the victim" grep -q 'packets [1-9]' <(in_ns deny.a nft list chain inet linkwire denied)

	ip -n deny.c route del "$a4/32" metric 1
	ip -n deny.c -6 route del "$a6/128" metric 1
	comes_up "$F"
	never deny.c "$a4"
	sed -i 's/a -- c \[lw_access=deny\]//' "$F"
	comes_up "$F"
	soon deny.c "$a4"
	check_eq "tables left" "" "$(in_ns deny.a nft list tables)"
	goes_down "$F"
}

# hops FROM TO: which nodes of the topology $3 answer that a packet's time is up, in order
hops()
{
	local ttl addr

	for ((ttl = 1; ttl < 8; ttl++)); do
		addr=$(in_ns "$1" ping -n -c 1 -W 2 -t "$ttl" "$2" | sed -n 's/^From \([0-9.]*\).*exceeded.*/\1/p')
		[ -n "$addr" ] || break
		lw -j topo show "$F" | python3 -c 'import json, sys
t = json.load(sys.stdin)
for n in t["nodes"]:
    if sys.argv[1] in [a["local"] for a in n.get("loopback", [])]:
        print(n["name"])
for w in t["wires"]:
    for e in w["ends"]:
        if sys.argv[1] in [a["local"] for a in e["addresses"]]:
            print(e["node"])' "$addr"
	done | xargs
}

chain()
{
	local client server

	need python3 ping
	ring chain 'lw_chain_web="a > d > b"'
	check "apply" lw topo apply "$F"
	check_eq "a second apply" "chain: nothing to change" "$(lw topo apply "$F")"
	client=$(loopback "$F" a 4) server=$(loopback "$F" b 4)
	soon chain.a "$server"
	soon chain.b "$client"
	check_eq "from a to b, by d" "e d c" "$(hops chain.a "$server")"
	check_eq "from b to a, by d" "c d e" "$(hops chain.b "$client")"
	soon chain.a "$(loopback "$F" b 6)"
	check_eq "from a to c, as ever" "b" "$(hops chain.a "$(loopback "$F" c 4)")"
	never chain.a "$(ip -n chain.b -4 -br addr show l | awk '{ sub("/.*", "", $3); print $3 }')" -I r
	sed -i '/lw_chain/d' "$F"
	comes_up "$F"
	check_eq "from a to b without" "" "$(hops chain.a "$server")"
	check_eq "rules left" "" "$(ip -n chain.a rule show | grep -v -E 'lookup (local|main|default)')"
	goes_down "$F"
}

# root in b sends to a with the address of e, which a reaches by its other wire, and with one that is nobody's
spoofed()
{
	local a4 e4 before after

	need python3 ping
	ring spoof
	comes_up "$F"
	a4=$(loopback "$F" a 4) e4=$(loopback "$F" e 4)
	soon spoof.b "$a4"
	ip -n spoof.b addr add "$e4/32" dev lo
	ip -n spoof.b addr add 203.0.113.5/32 dev lo
	before=$(dropped a r)
	never spoof.b "$a4" -I "$e4"
	never spoof.b "$a4" -I 203.0.113.5
	after=$(dropped a r)
	[ "$after" -ge "$((before + 10))" ] || fail "not counted as from another source: $before, then $after"
	soon spoof.b "$a4" -I "$(loopback "$F" b 4)"
	sed -i 's/lw_routes=on/&; lw_sources=off/' "$F"
	check "the plan says so" grep -q 'allowed sources off' <(lw topo plan "$F")
	check "apply" lw topo apply "$F"
	check_eq "a second apply" "spoof: nothing to change" "$(lw topo apply "$F")"
	sed -i 's/; lw_sources=off//' "$F"
	comes_up "$F"
	never spoof.b "$a4" -I "$e4"
	goes_down "$F"
}

# dropped NODE INTERFACE: packets from a source that is not allowed
dropped()
{
	lw -j topo show "$F" | python3 -c 'import json, subprocess, sys
for w in json.load(sys.stdin)["wires"]:
    for e in w["ends"]:
        if [e["node"], e["ifname"]] == sys.argv[2:4]:
            out = subprocess.run([sys.argv[1], "-n", sys.argv[4], "-j", "stat", "id", str(e["id"])],
                                 capture_output=True, check=True).stdout
            found = json.loads(out)
            found = found[0] if isinstance(found, list) else found
            print(found.get("rx_source", found.get("stats", {}).get("rx_source")))' \
		"$LWCTL" "$1" "$2" "spoof.$1+underlay"
}

ip netns add "topo-$$" && ip netns del "topo-$$"	# the directory is there from now on
BEFORE=$(leftovers)
tap_case "each pair of nodes of a ring, IPv4 and IPv6" every_pair
tap_case "a wire goes, and routes go the other way round" around
tap_case "what is denied is dropped on the way and at the victim" denied
tap_case "a chain is passed in order, both ways" chain
tap_case "a source that is not behind the wire is dropped" spoofed
finish
