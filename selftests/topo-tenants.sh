#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Of several kernels, the first is enough.
#
# Topologies of several tenants on one machine, with the same names and the same addresses: each is planned, changed,
# rolled back and destroyed by itself, and nothing of one is seen in another.
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/topo/graphs.sh"

# the same file for both
tenants()
{
	triangle net
	sed -i 's/{/{ lw_pool4="10.44.0.0\/24"; lw_pool6="fd44::\/64";/' "$F"
}

# facts_of TENANT: what must not change when the other tenant's does
facts_of()
{
	lw -j topo show "$F" lw_tenant="$1" | jq -c '[.wires[] | [.name, .state, (.ends[] | [.id, .ifindex, .addresses])]]'
}

both_up()
{
	tenants
	check "apply of red" lw topo apply "$F" lw_tenant=red
	check_eq "plan of blue, with red there" "net: 7 to add, 0 to change, 0 to remove" \
		"$(lw topo plan "$F" lw_tenant=blue | tail -n 1 | sed 's,.*/,,')"
	check "apply of blue" lw topo apply "$F" lw_tenant=blue
}

both_down()
{
	lw topo destroy "$F" lw_tenant=red > /dev/null
	lw topo destroy "$F" lw_tenant=blue > /dev/null
	wait_for same_as_before || fail "left behind: $(diff <(echo "$BEFORE") <(leftovers) | grep '^[<>]' | tr '\n' ' ')"
}

# netns TENANT NODE
netns()
{
	lw -j topo show "$F" lw_tenant="$1" | jq -r --arg n "$2" '.nodes[] | select(.name == $n) | .netns'
}

same_addresses()
{
	local name

	need jq ping
	both_up
	check_eq "addresses of the two" "$(lw -j topo show "$F" lw_tenant=red | jq -c '.wires[].ends[].addresses')" \
		"$(lw -j topo show "$F" lw_tenant=blue | jq -c '.wires[].ends[].addresses')"
	check_eq "namespaces that both have" "" "$( (lw -j topo show "$F" lw_tenant=red
		lw -j topo show "$F" lw_tenant=blue) | jq -r '.nodes[] | .netns, .underlay_netns' | sort | uniq -d)"
	for name in red blue; do
		check "each wire of $name" proven_of "$name"
	done
	both_down
}

proven_of()
{
	lw -j topo show "$F" lw_tenant="$1" | python3 "$SELFTESTS/topo_wires.py"
}

# Packets of red's, each with a word in it that nothing else has, are looked for in every namespace of blue's, in those
# that are its underlay, and in the one that joins them.
nothing_is_seen()
{
	local ns peer red word=c0ffee77decaf123 n=0

	need jq ping tcpdump
	both_up
	red=$(netns red a)
	peer=$(lw -j topo show "$F" lw_tenant=red | jq -r '.wires[0].ends[1].addresses[0].local')
	for ns in $(ip netns list | sed -n 's/ .*//; /^blue/p'); do
		ip netns exec "$ns" tcpdump -i any -n --immediate-mode -U -w "$TMP/$ns.pcap" 2> "$TMP/$ns.err" &
		wait_for grep -q "listening on" "$TMP/$ns.err" || fail "tcpdump in $ns: $(cat "$TMP/$ns.err")"
		n=$((n + 1))
	done
	[ "$n" -eq 7 ] || fail "$n namespaces of blue's, not 7"
	ip netns exec "$red" tcpdump -i any -n --immediate-mode -U -w "$TMP/red.pcap" 2> "$TMP/red.err" &
	wait_for grep -q "listening on" "$TMP/red.err" || fail "tcpdump in $red"
	check "red's flood" in_ns "$red" ping -q -f -c 500 -p "$word" "$peer"
	sleep 0.5
	# shellcheck disable=SC2046 # numbers
	kill $(jobs -p)
	wait 2> /dev/null
	check "red sees its own" holds "$word" "$TMP/red.pcap"
	for ns in "$TMP"/blue*.pcap; do
		check_eq "packets of red's in $ns" 0 "$(tcpdump -n -r "$ns" 2> /dev/null | grep -c 'ICMP echo')"
		! holds "$word" "$ns" || fail "red's packets are in $ns"
	done
	# and the other way round: nobody there answers for blue's addresses but blue itself
	ns_counts_nothing "$(netns blue a)"
	both_down
}

