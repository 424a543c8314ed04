#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Of several kernels, the first is enough.
#
# lwctl topo graph: a picture of what a file says, and of what is live of it.
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/topo/graphs.sh"

EXAMPLES=$SELFTESTS/../Documentation/examples

need_lwctl_draw()
{
	[ -x "$(dirname "$LWCTL")/lwctl-draw" ] || skip "no lwctl-draw beside $LWCTL"
}

# drawn FILE WORDS...: the picture in DOT
drawn()
{
	lw topo graph "$@" -T dot -o -
}

# how many wires there are of a colour
of_color()
{
	drawn "$F" -live | grep -cE -- "-- .*color=\"$1"
}

files_of_each_kind()
{
	local before

	need_lwctl_draw
	triangle tri
	for kind in svg dot; do
		check "$kind" lw topo graph "$F" -o "$TMP/picture.$kind"
		[ -s "$TMP/picture.$kind" ] || fail "no picture.$kind"
	done
	check "it is SVG" grep -q '</svg>' "$TMP/picture.svg"
	check "the same again" cmp "$TMP/picture.svg" <(lw topo graph "$F" -o -)
	check_eq "nothing else in the directory" "picture.dot picture.svg" "$(cd "$TMP" && echo picture*)"
	check_fails "another kind" 1 "svg, png or dot" lw topo graph "$F" -o "$TMP/picture.jpg"
	check_fails "no file" 1 "where to" lw topo graph "$F"
	before=$(cksum < "$TMP/picture.svg")
	echo 'graph { a:x -- b:x; a:x -- c:x }' > "$TMP/conflict.dot"
	check_fails "a file with conflicts" 1 "used twice" lw topo graph "$TMP/conflict.dot" -o "$TMP/picture.svg"
	check_eq "what was there before" "$before" "$(cksum < "$TMP/picture.svg")"
}

png()
{
	local said

	need_lwctl_draw
	triangle tri
	said=$(lw topo graph "$F" -o "$TMP/picture.png" 2>&1) || case $said in
	*Landlock*) skip "this kernel has no Landlock, or no seccomp" ;;
	*) fail "$said" ;;
	esac
	check "it is PNG" grep -qa '^.PNG' "$TMP/picture.png"
}

each_example()
{
	need_lwctl_draw
	for f in "$EXAMPLES"/*.dot; do
		check "$(basename "$f")" lw topo graph "$f" -o "$TMP/example.svg"
	done
}

live_states()
{
	need python3 ping
	triangle tri
	check_eq "nothing is live" 3 "$(of_color '#d7191c.*dashed')"
	comes_up "$F"
	check_eq "up" 3 "$(of_color '#1a9850')"
	ip -n tri.a link set x down
	check_eq "down" 1 "$(of_color '#868e96')"
	ip -n tri.a link set x up
	lw -n tri.b+underlay sa delete id "$(wire_id b z)" tx
	check_eq "broken" 1 "$(of_color '#d7191c')"
	sed -i '/c:x/d' "$F"
	check_eq "not in the file" 1 "$(of_color '#8e44ad')"
	goes_down "$F"
}

# wire_id NODE INTERFACE: in its underlay
wire_id()
{
	lw -n "tri.$1+underlay" -j link show | python3 -c 'import json, sys
for w in json.load(sys.stdin):
    if w["ifname"] == sys.argv[1]:
        print(w["id"])' "$2"
}

what_passes()
{
	need ping
	file flow.dot <<< 'graph flow { a:x -- b:y [lw_tail_addr="192.0.2.1/30", lw_head_addr="192.0.2.2/30"] }'
	comes_up "$F"
	! drawn "$F" -live | grep -E 'n0 -- n1.*([0-9] M|[0-9]{3} k)bit/s' || fail "much passes on a quiet wire"
	in_ns flow.a ping -q -n -i 0.002 -s 1400 -w 10 192.0.2.2 > /dev/null &
	sleep 0.5
	drawn "$F" -live > "$TMP/busy"
	# (a slow machine sends fewer)
	grep -qE 'n0 -- n1.*label=<([0-9.]+ M|[0-9]{3} k)bit/s' "$TMP/busy" || fail "little passes: $(grep -- ' -- ' "$TMP/busy")"
	kill "$!" 2> /dev/null
	wait
	goes_down "$F"
}

BEFORE=$(leftovers)
tap_case "a picture as SVG and DOT; nothing of it where it is refused" files_of_each_kind
tap_case "a picture as PNG" png
tap_case "all examples can be drawn" each_example
tap_case "each state has its colour" live_states
tap_case "what passes is written on the wire" what_passes
finish
