#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Of several kernels, the first is enough.
# lwctl topo: a DOT file comes up as wires, each of them proven; only what differs is changed; a refusal leaves what was.
#
# Real files of other people's are looked for in ../shared/data/dot, and skipped where they are not.
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/topo/graphs.sh"

# set by setup_ns
mine='' given='' blue=''

DATA=$SELFTESTS/../../shared/data/dot
EXAMPLES=$SELFTESTS/../Documentation/examples

# --------------------------------------------------------------------------------------------------------------- cases

up_and_down()
{
	need python3
	[ -r "$1" ] || skip "no $1"
	comes_up "$1"
	goes_down "$1"
}

reference()
{
	local f=$DATA/cumulus-reference.dot shown

	need python3
	[ -r "$f" ] || skip "no $f"
	comes_up "$f"
	shown=$(proven "$f")
	check_eq "what is proven" "59 wires proven, 12 of them from a node to itself, 188 pings" "$shown"
	check_eq "nodes" 16 "$(find /run/netns -name 'vx.*' ! -name '*+underlay' | wc -l)"
	check_eq "interface called eth0" UP \
		"$(ip -n vx.server01 -br link show eth0 | awk '{ print $2 == "UNKNOWN" ? "UP" : $2 }')"
	goes_down "$f"
}

# frames of a wire from a node to itself are seen in the underlay, as UDP packets
self_wire_is_encapsulated()
{
	local before after

	need python3
	file self.dot <<< 'graph self { a:p -- a:q; a -- a; b:p -- b:q [lw_encap=ipip] }'
	comes_up "$F"
	before=$(ip -n self.a+underlay -s -j link show lo | jq_number rx packets)
	check "frames" proven "$F"
	after=$(ip -n self.a+underlay -s -j link show lo | jq_number rx packets)
	[ "$((after - before))" -ge 20 ] || fail "only $((after - before)) packets in the underlay for 20 frames"
	goes_down "$F"
}

jq_number()
{
	python3 -c 'import json, sys
print(json.load(sys.stdin)[0]["stats64"][sys.argv[1]][sys.argv[2]])' "$@"
}

apply_again_changes_nothing()
{
	local first

	need python3
	triangle
	comes_up "$F"
	first=$(facts "$F")
	check "apply again" lw topo apply "$F"
	check_eq "ifindex, ids, addresses, SAs" "$first" "$(facts "$F")"
	sed -i 's/a:x -- b:y/& [lw_mtu=1400]/' "$F"
	for verb in check plan show apply destroy; do
		check "JSON of $verb" python3 -m json.tool <(lw -j topo "$verb" "$F") /dev/null
	done
	wait_for same_as_before || fail "left behind"
}

only_the_difference()
{
	local kept lost peer

	need python3 ping
	triangle
	comes_up "$F"
	kept=$(facts "$F" '^a:x')
	peer=$(address "$F" b y)
	in_ns tri.a ping -q -n -i 0.005 -c 400 -W 2 "$peer" > "$TMP/flood" &
	triangle tri 'd:x -- a:v; d -- b; e'
	sed -i '/c:x/d; s/b:z -- c:y/& [lw_mtu=1400, lw_hold=2000, lw_cipher="aes-128-gcm"]/' "$F"
	lw topo plan "$F" > "$TMP/plan"
	for line in '^- wire .*a:z' '^\+ node d' '^\+ node e' '^\+ wire d:x -- a:v' '^\+ wire d -- b' \
		    '^~ wire b:z -- c:y +mtu 1500 -> 1400, hold 0 -> 2000, cipher aes-256-gcm -> aes-128-gcm' \
		    '4 to add, 1 to change, 1 to remove'; do
		grep -qE -- "$line" "$TMP/plan" || fail "not in the plan: $line"
	done
	check_eq "lines of the plan" 7 "$(wc -l < "$TMP/plan")"
	comes_up "$F"
	wait
	lost=$(sed -n 's/.* \([0-9.]*\)% packet loss.*/\1/p' "$TMP/flood")
	check_eq "lost on a wire that stays, in percent" 0 "$lost"
	check_eq "the wire that stays" "$kept" "$(facts "$F" '^a:x')"
	check_eq "mtu" 1400 "$(in_ns tri.b cat /sys/class/net/z/mtu)"
	goes_down "$F"
}

