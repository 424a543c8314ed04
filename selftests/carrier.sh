#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Mostly waits.
# Carrier says whether a wire can carry: a usable SA each way, and, where a hold time is set, a peer that was heard
# within it.
. "$(dirname "$0")/lib.sh"

export PYTHONDONTWRITEBYTECODE=1 WAIT_MS

# has_carrier NETNS DEVICE
has_carrier()
{
	ip -n "$1" -o link show dev "$2" | grep -q '[<,]LOWER_UP[,>]'
}

no_carrier()
{
	! has_carrier "$@"
}

# add NETNS DIR TAG KEY [SA-ARG...]: an SA of w.
add()
{
	local ns=$1 dir=$2 tag=$3 key=$4
	shift 4

	check "$dir SA of $ns" lw -n "$ns" sa add w "$dir" tag "$tag" cipher aes-128-gcm key-file "$key" "$@"
}

# without_keys [LWCTL-ARG...]: a wire w without SAs, and keys $TMP/ab, $TMP/ba. Nothing but what a case sends is on it.
without_keys()
{
	setup_underlay
	in_ns "$a" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	in_ns "$b" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	check "a's end" lw -n "$a" link add w encap ipip local "$U4_A" remote "$U4_B" "$@" up || return
	check "b's end" lw -n "$b" link add w encap ipip local "$U4_B" remote "$U4_A" "$@" up || return
	ip -n "$a" addr add 10.77.1.1/24 dev w
	ip -n "$b" addr add 10.77.1.2/24 dev w
	W4_A=10.77.1.1 W4_B=10.77.1.2
	new_key aes-128-gcm "$TMP/ab" && new_key aes-128-gcm "$TMP/ba"
}

# keyed [LWCTL-ARG...]: the same with SAs, and ready.
keyed()
{
	without_keys "$@" || return
	add "$b" rx 0xab "$TMP/ab" && add "$a" rx 0xba "$TMP/ba" && add "$a" tx 0xab "$TMP/ab" && add "$b" tx 0xba "$TMP/ba" &&
		check "carrier of a" has_carrier "$a" w && check "carrier of b" has_carrier "$b" w
}

# listen: events of a, in $TMP/events.
listen()
{
	ip netns exec "$a" python3 "$SELFTESTS/peer/events.py" "$a" > "$TMP/events" 2>&1 &
	disown		# ends with the netns, which is no news
	check "events" wait_for grep -q '^joined' "$TMP/events"
}

# event_time PATTERN: when the first such event came, ms.
event_time()
{
	sed -n "s/^\([0-9]*\) $1.*/\1/p" "$TMP/events" | head -n 1
}

two_sas()
{
	without_keys || return
	check "no carrier without SAs" no_carrier "$a" w
	add "$a" rx 0xba "$TMP/ba"
	check "no carrier with a receiving SA only" no_carrier "$a" w
	add "$a" tx 0xab "$TMP/ab"
	check "carrier with both" has_carrier "$a" w
	check "none at the other end" no_carrier "$b" w
	add "$b" tx 0xba "$TMP/ba"
	check "no carrier with a transmitting SA only" no_carrier "$b" w
	add "$b" rx 0xab "$TMP/ab"
	check "carrier with both, in the other order" has_carrier "$b" w
	check "ping" ns_ping "$a" "$W4_B"
}

deleted()
{
	keyed || return
	new_key aes-128-gcm "$TMP/second"
	add "$a" rx 0xbb "$TMP/second"
	check "first of two receiving SAs goes" lw -n "$a" sa delete w rx tag 0xba
	check "carrier with the other" has_carrier "$a" w
	check "the other goes" lw -n "$a" sa delete w rx tag 0xbb
	check "no carrier without a receiving SA" no_carrier "$a" w
	new_key aes-128-gcm "$TMP/third"
	add "$a" rx 0xbc "$TMP/third"
	check "carrier with a new one" has_carrier "$a" w
	check "the transmitting SA goes" lw -n "$a" sa delete w tx
	check "no carrier without a transmitting SA" no_carrier "$a" w
	new_key aes-128-gcm "$TMP/fourth"
	add "$a" tx 0xac "$TMP/fourth"
	check "carrier with a new one" has_carrier "$a" w
}

