#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Mostly waits.
# A second address of the peer: used when the first one is dead, in the direction in which it is, and left again when the
# first one answers; the carrier falls when both are dead.
#
#	netns a                          netns b
#	  va  10.0.0.1 ---- first ------ vb  10.0.0.2
#	  va2 10.0.2.1 ---- second ----- vb2 10.0.2.2
#
# A way is cut, in one direction, by a neighbour entry that is wrong: no route changes, no link goes down, nobody is told.
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/peer/peer.sh"

HOLD=1000
[ "$WAIT_MS" -le 10000 ] || HOLD=5000	# where everything takes long, so does a keepalive

# The ends' addresses on the first and the second way: A1 A2 B1 B2.
two_ways()
{
	setup_underlay
	ip link add va2 netns "$a" type veth peer name vb2 netns "$b"
	__underlay_end "$a" va2 10.0.2.1 fd00:2::1
	__underlay_end "$b" vb2 10.0.2.2 fd00:2::2
	if [ "$1" = 4 ]; then
		A1=$U4_A B1=$U4_B A2=10.0.2.1 B2=10.0.2.2
	else
		A1=$U6_A B1=$U6_B A2=fd00:2::1 B2=fd00:2::2
	fi
}

# two_ended ENCAP FAMILY: a wire w whose ends both know two addresses of the other.
two_ended()
{
	local encap=$1 family=$2

	two_ways "$family"
	W4_A=10.77.1.1 W4_B=10.77.1.2 W6_A=fd77:1::1 W6_B=fd77:1::2
	check "a's end" lw -n "$a" link add w encap "$encap" mode l3 remote "$B1" backup "$B2" hold "$HOLD" up || return
	check "b's end" lw -n "$b" link add w encap "$encap" mode l3 remote "$A1" backup "$A2" hold "$HOLD" up || return
	__wire_end "$a" w "$W4_A" "$W6_A"
	__wire_end "$b" w "$W4_B" "$W6_B"
	key_wire w aes-128-gcm || return
	check "echoes" wait_for ns_ping "$a" "$W4_B"
	# a slow machine takes longer than a hold time to install the keys of both ends
	check "a is where it begins" wait_for on_first "$a"
	check "b is where it begins" wait_for on_first "$b"
}

# cut NETNS DEVICE ADDRESS: what is sent there is lost. heal: it is not.
cut()
{
	ip -n "$1" neigh replace "$3" lladdr 02:00:00:00:de:ad dev "$2" nud permanent || fail "cut"
}

heal()
{
	ip -n "$1" neigh del "$3" dev "$2" || fail "heal"
}

cut_first()
{
	cut "$a" va "$B1"
	cut "$b" vb "$A1"
}

heal_first()
{
	heal "$a" va "$B1"
	heal "$b" vb "$A1"
}

cut_second()
{
	cut "$a" va2 "$B2"
	cut "$b" vb2 "$A2"
}

heal_second()
{
	heal "$a" va2 "$B2"
	heal "$b" vb2 "$A2"
}

on_backup()
{
	lw -n "$1" -j link show w | grep -q '"on_backup":true'
}

on_first()
{
	lw -n "$1" -j link show w | grep -q '"on_backup":false'
}

has_carrier()
{
	ip -n "$1" -o link show dev w | grep -q '[<,]LOWER_UP[,>]'
}

no_carrier()
{
	! has_carrier "$1"
}

# How often the carrier of w fell.
falls()
{
	in_ns "$1" cat /sys/class/net/w/carrier_down_count
}

