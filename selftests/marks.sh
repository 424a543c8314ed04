#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Outer headers: ECN, DSCP, TTL, source port, mark, route, device; and a peer that moves.
#
#	netns a: w .............. w :netns b
#	         va ------------ vb
#	         xa ------------ xb		another way, for marked packets and bound wires
. "$(dirname "$0")/lib.sh"

TRAFFIC=$SELFTESTS/traffic
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$SELFTESTS/peer WAIT_MS
KINDS=("vxlan l2 4" "vxlan l2 6" "vxlan l3 4" "vxlan l3 6" "ipip l3 4" "ipip l3 6")
tenant=''

# marks WHAT ARG...
marks()
{
	local what=$1
	shift

	check "$what" python3 "$TRAFFIC/marks.py" "$what" "$a" "$b" "$W4_A" "$W4_B" "$W6_A" "$W6_B" "$@"
}

# new_wire ENCAP MODE FAMILY: w, with id 1
new_wire()
{
	make_wire w encap "$1" mode "$2" family "$3" -- id 1
}

outer_headers()
{
	local set

	marks outward 0 64
	for set in "inherit inherit" "10 7" "63 inherit"; do
		# shellcheck disable=SC2086 # words
		set -- $set
		check "link set" lw -n "$a" link set w dscp "$1" ttl "$2" || return
		marks outward "$1" "$2"
	done
}

# b marks packets of vb by their DSCP, before they come to the wire: what comes out of that has the same DSCP.
# IPv6: by the first two octets, since what nft 1.0.6 makes of `ip6 ecn set` is refused by 7.2. The flow label is nothing.
setup_congestion()
{
	in_ns "$b" nft -f - <<-END
		table inet congestion {
			chain outer {
				type filter hook prerouting priority raw;
				iif vb ip dscp 1 ip ecn set ect1
				iif vb ip dscp 2 ip ecn set ect0
				iif vb ip dscp 3 ip ecn set ce
				iif vb ip dscp 4 ip ecn set not-ect
				iif vb ip6 dscp 1 @nh,0,16 set 0x6050
				iif vb ip6 dscp 2 @nh,0,16 set 0x60a0
				iif vb ip6 dscp 3 @nh,0,16 set 0x60f0
				iif vb ip6 dscp 4 @nh,0,16 set 0x6100
			}
		}
	END
}

congestion()
{
	need nft
	need_module nf_tables
	in_ns "$b" nft list chain inet congestion outer > "$TMP/chain" 2>&1 || setup_congestion || return
	check "link set" lw -n "$a" link set w dscp inherit || return
	marks congestion
}

source_ports()
{
	marks ports "$TMP/ports" hash
	key_wire w aes-128-gcm || return
	marks ports "$TMP/ports" hash
	check "link set" lw -n "$a" link set w src-port 5555 || return
	marks ports "$TMP/ports" 5555
	check "link set" lw -n "$a" link set w src-port hash || return
	rm "$TMP/ports"
	marks ports "$TMP/ports" hash
	rm "$TMP/ports"
}

roams()
{
	setup_ns tenant
	in_ns "$tenant" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	check "roam" python3 "$TRAFFIC/marks.py" roam "$a" "$b" "$tenant" "$@"
}

# two_ways: the link xa - xb besides va - vb
two_ways()
{
	ip link add xa netns "$a" type veth peer name xb netns "$b"
	__underlay_end "$a" xa 10.0.5.1 fd00:5::1
	__underlay_end "$b" xb 10.0.5.2 fd00:5::2
	in_ns "$a" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.va.rp_filter=0 net.ipv4.conf.xa.rp_filter=0
	in_ns "$b" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.vb.rp_filter=0 net.ipv4.conf.xb.rp_filter=0
	ip -n "$a" route add 10.0.0.0/24 via 10.0.5.2 dev xa metric 5000
	ip -n "$b" route add 10.0.0.0/24 via 10.0.5.1 dev xb metric 5000
	ip -n "$a" route add fd00::/64 via fd00:5::2 dev xa metric 5000
	ip -n "$b" route add fd00::/64 via fd00:5::1 dev xb metric 5000
	ip -n "$a" rule add fwmark 0x77/0xff table 77
	ip -n "$a" -6 rule add fwmark 0x77/0xff table 77
	ip -n "$a" route add 10.0.0.2 via 10.0.5.2 dev xa table 77
	ip -n "$a" route add fd00::2 via fd00:5::2 dev xa table 77
}

# sent_by DEVICE: how many packets a has sent by it
sent_by()
{
	in_ns "$a" cat "/sys/class/net/$1/statistics/tx_packets"
}

# goes_by DEVICE OTHER WORDS: a's packets for b take the device, and not the other
goes_by()
{
	local one other

	one=$(sent_by "$1") other=$(sent_by "$2")
	check "$3" ns_ping "$a" "$W4_B" -c 20
	one=$(($(sent_by "$1") - one)) other=$(($(sent_by "$2") - other))
	# a few are of neighbour discovery
	[ "$one" -ge 20 ] || fail "$3: $one packets by $1"
	[ "$other" -lt 10 ] || fail "$3: $other packets by $2"
}

routed_by_mark()
{
	goes_by va xa "without a mark"
	lw -n "$a" link set w fwmark 0x1177 || return
	goes_by xa va "with the mark"
	lw -n "$a" link set w fwmark 0x76 || return
	goes_by va xa "with another mark"
	lw -n "$a" link set w fwmark 0
}

# unheard WORDS: what b sends by vb is not delivered
unheard()
{
	local before

	before=$(counter "$a" w rx_packets)
	in_ns "$b" ping -n -q -i 0.02 -c 5 -W 1 "$W4_A" > "$TMP/ping" && fail "$1: answered"
	check_eq "$1: packets delivered" "$before" "$(counter "$a" w rx_packets)"
}

bound()
{
	local before

	goes_by va xa "not bound"
	lw -n "$a" link set w dev xa || return
	unheard "bound to xa, the peer sends by vb"
	lw -n "$b" link set w dev xb || return
	goes_by xa va "both bound"
	if [ "$1" = ipip ]; then
		lw -n "$b" link set w dev vb || return
		before=$(counter "$a" w rx_wrong_local)
		unheard "the peer is bound to vb"
		[ "$(counter "$a" w rx_wrong_local)" -ge $((before + 5)) ] || fail "not counted as rx_wrong_local"
	fi
}

setup_underlay
two_ways
for kind in "${KINDS[@]}"; do
	read -ra words <<< "$kind"
	named="${words[0]} ${words[1]} over IPv${words[2]}"
	tap_case "$named: roaming follows the newest authentic packet, and nothing else" roams "${words[@]}"
	new_wire "${words[@]}"
	tap_case "$named: DSCP and TTL are inherited or fixed, ECN is copied" outer_headers
	tap_case "$named: congestion on the way reaches the inner packet by RFC 6040" congestion
	[ "${words[0]}" != vxlan ] ||
		tap_case "$named: source ports vary by flow and key, in 49152 to 65535, or are fixed" source_ports
	tap_case "$named: the mark chooses the route" routed_by_mark
	tap_case "$named: bound to a device, a wire sends and receives by that alone" bound "${words[0]}"
	ip -n "$a" link del w
	ip -n "$b" link del w
done
finish