values_reach_the_device()
{
	local dev addr

	need python3 ping
	file big.dot <<< 'graph big { edge [lw_mtu=9000]; a:x -- b:x; a:y -- b:y [lw_encap=ipip, lw_hold=2500] }'
	comes_up "$F"
	for dev in x y; do
		addr=$(address "$F" b "$dev")
		check "9,000 bytes across $dev" ns_ping big.a "$addr" -I "$dev" -M 'do' -s 8972
		check_fails "one more" 1 "" ns_ping big.a "$addr" -I "$dev" -M 'do' -s 8973
	done
	check_eq "hold" 2500 "$(lw -n big.a+underlay -j link show id "$(id_of "$F" a y)" | python3 -c \
		'import json, sys; print(json.load(sys.stdin)[0]["hold"])')"
	goes_down "$F"
}

rekey_loses_nothing()
{
	local before after lost peer

	need python3 ping
	triangle
	comes_up "$F"
	before=$(facts "$F" '^a:x' | sed 's/\[(.*//')
	peer=$(address "$F" b y)
	in_ns tri.a ping -q -n -i 0.005 -c 300 -W 2 "$peer" > "$TMP/flood" &
	sed -i 's/a:x -- b:y/& [lw_cipher="chacha20-poly1305"]/' "$F"
	comes_up "$F"
	sed -i 's/chacha20-poly1305/aes-128-gcm/' "$F"
	comes_up "$F"
	wait
	lost=$(sed -n 's/.* \([0-9.]*\)% packet loss.*/\1/p' "$TMP/flood")
	check_eq "lost, in percent" 0 "$lost"
	after=$(facts "$F" '^a:x' | sed 's/\[(.*//')
	check_eq "ifindex, id, addresses" "$before" "$after"
	check_eq "SAs at each end" "2 2" "$(facts "$F" '^a:x' | awk -F "'[rt]x'" '{ print NF - 1 }' | xargs)"
	goes_down "$F"
}

what_cannot_change_is_replaced()
{
	need python3
	triangle
	comes_up "$F"
	sed -i 's/a:x -- b:y/& [lw_mode=l3]/' "$F"
	check "the plan says so" grep -q 'made anew:  mode l2 -> l3' <(lw topo plan "$F")
	comes_up "$F"
	sed -i 's/lw_mode=l3/lw_encap=ipip/' "$F"
	check "the plan says so" grep -q 'made anew:  encap vxlan -> ipip' <(lw topo plan "$F")
	comes_up "$F"
	goes_down "$F"
}

drift_is_mended()
{
	need python3
	triangle
	comes_up "$F"
	ip -n tri.a link del x
	check "a key goes" lw -n tri.b+underlay sa del id "$(id_of "$F" b z)" tx
	ip -n tri.c addr flush dev x
	ip -n tri+fabric link del n2
	lw topo plan "$F" > "$TMP/plan"
	for line in '^~ node b +its link to the underlay network is missing$' \
		    '^~ wire a:x -- b:y +made anew: +its end at a is missing$' \
		    '^~ wire b:z -- c:y +new keys: its ends do not hear each other$' \
		    '^~ wire c:x -- a:z +\+10\.[0-9.]+/31, \+fd6c:.*/127$' \
		    '0 to add, 4 to change, 0 to remove'; do
		grep -qE -- "$line" "$TMP/plan" || fail "not in the plan: $line, but: $(cat "$TMP/plan")"
	done
	comes_up "$F"
	ip netns del tri.b
	comes_up "$F"
	goes_down "$F"
}

id_of()
{
	lw -j topo show "$1" | python3 -c 'import json, sys
for w in json.load(sys.stdin)["wires"]:
    for e in w["ends"]:
        if [e["node"], e["ifname"]] == sys.argv[1:]:
            print(e["id"])' "$2" "$3"
}

others_are_not_touched()
{
	local BEFORE

	need python3
	setup_ns mine
	BEFORE=$(leftovers)
	triangle tri 'd:x -- a:v'
	comes_up "$F"
	check "a wire of somebody else's" lw -n tri.a+underlay link add other encap vxlan local 169.254.0.1 \
		remote 169.254.0.99 label "lw:triangle:0000000000000000:0"
	ip -n tri.a addr add 192.0.2.7/32 dev x
	triangle
	comes_up "$F"
	check "it is still there" lw -n tri.a+underlay link show other
	check "an address of somebody else's too" grep -q 192.0.2.7 <(ip -n tri.a addr show dev x)
	goes_down "$F"
	check "a namespace of somebody else's too" ip -n "$mine" link show lo
}