now_ms()
{
	echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# pings FILE COUNT: a row of them from a to b, in the background.
pings()
{
	in_ns "$a" ping -n -i 0.02 -c "$2" -W 1 "$W4_B" > "$1" 2>&1 &
}

# received FILE: how many came back.
received()
{
	sed -n 's/.* \([0-9]*\) received.*/\1/p' "$1"
}

there_and_back()
{
	local before_a before_b start took

	two_ended "$@" || return
	before_a=$(falls "$a") before_b=$(falls "$b")
	ip netns exec "$a" "$LWCTL" monitor > "$TMP/events" 2>&1 &
	disown
	sleep 0.2

	start=$(now_ms)
	cut_first
	check "a goes to the backup" wait_for on_backup "$a"
	took=$(($(now_ms) - start))
	[ "$took" -le $((5 * HOLD / 2)) ] || fail "it took $took ms"
	check "so does b" wait_for on_backup "$b"
	check "it carries" wait_for ns_ping "$a" "$W4_B"
	lw -n "$a" link show w | grep -q " remote $B1 backup $B2 in use " || fail "shown: $(lw -n "$a" link show w)"

	pings "$TMP/back" 150
	heal_first
	check "a comes back" wait_for on_first "$a"
	check "so does b" wait_for on_first "$b"
	wait $!
	check_eq "packets while they come back" 150 "$(received "$TMP/back")"
	cut_second
	check "the first way is what carries" ns_ping "$a" "$W4_B"
	check_eq "the carrier of a fell" "$before_a" "$(falls "$a")"
	check_eq "the carrier of b fell" "$before_b" "$(falls "$b")"
	check_eq "events" "peer-moved in-use,peer-moved back" \
		"$(sed -n 's/^\(peer-[a-z]*\) .* in use.*/\1 in-use/p; t; s/^\(peer-[a-z]*\) .*/\1 back/p' "$TMP/events" | paste -sd,)"
	lw -n "$a" link show w | grep -q 'in use' && fail "shown as in use: $(lw -n "$a" link show w)"
	return 0
}

# one_way NETNS DEVICE ADDRESS DEAF HEARD: one direction of the first way is dead: who sends in it leaves it, and who sends
# in the other does not in the end.
one_way()
{
	two_ended vxlan 4 || return
	local ns=${!1} other=${!2} dev=$3 address=${!4}

	cut "$ns" "$dev" "$address"
	check "the dead direction is left" wait_for on_backup "$ns"
	check "it carries" wait_for ns_ping "$a" "$W4_B"
	check "the other direction is not" wait_for on_first "$other"
	pings "$TMP/stays" 200
	wait $!
	check_eq "packets, while one direction is dead" 200 "$(received "$TMP/stays")"
	check "still" on_backup "$ns"
	check "still" on_first "$other"
	heal "$ns" "$dev" "$address"
	check "it comes back" wait_for on_first "$ns"
	check "it carries" ns_ping "$a" "$W4_B"
}

# A peer that sends all the time hears nothing all the same: what says so must not wait until it is idle.
deaf_and_busy()
{
	two_ended vxlan 4 || return
	in_ns "$b" ping -q -i 0.01 -c 800 -W 1 "$W4_A" > /dev/null 2>&1 &
	cut "$a" va "$B1"
	check "a hears that b is deaf" wait_for on_backup "$a"
	check "it carries" wait_for ns_ping "$a" "$W4_B"
}

# both_dead WHICH: and that way is back first
both_dead()
{
	local which=$1

	two_ended vxlan 4 || return
	ip netns exec "$a" python3 "$SELFTESTS/peer/events.py" "$a" > "$TMP/events" 2>&1 &
	disown
	check "events" wait_for grep -q '^joined' "$TMP/events"
	cut_first
	cut_second
	check "a's carrier falls" wait_for no_carrier "$a"
	check "so does b's" wait_for no_carrier "$b"
	check "an event" wait_for grep -q ' peer-down id' "$TMP/events"
	"heal_$which"
	check "a's carrier is back" wait_for has_carrier "$a"
	check "so is b's" wait_for has_carrier "$b"
	check "an event" wait_for grep -q ' peer-up id' "$TMP/events"
	check "it carries" wait_for ns_ping "$a" "$W4_B"
	if [ "$which" = first ]; then
		check "a is back" wait_for on_first "$a"
		check "so is b" wait_for on_first "$b"
	else
		check "a is on the backup" on_backup "$a"
		heal_first
		check "a comes back" wait_for on_first "$a"
	fi
	check "it carries" wait_for ns_ping "$a" "$W4_B"
}

# b knows one address of a; a knows two of b: only a chooses.
one_ended()
{
	two_ways 4
	ip -n "$a" addr add 10.0.9.1/32 dev lo
	ip -n "$b" route add 10.0.9.1/32 via "$A2"
	make_ends || return
	cut "$a" va "$B1"
	check "a goes to the backup" wait_for on_backup "$a"
	check "it carries" wait_for ns_ping "$a" "$W4_B"
	check_eq "b knows of no backup" "" "$(lw -n "$b" -j link show w | grep -o '"on_backup"')"
	heal "$a" va "$B1"
	check "a comes back" wait_for on_first "$a"
	check "it carries" ns_ping "$a" "$W4_B"
}

make_ends()
{
	W4_A=10.77.1.1 W4_B=10.77.1.2 W6_A=fd77:1::1 W6_B=fd77:1::2
	check "a's end" lw -n "$a" link add w encap ipip local 10.0.9.1 remote "$B1" backup "$B2" hold "$HOLD" up || return
	check "b's end" lw -n "$b" link add w encap ipip remote 10.0.9.1 hold "$HOLD" up || return
	__wire_end "$a" w "$W4_A" "$W6_A"
	__wire_end "$b" w "$W4_B" "$W6_B"
	key_wire w aes-128-gcm || return
	check "echoes" wait_for ns_ping "$a" "$W4_B"
}

# What an administrator changes while the backup is in use.
changed()
{
	two_ended vxlan 4 || return
	cut_first
	check "a is on the backup" wait_for on_backup "$a"
	check "b is on the backup" wait_for on_backup "$b"
	check "the same again" lw -n "$a" link set w remote "$B1" backup "$B2" ttl 9
	check "a stays on the backup" on_backup "$a"
	check "it carries" wait_for ns_ping "$a" "$W4_B"
	check "a stays on the backup" on_backup "$a"
	check "another first address" lw -n "$a" link set w remote 10.0.0.99
	check "a stays on the backup" on_backup "$a"
	check "it carries" ns_ping "$a" "$W4_B"
	check "no backup" lw -n "$a" link set w backup none remote "$B2"
	check_eq "nothing of it is shown" "" "$(lw -n "$a" -j link show w | grep -oE '"backup"|"on_backup"')"
	check "it carries" ns_ping "$a" "$W4_B"
	refused 2 "same \(at link.backup\)" -n "$a" link set w backup "$B2"
	refused 2 "no backup \(at link.roam\)" -n "$b" link set w roam on
	refused 2 "hold time .*\(at link.hold\)" -n "$b" link set w hold 0
	check "hold and backup go together" lw -n "$b" link set w hold 0 backup none
}

# by_hand FAMILY ENCAP MODE: what is on the wire, with a peer in Python.
by_hand()
{
	setup_underlay
	setup_ns tenant
	in_ns "$tenant" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	check "peer" peer backup "$a" "$b" "$tenant" "$@"
}

tenant=''
peer_start backup

tap_case "vxlan over IPv4: there, and back without loss" there_and_back vxlan 4
tap_case "vxlan over IPv6: there, and back without loss" there_and_back vxlan 6
tap_case "ipip over IPv4: there, and back without loss" there_and_back ipip 4
tap_case "ipip over IPv6: there, and back without loss" there_and_back ipip 6
tap_case "one direction is dead: from a to b" one_way a b va B1
tap_case "one direction is dead: from b to a" one_way b a vb A1
tap_case "one direction is dead, and the other is busy" deaf_and_busy
tap_case "both are dead: no carrier; the first is back" both_dead first
tap_case "both are dead: no carrier; the second is back" both_dead second
tap_case "one end knows two addresses" one_ended
tap_case "changed while the backup is in use" changed
tap_case "what the ends say to each other: vxlan l2, IPv4" by_hand vxlan l2 4 aes-128-gcm
tap_case "what the ends say to each other: ipip l3, IPv6" by_hand ipip l3 6 chacha20-poly1305
finish
