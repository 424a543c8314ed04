#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Allowed sources: what comes out of a wire comes from where it may, in whatever shape its holder of the key sends it;
# the list is the underlay's, and is changed under traffic.
#
#	netns b: peer, in Python            netns a: underlay         netns tenant
#	  packets on vb  ------------------- va  (wire w1) ............ device w1
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/peer/peer.sh"

tenant=''

# forged CASE ENCAP MODE FAMILY CIPHER
forged()
{
	local what=$1
	shift

	setup_underlay
	setup_ns tenant
	in_ns "$tenant" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	check "$what $*" peer sources "$what" "$a" "$b" "$tenant" "$@"
}

# shown NETNS WIRE: its allowed sources, a word each, as JSON has them.
shown()
{
	lw -n "$1" -j link show "$2" | sed -n 's/.*"sources":\[\([^]]*\)\].*/\1/p' | tr -d '"' | tr ',' ' '
}

# Two ends of the module: what lwctl sets is what holds.
commands()
{
	local mac=02:00:00:00:00:09

	setup_underlay
	make_wire w mode l2 -- address "$mac" sources any || return
	check_eq "any is not shown" "" "$(shown "$a" w)"
	check "some" lw -n "$a" link set w sources "$W4_B,fd77:1::/64,$mac"
	check_eq "some are shown" "$W4_B fd77:1::/64 $mac" "$(shown "$a" w)"
	lw -n "$a" link show w | grep -q " sources $W4_B,fd77:1::/64,$mac\$" || fail "not shown: $(lw -n "$a" link show w)"
	check "IPv4 from there" ns_ping "$a" "$W4_B"
	check "IPv6 from there" wait_for ns_ping "$a" "$W6_B"
	ip -n "$b" addr add 10.77.1.99/32 dev w
	check_counts 3 "$a" w rx_source in_ns "$b" ping -q -c 3 -i 0.02 -W 1 -I 10.77.1.99 "$W4_A"
	check "none" lw -n "$a" link set w sources none
	lw -n "$a" link show w | grep -q " sources none\$" || fail "none is not shown: $(lw -n "$a" link show w)"
	check_eq "none, in JSON" "1" "$(lw -n "$a" -j link show w | grep -c '"sources":\[\]')"
	check_fails "nothing comes" 1 "100% packet loss" in_ns "$a" ping -q -c 2 -i 0.02 -W 1 "$W4_B"
	check "any" lw -n "$a" link set w sources any
	check "all comes" ns_ping "$a" "$W4_B"
	lw -n "$a" -d link show w | grep -q ' sources any' || fail "any is not shown with -d"
	refused 1 "bad sources '10.0.0.0/33'" -n "$a" link set w sources 10.0.0.0/33
	refused 1 "bad sources ''" -n "$a" link set w sources 10.0.0.0/8,
	refused 1 "bad sources '02:00:00:00:00:0g'" -n "$a" link set w sources 02:00:00:00:00:0g
	refused 2 "bits set behind its prefix \(at link.sources.ipv4\)" -n "$a" link set w sources 10.0.0.1/8
	refused 2 "no unicast MAC address \(at link.sources.mac\)" -n "$a" link set w sources 01:00:00:00:00:01
	check_eq "what was refused changed nothing" "" "$(shown "$a" w)"
}