holds()
{
	xxd -p "$2" | tr -d '\n' | grep -q "$1"
}

# its wires have carried nothing but what the system says by itself (neighbours, groups)
ns_counts_nothing()
{
	local got

	got=$(lw -j topo show "$F" lw_tenant=blue | jq '[.wires[].ends[].rx_packets] | add')
	[ "$got" -lt 200 ] || fail "blue has received $got packets while red sent 1000 ($1)"
}

one_at_a_time_each()
{
	local kept LINKWIRE_STATE_DIR=$TMP/each

	need jq
	mkdir -m 700 "$LINKWIRE_STATE_DIR"
	export LINKWIRE_STATE_DIR
	both_up
	kept=$(facts_of blue)
	sed 's/a:x -- b:y/& [lw_mtu=1400]/; /c:x/d' "$F" > "$TMP/other.dot"
	check "a change of red" lw topo apply "$TMP/other.dot" lw_tenant=red
	check_eq "blue" "$kept" "$(facts_of blue)"
	check_eq "plan of blue" "net: nothing to change" "$(lw topo plan "$F" lw_tenant=blue | sed 's,.*/,,')"
	check_eq "generations of red" 2 "$(lw -j topo log red/net | jq '.generations | length')"
	check_eq "generations of blue" 1 "$(lw -j topo log blue/net | jq '.generations | length')"
	check "rollback of red" lw topo rollback red/net 1
	check_eq "plan of red" "net: nothing to change" "$(lw topo plan "$F" lw_tenant=red | sed 's,.*/,,')"
	check_eq "blue" "$kept" "$(facts_of blue)"
	check "destroy of red" lw topo destroy "$F" lw_tenant=red
	check_eq "blue" "$kept" "$(facts_of blue)"
	check "each wire of blue" proven_of blue
	check "destroy of nobody's" lw topo destroy "$F"
	check_eq "blue" "$kept" "$(facts_of blue)"
	both_down
}

# both at work at the same time
at_once()
{
	need jq
	tenants
	lw topo apply "$F" lw_tenant=red > "$TMP/red" 2>&1 &
	lw topo apply "$F" lw_tenant=blue > "$TMP/blue" 2>&1
	check "blue is done" grep -q "done" "$TMP/blue"
	wait $!
	check "red is done" grep -q "done" "$TMP/red"
	check "each wire of red" proven_of red
	check "each wire of blue" proven_of blue
	both_down
}

# Root in a node does to its namespace what he may: a device whose other names take as long to tell as can be, devices with
# the highest indexes that there are.
in_the_way()
{
	local i n names

	need jq python3
	file way.dot <<< 'graph way { a:x -- b:x }'
	check "apply" lw topo apply "$F"
	ip -n way.a link add other type dummy
	for n in {0..84}; do
		names=()
		for i in {0..5}; do
			names+=(altname "$(printf '%0127d' $((n * 6 + i)))")
		done
		ip -n way.a link property add dev other "${names[@]}"
	done 2> /dev/null
	n=$(ip -n way.a -j link show other | jq '.[0].altnames | length')
	[ "$n" -ge 470 ] || fail "$n other names only"
	for i in 1073741823 1073741824 1073741825 2147483647; do
		check "a device with the index $i" ip -n way.a link add "d$i" index "$i" type dummy
	done
	check_eq "a plan" "way: nothing to change" "$(lw topo plan "$F")"
	sed -i 's/a:x -- b:x/&; a:y -- b:y; a:z -- b:z [lw_cipher=none]/' "$F"
	check "apply beside all that" lw topo apply "$F"
	check "each wire" proven "$F"
	check_eq "a plan" "way: nothing to change" "$(lw topo plan "$F" 2> /dev/null)"
	check "destroy" lw topo destroy "$F"
	wait_for same_as_before || fail "left behind: $(diff <(echo "$BEFORE") <(leftovers) | grep '^[<>]' | tr '\n' ' ')"
}

ip netns add "topo-$$" && ip netns del "topo-$$"	# the directory is there from now on
BEFORE=$(leftovers)
tap_case "two tenants have the same names and the same addresses" same_addresses
tap_case "what one tenant sends is seen nowhere at the other's" nothing_is_seen
tap_case "one is changed, rolled back and destroyed, and the other does not notice" one_at_a_time_each
tap_case "two are made at the same time" at_once
tap_case "what root in a node may do to its namespace is not in the way" in_the_way
finish