side_by_side()
{
	local one two kept

	need python3
	triangle one; one=$F
	triangle two; two=$F
	comes_up "$one"
	kept=$(facts "$one")
	comes_up "$two"
	check "the first, beside the second" proven "$one"
	check "destroy the second" lw topo destroy "$two"
	check_eq "the first" "$kept" "$(facts "$one")"
	goes_down "$one"
}

given_namespace()
{
	need python3
	setup_ns given
	file given.dot <<< "graph given { a [lw_netns=\"$given\"]; a:eth0 -- b:eth0 }"
	comes_up "$F"
	check "the device is there" ip -n "$given" link show eth0
	check "destroy" lw topo destroy "$F"
	check "the namespace stays" ip -n "$given" link show lo
	check_fails "the device is gone" 1 "does not exist" ip -n "$given" link show eth0
	file given.dot <<< 'graph given { a [lw_netns=nosuch]; a:eth0 -- b:eth0 }'
	check_fails "a namespace that is not there" 1 'given.dot:1: node a: there is no network namespace nosuch' \
		lw topo apply "$F"
	ip netns add given.b
	NS_LIST+=(given.b)
	file given.dot <<< 'graph given { a:eth0 -- b:eth0 }'
	check_fails "a name that is taken" 1 'given.dot:1: node b: there is a network namespace given.b already' \
		lw topo apply "$F"
	check "and left alone" ip -n given.b link show lo
}

odd_names()
{
	need python3
	file odd.dot <<-'END'
	graph "Zürich & so on" {
		"Zürich HB":"Gleis 1/2" -- "a.b:c":"an interface with a long name"
		"" -- "Zürich HB"
		lo:lo -- "..":"%d"
		"../../etc" -- "a
		b"
	}
	END
	comes_up "$F"
	check "names in /run/netns" test -e '/run/netns/Z%c3%bcrich%20%26%20so%20on.Z%c3%bcrich%20HB'
	goes_down "$F"
}

# each example of the man page, as it stands there
man_page()
{
	local page=$SELFTESTS/../Documentation/linkwire-topology.5 n closed

	need python3
	[ -r "$page" ] || skip "no $page"
	setup_ns blue
	BEFORE=$(leftovers)
	awk -v out="$TMP/example" '/^\.EX/ { n++; on = 1; next } /^\.EE/ { on = 0 } on { print > out n ".dot" }' "$page"
	n=$(find "$TMP" -name 'example*.dot' | wc -l)
	[ "$n" -ge 6 ] || fail "only $n examples found"
	for F in "$TMP"/example*.dot; do
		sed -i "s/\\\\-/-/g; s/\\\\(:u/ü/g; s/= blue/= \"$blue\"/" "$F"
		if grep -q lw_floor "$F" && ! modprobe -q cls_fw; then
			note "without cls_fw: $(basename "$F") is not tried"
			continue
		fi
		closed=()
		! grep -q 'client > firewall' "$F" || closed=("client -- server")
		comes_up "$F" "${closed[@]}" || note "$(cat "$F")"
		goes_down "$F"
	done
}

# a process in a node's namespace keeps that, but no wire
held_namespace()
{
	local held other

	triangle held
	comes_up "$F"
	other=$(ip -n held.b -4 -br addr show y | awk '{ sub("/.*", "", $3); print $3 }')
	ip netns exec held.a sleep 1000 &
	held=$!
	wait_for grep -q sleep "/proc/$held/comm"
	check "a pings b" nsenter --net="/proc/$held/ns/net" ping -n -q -c 1 -W 5 "$other"
	! has_no_wire "$held" || fail "no wire there before"
	check "destroy" lw topo destroy "$F"
	! nsenter --net="/proc/$held/ns/net" ping -n -q -c 1 -W 1 "$other" > /dev/null 2>&1 || fail "a still pings b"
	wait_for has_no_wire "$held" || fail "in the namespace is left: $(nsenter --net="/proc/$held/ns/net" ip -br link)"
	comes_up "$F"
	goes_down "$F"
	kill "$held"
}

has_no_wire()
{
	! nsenter --net="/proc/$1/ns/net" ip -br link | grep -q '^[xz][@ ]'
}