# Thousands, by one command, and through a batch; more than fit an ordinary request or answer.
thousands()
{
	local list count

	setup_underlay
	make_wire w || return
	list=$(for ((i = 0; i < 4096; i++)); do printf '10.%d.%d.%d/31,' $((i / 256)) $((i % 256)) $((i % 128 * 2)); done)
	list+=$(for ((i = 1; i <= 2048; i++)); do printf 'fd09:%x::/33,' "$i"; done)
	check "4096 and 2048" lw -n "$a" link set w sources "${list%,}"
	count=$(shown "$a" w | wc -w)
	check_eq "as many are shown" 6144 "$count"
	[ "$(tr ',' ' ' <<< "${list%,}")" = "$(shown "$a" w)" ] || fail "they are others"
	lw -n "$a" link show w | grep -q ',\.\.\. (6144 in all)$' || fail "text shows too many, or too few"
	check "others beside it" lw -n "$a" link add v encap ipip remote "$U4_B" sources "${list%,}"
	check_eq "all are in the list of wires" 12288 "$(lw -n "$a" -j link show | grep -o '"[0-9a-f.:]*/[0-9]*"' | wc -l)"
	if lw -n "$a" link set w sources "${list}10.255.255.0/31" 2> "$TMP/refused"; then
		fail "one more is taken"
	fi
	grep -q "(at link.sources.ipv4)" "$TMP/refused" || fail "one more: $(cut -c1-200 "$TMP/refused")"
	check "it is small again" lw -n "$a" link set w sources "$W4_B"
	check "ping" ns_ping "$a" "$W4_B"
	ip -n "$a" -d link show dev w > "$TMP/link" || fail "ip link"
	check "ip link shows the wire" grep -q linkwire "$TMP/link"
}

# Replaced all the time while packets come: each packet is held to one list or the other, and both have it.
under_traffic()
{
	local changes=0 loss

	setup_underlay
	make_wire w || return
	in_ns "$a" ping -q -i 0.002 -c 1000 -W 5 "$W4_B" > "$TMP/ping" 2>&1 &
	while kill -0 $! 2>/dev/null; do
		lw -n "$a" link set w sources "$W4_B,192.0.2.0/24" && lw -n "$a" link set w sources "10.77.0.0/16,fd77::/16" &&
			changes=$((changes + 2))
	done
	loss=$(sed -n 's/.* \([0-9]*\) received.*/\1/p' "$TMP/ping")
	check_eq "packets that came through $changes changes" 1000 "$loss"
	[ "$changes" -ge 20 ] || fail "only $changes changes"
	check_eq "refused ones" 0 "$(counter "$a" w rx_source)"
}

# Many in one and one by one, large packets: TCP, with what the wire does to it.
streams()
{
	need iperf3
	setup_underlay
	make_wire w || return
	check "sources" lw -n "$b" link set w sources "$W4_A"
	in_ns "$b" iperf3 -s -1 -D > /dev/null 2>&1
	check "TCP" wait_for in_ns "$a" iperf3 -c "$W4_B" -n 2M --connect-timeout 1000
	check_eq "refused ones" 0 "$(counter "$b" w rx_source)"
	check "others" lw -n "$b" link set w sources "$W6_A"
	check_counts 2 "$b" w rx_source in_ns "$a" ping -q -c 2 -i 0.02 -W 1 "$W4_B"
}

peer_start sources

for kind in "vxlan l2 4 aes-128-gcm" "vxlan l3 6 chacha20-poly1305" "ipip l3 4 aes-256-gcm"; do
	# shellcheck disable=SC2086 # words
	set -- $kind
	named="$1 $2 over IPv$3"
	tap_case "$named: any, none, and lists that replace one another" forged lists "$@"
	tap_case "$named: the edges of prefixes" forged edges "$@"
	tap_case "$named: what neighbour discovery needs passes, and no more" forged discovery "$@"
	tap_case "$named: fragments, options and extension headers hide nothing" forged shapes "$@"
	tap_case "$named: as many prefixes as there may be, at their edges" forged many "$@"
done
tap_case "vxlan l2: tags, other types and headers cut short hide nothing" forged frames vxlan l2 6 aes-128-gcm
tap_case "vxlan l2: ARP and neighbour advertisements claim what is allowed" forged address_resolution vxlan l2 4 aes-128-gcm
tap_case "vxlan l2: MAC addresses, with prefixes and without" forged machines vxlan l2 4 aes-128-gcm
tap_case "lwctl sets, shows and refuses them" commands
tap_case "thousands of them" thousands
tap_case "replaced under traffic, no packet is lost" under_traffic
tap_case "a stream passes, and stops when it may not" streams
finish
