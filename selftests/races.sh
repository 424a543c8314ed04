#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two processors.
# Everything at once, against traffic: wires, SAs, configurations, devices, namespaces and routes come, go and change
# (races.py says what). After it all still works, and nothing is left.
#
# RACE_SECONDS: for how long (default: 10 in User-Mode Linux, which has one CPU, 20 elsewhere; 90
# where everything takes long, as on the debug kernel).
. "$(dirname "$0")/lib.sh"

export PYTHONDONTWRITEBYTECODE=1 WAIT_MS

if [ -z "$RACE_SECONDS" ]; then
	RACE_SECONDS=20
	! grep -q 'User Mode Linux' /proc/cpuinfo || RACE_SECONDS=10
	[ "$WAIT_MS" -le 10000 ] || RACE_SECONDS=90
fi
c=''

# wire NAME ID NET [ARG...]: between a and b, with the id that races.py knows it by
wire()
{
	local name=$1 id=$2 net=$3
	shift 3

	make_wire "$name" net "$net" keys no "$@" -- id "$id" && key_wire "$name" aes-256-gcm
}

setup_races()
{
	setup_underlay
	setup_ns c
	wire k 11 11 mode l2 || return
	wire c 12 12 mode l3 || return
	wire m 13 13 mode l2 || return
	wire u 14 14 mode l3 || return
	wire p 15 15 encap ipip
}

# traffic NET: both ways over a wire, until the namespaces go
traffic()
{
	ip netns exec "$a" python3 "$SELFTESTS/streams.py" flood "$a" "10.77.$1.2" "$b" 600 &
	disown
	ip netns exec "$b" python3 "$SELFTESTS/streams.py" flood "$b" "10.77.$1.1" "$a" 600 &
	disown
}

# whole WIRE NET: it carries; its keys and addresses are given to it anew where the races have taken them
whole()
{
	local ns side=1

	for ns in "$a" "$b"; do
		ip -n "$ns" link set dev "$1" up
		ip -n "$ns" addr replace "10.77.$2.$side/24" dev "$1"
		side=2
	done
	check "echoes over $1" wait_for ns_ping "$a" "10.77.$2.2"
}

left_over()
{
	local ns

	for ns in "$a" "$b"; do
		lw -n "$ns" -j link show | grep -o '"id" *: *[0-9]*' | sed 's/[^0-9]*//' | while read -r id; do
			lw -n "$ns" link del id "$id" || echo "$ns: $id"
		done
		check_eq "wires" "[]" "$(lw -n "$ns" -j link show)"
		check_eq "SAs" "[]" "$(lw -n "$ns" -j sa show)"
		check_eq "devices" "" "$(ip -n "$ns" -br link show type linkwire)"
		for port in 4790 4791 4792; do
			check_eq "sockets on port $port" "" "$(in_ns "$ns" ss -Huan "sport = :$port")"
		done
	done
	check_eq "devices of c" "" "$(ip -n "$c" -br link show type linkwire)"
}

everything_at_once()
{
	local net

	setup_races || return
	for net in 11 12 13 14 15; do
		check "echoes before ($net)" wait_for ns_ping "$a" "10.77.$net.2"
	done
	for net in 11 12 14 15; do
		traffic "$net"
	done
	python3 "$SELFTESTS/races.py" "$a" "$b" "$c" "$RACE_SECONDS" > "$TMP/races" 2>&1 ||
		fail "a worker died, or got nothing done in $RACE_SECONDS seconds"
	note "$(cat "$TMP/races")"
	whole k 11
	whole c 12
	whole m 13
	whole u 14
	whole p 15
	left_over
	make_wire w || return
	check "echoes over another wire" wait_for ns_ping "$a" "$W4_B"
}

# The module goes while requests, dumps and packets are under way.
unloaded_meanwhile()
{
	local i racer

	for i in 1 2 3; do
		setup_races || return
		traffic 11
		traffic 15
		python3 "$SELFTESTS/races.py" "$a" "$b" "$c" 3 > "$TMP/races" 2>&1 &
		racer=$!
		sleep 1.5
		check "unload ($i)" wait_for unload_module
		[ ! -d /sys/module/linkwire ] || fail "the module is still there"
		wait "$racer"
		check "load" load_module
		cleanup_ns "$a" "$b" "$c"
	done
	setup_underlay
	make_wire w || return
	check "echoes" wait_for ns_ping "$a" "$W4_B"
}

tap_case "everything at once for $RACE_SECONDS seconds, against traffic; nothing is left" everything_at_once
tap_case "the module is unloaded while all that goes on, three times" unloaded_meanwhile
finish
