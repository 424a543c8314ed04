#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Of several kernels, the last is enough.
#
# lwctl topo export: each node's part is imported in a namespace of its own, as if that were another machine.
#
#	$a 10.0.0.1 ---- veth ---- 10.0.0.2 $b
. "$(dirname "$0")/lib.sh"

net()
{
	F=$TMP/net.dot
	cat > "$F" <<-END
	graph net {
		lw_pool4=none
		lw_pool6=none
		left [lw_endpoint="$U4_A"]
		right [lw_endpoint="$U4_B"]
		left:frames -- right:frames [lw_hold=2000, lw_mtu=1380, lw_tail_addr="192.0.2.1/30", lw_head_addr="192.0.2.2/30"]
		left:packets -- right:packets [lw_encap=ipip, lw_mtu=1300, lw_cipher="chacha20-poly1305", lw_tail_addr="192.0.2.5/30", lw_head_addr="192.0.2.6/30"]
	}
	END
}

# both parts at once, as files $TMP/left and $TMP/right
parts()
{
	rm -f "$TMP/left" "$TMP/right"
	lw topo export "$F" --node left -o "$TMP/left" --node right -o "$TMP/right"
}

import()
{
	lw -n "$2" -batch "$TMP/$1"
}

pairs_work()
{
	need ping
	setup_underlay
	net
	check "export" parts
	check "left" import left "$a"
	check "right" import right "$b"
	check "frames" ns_ping "$a" 192.0.2.2
	check "packets" ns_ping "$b" 192.0.2.5
	check_eq "carrier" 4 "$( (lw -n "$a" link show; lw -n "$b" link show) | grep -c 'UP,CARRIER')"
	check_eq "hold" 2000 "$(lw -n "$a" -j link show frames | jq '.[0].hold')"
	check_eq "mtu" 1380 "$(ip -n "$a" -j link show frames | jq '.[0].mtu')"
	check_eq "label" 1 "$(lw -n "$b" -j link show packets | jq -r '.[0].label' | grep -c '^lw:net:[0-9a-f]\{16\}:1$')"
}

# nothing is made, whatever -force says
wrong_machine()
{
	setup_underlay
	net
	check "export" parts
	check_fails "import at the wrong one" 2 "$U4_A is no address of this machine" lw -n "$b" -batch "$TMP/left"
	check_fails "with -force" 2 "$U4_A is no address of this machine" lw -n "$b" -force -batch "$TMP/left"
	check_eq "wires" "" "$(lw -n "$b" link show)"
	check "import at the right one" import left "$a"
	check_eq "wires" 2 "$(lw -n "$a" -j link show | jq length)"
}

keys()
{
	grep -o 'key .*' "$@" | sed 's/.*key //' | sort
}

keys_are_once()
{
	setup_underlay
	net
	check "export" parts
	check_eq "keys that left and right share" 4 "$(keys "$TMP/left" "$TMP/right" | uniq -d | wc -l)"
	cp "$TMP/left" "$TMP/before"
	check "again" parts
	check_eq "keys that two exports share" 0 "$(keys "$TMP/left" "$TMP/before" | uniq -d | wc -l)"
	check "import" import left "$a"
	lw -n "$a" link delete frames packets
	check_fails "again" 2 "installed before" import left "$a"
}

# by the kernel's keyring
one_after_the_other()
{
	local said

	need ping
	setup_underlay
	net
	said=$(lw topo export "$F" --node left 2>&1 > /dev/null)
	case $said in
	*keyrings*) skip "this kernel has no keyrings" ;;
	*"2 of 2 wires wait for their other ends"*) ;;
	*) fail "$said" ;;
	esac
	lw topo export "$F" --node left 2> /dev/null | lw -n "$a" -batch - || fail "left"
	lw topo export "$F" --node right | lw -n "$b" -batch - || fail "right"
	check "frames" ns_ping "$a" 192.0.2.2
	check "packets" ns_ping "$b" 192.0.2.5
	! grep -qi linkwire /proc/keys || fail "keys wait though both ends have theirs: $(grep -i linkwire /proc/keys)"
}

where_it_goes()
{
	need script
	net
	check "to files" parts
	check_eq "which others cannot read" 600 "$(stat -c %a "$TMP/left")"
	check_fails "to one that is there" 1 "is there already" lw topo export "$F" --node left -o "$TMP/left"
	check_fails "two to one place" 1 "of its own" lw topo export "$F" --node left --node right
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
	check "export" parts
	check "left" import left "$a"
	check "right" import right "$b"
	check "from the namespace" ns_ping "$inner" 192.0.2.2
	check "to it" ns_ping "$b" 192.0.2.5
}

tap_case "both parts make wires that work" pairs_work
tap_case "another machine takes none of it" wrong_machine
tap_case "keys are fresh, shared by two ends, and once" keys_are_once
tap_case "one export after the other fits, too" one_after_the_other
tap_case "keys go to no terminal and into no file that others can read" where_it_goes
tap_case "devices are where lw_netns says" device_in_a_namespace
finish