expired_tx()
{
	without_keys || return
	add "$b" rx 0xab "$TMP/ab" && add "$a" rx 0xba "$TMP/ba" && add "$b" tx 0xba "$TMP/ba"
	# one is the keepalive that says hello
	add "$a" tx 0xab "$TMP/ab" hard-packets 4
	check "carrier" has_carrier "$a" w
	check "what the limit allows" ns_ping "$a" "$W4_B"
	check "carrier to the last packet" has_carrier "$a" w
	ns_ping "$a" "$W4_B" -c 1 -W 1 > /dev/null 2>&1
	check "no carrier once the SA has expired" no_carrier "$a" w
	check "carrier at the other end" has_carrier "$b" w
	new_key aes-128-gcm "$TMP/new"
	add "$b" rx 0xac "$TMP/new"
	add "$a" tx 0xac "$TMP/new"
	check "carrier with a new one" has_carrier "$a" w
	check "ping" ns_ping "$a" "$W4_B"
}

expired_rx()
{
	without_keys || return
	add "$b" rx 0xab "$TMP/ab" && add "$a" tx 0xab "$TMP/ab" && add "$b" tx 0xba "$TMP/ba"
	add "$a" rx 0xba "$TMP/ba" hard-seconds 2
	check "carrier" has_carrier "$a" w
	check "no carrier once the SA has expired" wait_for no_carrier "$a" w
}

keepalives()
{
	local start before idle passed

	keyed hold 600 || return
	start=$(date +%s%3N) before=$(counter "$a" w tx_keepalives)
	sleep 3
	idle=$(($(counter "$a" w tx_keepalives) - before)) passed=$(($(date +%s%3N) - start))
	note "$idle keepalives in $passed ms of silence"
	# one every 200 ms, and what the clock's ticks make of it
	[ "$idle" -ge $((passed / 300)) ] || fail "fewer keepalives than three in a hold time"
	[ "$idle" -le $((passed / 200 + 2)) ] || fail "more keepalives than three in a hold time"
	check "the peer counts them" [ "$(counter "$b" w rx_keepalives)" -ge "$idle" ]
	check "carrier all the while" has_carrier "$a" w
	before=$(counter "$a" w tx_keepalives)
	in_ns "$a" ping -n -q -i 0.02 -w 3 "$W4_B" > "$TMP/ping" || fail "ping"
	passed=$(($(counter "$a" w tx_keepalives) - before))
	note "$passed keepalives in 3 s of pings"
	[ "$passed" -le $((idle / 3)) ] || fail "keepalives where there is traffic"
}

none_without_hold()
{
	keyed || return
	check_counts 0 "$a" w tx_keepalives sleep 1
}

# within WHAT FROM TO VALUE
within()
{
	note "$1: $4 ms"
	if [ -z "$4" ] || [ "$4" -lt "$2" ] || [ "$4" -gt "$3" ]; then
		fail "$1: $4 ms, not $2 to $3"
	fi
}

# A second is what a slow machine may take to look.
cut()
{
	local hold=3000 start cut

	keyed hold "$hold" || return
	check "a wire without hold time" lw -n "$a" link add steady encap vxlan local "$U4_A" remote "$U4_B" up
	key_steady
	listen || return
	check "ping" ns_ping "$a" "$W4_B"
	start=$(date +%s%3N)
	ip -n "$b" link set vb down
	cut=$(date +%s%3N)
	check "carrier falls" wait_for no_carrier "$a" w
	check "at the other end too" wait_for no_carrier "$b" w
	check "peer-down" wait_for grep -q ' peer-down ' "$TMP/events"
	# the last keepalive came a third of the hold time ago at most
	within "from before the cut to peer-down" $((hold * 2 / 3 - 100)) 99999 $(($(event_time peer-down) - start))
	within "from the cut to peer-down" 0 $((hold * 4 / 3 + 1000)) $(($(event_time peer-down) - cut))
	check "carrier of a wire without hold time" has_carrier "$a" steady
	ip -n "$b" link set vb up
	start=$(date +%s%3N)
	check "carrier comes back" wait_for has_carrier "$a" w
	check "at the other end too" wait_for has_carrier "$b" w
	check "peer-up" wait_for grep -q ' peer-up ' "$TMP/events"
	# the veth's own carrier takes up to a second to be seen; it may be over before we look at the clock
	within "from the mending to peer-up" -1000 $((hold / 3 + 2000)) $(($(event_time peer-up) - start))
	check_eq "events" "peer-down peer-up" "$(sed -n 's/^[0-9]* \([^ ]*\) .*/\1/p' "$TMP/events" | xargs)"
	check "ping" ns_ping "$a" "$W4_B"
}

