# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# TCP by iperf3, from the namespace a to b.

: "${BENCH_SECONDS:?}"

# tcp OUT TO KIND STREAMS
tcp()
{
	local out=$1/tcp-$4 before server

	before=$(carried b "$3")
	ip netns exec b iperf3 -s -1 > /dev/null 2> "$out.server" &
	server=$!
	if ! listening b 5201; then
		echo "iperf3's server does not listen" > "$out.failed"
	else
		begun "$out"
		timeout $((BENCH_SECONDS + 20)) ip netns exec a \
			iperf3 -c "$2" -t "$BENCH_SECONDS" -O 1 -P "$4" -J > "$out" 2>&1 ||
			echo "iperf3 failed: exit $?" > "$out.failed"
		ended "$out"
	fi
	kill "$server" 2>/dev/null
	wait "$server" 2>/dev/null
	echo "$before $(carried b "$3")" > "$out.carried"
}