refusals()
{
	local out

	for verb in check apply destroy; do
		out=$(lw topo "$verb" - 2>&1 <<< 'graph { a -- b }')
		check_eq "exit status of $verb, without a name" 1 "$?"
		check_eq "what is told of $verb" "lwctl: -: the graph has no name, and the file gives it none" "$out"
	done
	check_fails "a file that is not there" 1 'nosuch.dot: No such file' lw topo apply "$TMP/nosuch.dot"
	file empty.dot < /dev/null
	check_fails "an empty file" 1 'empty.dot: there is no graph in it' lw topo apply "$F"
	file broken.dot <<< $'graph {\n a -- b\n c -- \n}'
	check_fails "a broken file" 1 "broken.dot:4: syntax error near '}'" lw topo apply "$F"
	file all.dot <<-'END'
	graph all {
		lw_pool4="10.0.0.0/31"; lw_tennant=x
		a:p -- b:p [lw_cypher=none]
		a:p -- c:p [lw_mtu=9]
		c:q -- d:q [lw_encap=ipip, lw_mode=l2, lw_hold=soon]
		d:r -- a:r [lw_mtu=1279]
		d:s -- a:s [lw_tail_addr="10.0.0.300"]
		d:t -- a:t [lw_tail_addr="192.0.2.1/31", lw_head_addr="192.0.2.9/31"]
	}
	END
	out=$(lw topo apply "$F" 2>&1)
	check_eq "exit status" 1 "$?"
	for line in 'lw_tennant on the graph: there is no such attribute; the nearest is lw_tenant' \
		    'all.dot:3: lw_cypher on a:p -- b:p: there is no such attribute; the nearest is lw_cipher' \
		    'all.dot:4: interface p of node a is used twice: by a:p -- b:p and by a:p -- c:p' \
		    'all.dot:4: .*lw_mtu "9" is no number' \
		    'all.dot:5: .*lw_mode can only be l3' \
		    'all.dot:5: .*lw_hold "soon" is no number' \
		    'all.dot:6: .*too small for IPv6' \
		    'all.dot:7: .*"10.0.0.300" is no address' \
		    'all.dot:8: .*192.0.2.1/31 at d:t has no address of a:t in its network' \
		    'lw_pool4 10.0.0.0/31 is exhausted'; do
		grep -qE "$line" <<< "$out" || fail "not told: $line"
	done
	check_eq "what is told" 11 "$(wc -l <<< "$out")"
	check_eq "what is there" "$BEFORE" "$(leftovers)"
	[ -r "$DATA/cumulus-bad-quotes.dot" ] || skip "no cumulus-bad-quotes.dot"
	check_fails "bad quotes" 1 'cumulus-bad-quotes.dot:7: syntax error' lw topo apply "$DATA/cumulus-bad-quotes.dot"
	check_eq "what is there" "$BEFORE" "$(leftovers)"
}

ip netns add "topo-$$" && ip netns del "topo-$$"	# the directory is there from now on
BEFORE=$(leftovers)
tap_case "what is wrong with a file is told, all of it, and nothing applied" refusals
tap_case "the Cumulus reference: 59 wires proven, and nothing left afterwards" reference
tap_case "the Cumulus ring comes up and goes down" up_and_down "$DATA/cumulus-3switch-circular.dot"
for example in "$EXAMPLES"/*.dot; do
	tap_case "Documentation/examples/$(basename "$example") comes up and goes down" up_and_down "$example"
done
tap_case "each example of linkwire-topology(5) comes up and goes down" man_page
tap_case "a wire from a node to itself goes through the underlay" self_wire_is_encapsulated
tap_case "a second apply changes nothing" apply_again_changes_nothing
tap_case "a changed file changes only what differs, and others lose no packet" only_the_difference
tap_case "MTU and hold time reach the device, and 9,000 bytes its peer" values_reach_the_device
tap_case "another cipher: new keys on the same device, no packet lost" rekey_loses_nothing
tap_case "what cannot change is made anew, and the plan says so" what_cannot_change_is_replaced
tap_case "what somebody broke is mended" drift_is_mended
tap_case "what is not ours is not touched" others_are_not_touched
tap_case "two topologies with the same names do not meet" side_by_side
tap_case "lw_netns: a namespace that is not ours is used, and kept" given_namespace
tap_case "a process in a node's namespace keeps no wire" held_namespace
tap_case "odd names" odd_names
finish
