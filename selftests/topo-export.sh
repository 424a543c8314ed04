#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lwctl topo export: each node's part is imported in a namespace of its own, as if that were another machine.
#
#	$a 10.0.0.1 ---- veth ---- 10.0.0.2 $b
. "$(dirname "$0")/lib.sh"

net()
{
	F=$TMP/net.dot
	cat > "$F" <<-END
	graph net {
		left [lw_endpoint="$U4_A"]
		right [lw_endpoint="$U4_B"]
		left:frames -- right:frames [lw_hold=2000, lw_mtu=1380, lw_tail_addr="192.0.2.1/30", lw_head_addr="192.0.2.2/30"]
		left:packets -- right:packets [lw_encap=ipip, lw_mtu=1300, lw_cipher="chacha20-poly1305", lw_tail_addr="192.0.2.5/30", lw_head_addr="192.0.2.6/30"]
	}
	END
}

import()
{
	lw topo export "$F" --node "$1" | lw -n "$2" -batch -
}

pairs_work()
{
	need ping
	setup_underlay
	net
	check "left" import left "$a"
	check "right" import right "$b"
	check "frames" ns_ping "$a" 192.0.2.2
	check "packets" ns_ping "$b" 192.0.2.5
	check_eq "carrier" 4 "$( (lw -n "$a" link show; lw -n "$b" link show) | grep -c 'UP,CARRIER')"
	check_eq "hold" 2000 "$(lw -n "$a" -j link show frames | jq '.[0].hold')"
	check_eq "mtu" 1380 "$(ip -n "$a" -j link show frames | jq '.[0].mtu')"
	check_eq "addresses with the mark of a topology" 2 "$(ip -n "$a" -d -4 address show dev frames | grep -c '192.0.2.1/30\|proto')"
	check_eq "label" 1 "$(lw -n "$b" -j link show packets | jq -r '.[0].label' | grep -c '^lw:net:[0-9a-f]\{16\}:1$')"
}

# nothing is made, whatever -force says
wrong_machine()
{
	setup_underlay
	net
	lw topo export "$F" --node left > "$TMP/batch"
	chmod 600 "$TMP/batch"
	check_fails "import at the wrong one" 2 "$U4_A is no address of this machine" lw -n "$b" -batch "$TMP/batch"
	check_fails "with -force" 2 "$U4_A is no address of this machine" lw -n "$b" -force -batch "$TMP/batch"
	check_eq "wires" "" "$(lw -n "$b" link show)"
	check "import at the right one" lw -n "$a" -batch "$TMP/batch"
	check_eq "wires" 2 "$(lw -n "$a" -j link show | jq length)"
}

keys_are_once()
{
	setup_underlay
	net
	lw topo export "$F" --node left > "$TMP/one" 2> /dev/null
	lw topo export "$F" --node left > "$TMP/two" 2> /dev/null
	check_eq "keys that two exports share" 0 \
		"$(sort <(grep -o 'key .*' "$TMP/one") <(grep -o 'key .*' "$TMP/two") | uniq -d | wc -l)"
	lw topo export "$F" --node right > "$TMP/right"
	check_eq "keys that left and right share" 4 \
		"$(sort <(grep -o 'key .*' "$TMP/two") <(grep -o 'key .*' "$TMP/right") | uniq -d | wc -l)"
	chmod 600 "$TMP/two"
	check "import" lw -n "$a" -batch "$TMP/two"
	lw -n "$a" link delete frames packets
	check_fails "again" 2 "" lw -n "$a" -batch "$TMP/two"
}

where_it_goes()
{
	need script
	net
	check "to a file" lw topo export "$F" --node left -o "$TMP/file"
	check_eq "which others cannot read" 600 "$(stat -c %a "$TMP/file")"
	check_fails "to one that is there" 1 "is there already" lw topo export "$F" --node left -o "$TMP/file"
	check_fails "a node that is not" 1 "no node 'middle'" lw topo export "$F" --node middle
	check_fails "no node" 1 "which node" lw topo export "$F"
	script -qec "$LWCTL topo export $F --node left" /dev/null < /dev/null > "$TMP/terminal"
	grep -q 'terminal' "$TMP/terminal" || fail "not refused on a terminal: $(cat "$TMP/terminal")"
	! grep -q 'key ' "$TMP/terminal" || fail "keys on a terminal"
	sed -i 's/lw_endpoint="[^"]*"//' "$F"
	check_fails "no endpoint" 1 "node left has no lw_endpoint" lw topo export "$F" --node left
}

device_in_a_namespace()
{
	local inner=inner-$$

	need ping
	setup_underlay
	net
	ip netns add "$inner"
	NS_LIST+=("$inner")
	sed -i "s/left \[/&lw_netns=\"$inner\", /" "$F"
	check "left" import left "$a"
	check "right" import right "$b"
	check "from the namespace" ns_ping "$inner" 192.0.2.2
	check "to it" ns_ping "$b" 192.0.2.5
}

tap_case "both parts make wires that work" pairs_work
tap_case "another machine takes none of it" wrong_machine
tap_case "keys are fresh, shared by two ends, and once" keys_are_once
tap_case "keys go to no terminal and into no file that others can read" where_it_goes
tap_case "devices are where lw_netns says" device_in_a_namespace
finish
