# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Round trips from the namespace a to b: on an idle link, and beside one TCP stream that takes all it can get.

: "${BENCH_PINGS:?}"

# round_trips OUT TO [loaded]
round_trips()
{
	local server client

	ip netns exec a ping -n -i 0.005 -c "$BENCH_PINGS" -W 1 "$2" > "$1/idle" 2>&1
	[ -n "$3" ] || return 0

	ip netns exec b iperf3 -s -1 > /dev/null 2>&1 &
	server=$!
	if listening b 5201; then
		ip netns exec a iperf3 -c "$2" -t 600 > /dev/null 2>&1 &
		client=$!
		sleep 0.5
		ip netns exec a ping -n -i 0.005 -c "$BENCH_PINGS" -W 1 "$2" > "$1/loaded" 2>&1
		kill -0 "$client" 2> /dev/null || echo "the stream ended before the pings" > "$1/loaded.failed"
		kill "$client" 2> /dev/null
		wait "$client" 2> /dev/null
	else
		echo "iperf3's server does not listen" > "$1/loaded.failed"
	fi
	kill "$server" 2> /dev/null
	wait "$server" 2> /dev/null
}