key_steady()
{
	new_key aes-256-gcm "$TMP/steady1" && new_key aes-256-gcm "$TMP/steady2"
	check "steady rx" lw -n "$a" sa add steady rx tag 0x51 cipher aes-256-gcm key-file "$TMP/steady1"
	check "steady tx" lw -n "$a" sa add steady tx tag 0x52 cipher aes-256-gcm key-file "$TMP/steady2"
}

silent_peer()
{
	keyed hold 600 || return
	listen || return
	check "the peer's transmitting SA goes" lw -n "$b" sa delete w tx
	check "carrier falls" wait_for no_carrier "$a" w
	# what is not authentic is no sign of life: a shim with a's tag, and noise
	check_counts 20 "$a" w rx_auth in_ns "$b" python3 "$SELFTESTS/peer/noise.py" "$U4_B" "$U4_A" 0xba 20
	check "no carrier from noise" no_carrier "$a" w
	check_eq "events" "peer-down" "$(sed -n 's/^[0-9]* \([^ ]*\) .*/\1/p' "$TMP/events" | xargs)"
	check "no more hold time" lw -n "$a" link set w hold 0
	check "carrier without a hold time" has_carrier "$a" w
}

# bonded NETNS ADDRESS: w1 and w2 as one device, w1 while it can.
bonded()
{
	local w

	ip -n "$1" link add bond type bond mode active-backup miimon 50 || return
	for w in w1 w2; do
		ip -n "$1" link set "$w" down
		ip -n "$1" addr flush dev "$w"
		ip -n "$1" link set "$w" master bond || return
	done
	ip -n "$1" link set bond type bond primary w1
	ip -n "$1" addr add "$2/24" dev bond
	ip -n "$1" link set bond up
}

active_slave()
{
	ip -n "$1" -d link show dev bond | grep -q " active_slave $2 "
}

bond()
{
	need_module bonding
	setup_underlay
	make_wire w1 mode l2 net 1 -- hold 600 || return
	ip link add vc netns "$a" type veth peer name vd netns "$b"
	__underlay_end "$a" vc 10.0.2.1 fd00:2::1
	__underlay_end "$b" vd 10.0.2.2 fd00:2::2
	U4_A=10.0.2.1 U4_B=10.0.2.2
	make_wire w2 mode l2 net 2 -- hold 600 || return
	check "a's bond" bonded "$a" 10.78.0.1 || return
	check "b's bond" bonded "$b" 10.78.0.2 || return
	check "the first wire is used" wait_for active_slave "$a" w1
	check "by both" wait_for active_slave "$b" w1
	check "ping" wait_for ns_ping "$a" 10.78.0.2 || return
	ip -n "$b" link set vb down
	check "the other wire is used" wait_for active_slave "$a" w2
	check "by both" wait_for active_slave "$b" w2
	check "ping over the other" wait_for ns_ping "$a" 10.78.0.2
	check "the first has no carrier" no_carrier "$a" w1
	ip -n "$b" link set vb up
	check "the first wire is used again" wait_for active_slave "$a" w1
	check "by both" wait_for active_slave "$b" w1
	check "ping over the first" wait_for ns_ping "$a" 10.78.0.2
}

tap_case "carrier needs an SA each way" two_sas
tap_case "carrier falls with the last SA of a direction, and comes back with a new one" deleted
tap_case "carrier falls when the transmitting SA expires" expired_tx
tap_case "carrier falls when the receiving SA expires" expired_rx
tap_case "keepalives are sent in silence, three in a hold time, and not in traffic" keepalives
tap_case "no keepalives without a hold time" none_without_hold
tap_case "carrier falls with peer-down within the hold time and a third, and comes back with peer-up" cut
tap_case "a silent peer: noise is no sign of life; without a hold time, carrier is back" silent_peer
tap_case "a bond over two wires changes over by itself, and back" bond
finish
