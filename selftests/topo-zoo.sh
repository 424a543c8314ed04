#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Of several kernels, the last is enough.
#
# Networks that nobody here drew: the Internet Topology Zoo's (Knight et al., IEEE JSAC 29(9), 2011) and a leaf-spine
# reference. All are read, checked, planned and drawn; four come up, and every node reaches every other one by routes.
#
# Looked for in ../shared/data, and skipped where they are not.
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/topo/graphs.sh"

DATA=$SELFTESTS/../../shared/data

# node_count GRAPHML, edge_count GRAPHML: by a reader that is not ours
node_count()
{
	grep -c '<node ' "$1"
}

edge_count()
{
	grep -c '<edge ' "$1"
}

all_are_read()
{
	local f name said

	[ -d "$DATA/zoo" ] || skip "no $DATA/zoo"
	for f in "$DATA"/zoo/*.graphml; do
		name=$(basename "$f" .graphml)
		said=$(lw -j topo check "$f" | python3 -c \
			'import json, sys; t = json.load(sys.stdin); print(t["nodes"], t["wires"])')
		check_eq "$name: nodes and wires" "$(node_count "$f") $(edge_count "$f")" "$said"
		check "$name: plan" lw topo plan "$f"
		check "$name: picture" lw topo graph "$f" -o "$TMP/$name.svg"
		grep -q '</svg>' "$TMP/$name.svg" || fail "$name: no whole picture"
		rm -f "$TMP/$name.svg"
	done
}

# reaches FILE LEAST: it comes up, at least so many pairs of nodes and families reach each other, and goes down
reaches()
{
	need python3
	[ -r "$1" ] || skip "no $1"
	check "apply $1" lw topo apply "$1" lw_routes=on || return
	check "every pair" pairs "$1" "$2"
	check_eq "a second apply" "nothing to change" "$(lw topo apply "$1" lw_routes=on | sed 's/.*: //')"
	goes_down "$1"
}

pairs()
{
	lw -j topo show "$1" lw_routes=on | python3 "$SELFTESTS/topo_pairs.py" "$2"
}

# the middle wire of the file goes, while all other wires between two nodes are flooded
one_edge_less()
{
	local f=$DATA/zoo/Geant2012.graphml less=$TMP/Geant2012.graphml gone before after lost

	need python3
	[ -r "$f" ] || skip "no $f"
	# for the flood, of 120 ways
	export WAIT_MS=$((5 * WAIT_MS))
	check "apply" lw topo apply "$f" || return
	gone=$(grep -n '<edge ' "$f" | sed -n 30p | cut -d: -f1)
	sed "$gone,/<\\/edge>/d" "$f" > "$less"
	check_eq "edges less" 1 $(($(edge_count "$f") - $(edge_count "$less")))
	before=$(facts "$less" | grep -v not-in-file)
	lw -j topo show "$less" | python3 "$SELFTESTS/topo_flood.py" "$TMP/stop" > "$TMP/flood" 2>&1 &
	wait_for grep -q flooding "$TMP/flood" || fail "no flood: $(cat "$TMP/flood")"
	lw topo apply "$less" > "$TMP/applied" || fail "apply: $(cat "$TMP/applied")"
	grep -q '0 to add, 0 to change, 1 to remove' "$TMP/applied" || fail "$(tail -n 2 "$TMP/applied")"
	touch "$TMP/stop"
	wait
	lost=$(tail -n 1 "$TMP/flood")
	check_eq "on 60 wires, both ways: $lost" "lost 0" "${lost##*, }"
	# what is counted grows; ids, ifindexes, addresses and SAs are what they were
	after=$(facts "$less")
	check_eq "all others" "$before" "$after"
	goes_down "$less"
}

BEFORE=$(leftovers)
tap_case "20 networks of the Zoo: read as they are written, planned, drawn" all_are_read
tap_case "Abilene: every node reaches every other one" reaches "$DATA/zoo/Abilene.graphml" 220
tap_case "AttMpls: every node reaches every other one" reaches "$DATA/zoo/AttMpls.graphml" 1200
tap_case "Geant2012: every node reaches every other one" reaches "$DATA/zoo/Geant2012.graphml" 3120
tap_case "the Cumulus reference: every node reaches every other one" reaches "$DATA/dot/cumulus-reference.dot" 480
tap_case "Geant2012: one edge less under a flood on all others, which lose nothing and stay as they are" one_edge_less
finish
