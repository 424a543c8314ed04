# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Packets from within the kernel, and who counts them.
#
# pktgen injects into the first namespace what its device "gen" would have received, as a network card's driver would.
# On one processor it would starve those who carry the packets (WireGuard's workers, ksoftirqd), so that most are lost
# in queues. It has the idle scheduling class, and they a real-time one: the fair scheduler would let even an idle task
# have a whole tick now and then, enough to fill any queue. So it runs only when nobody else wants to, sends all that
# can be carried, and what is received is all that was sent; the report tells where it is not.

: "${BENCH_SEND_SECONDS:?}"

# pktgen NS FILE LINE...
# shellcheck disable=SC2016 # for the shell within
pktgen()
{
	ip netns exec "$1" bash -c 'f=/proc/net/pktgen/$1; shift; for l; do echo "$l" > "$f" || exit; done' - "${@:2}"
}

# make_sender NS: what the packets seem to come in by
make_sender()
{
	ip -n "$1" link add gen mtu 4000 type dummy && ip -n "$1" link set gen up &&
	ip -n "$1" addr add 10.9.0.1/24 dev gen &&
	pktgen "$1" kpktgend_0 rem_device_all "add_device gen"
}

# classes SENDER OTHERS PRIORITY RUNTIME: chrt's options for the sender, which has a thread for each namespace, and for
# those who carry; microseconds of each second that a real-time class may have
classes()
{
	local pid

	for pid in $(pgrep -x kpktgend_0); do
		chrt "$1" -p 0 "$pid"
	done
	# workers come and go
	for pid in $(pgrep '^(kworker/0:|ksoftirqd/)'); do
		chrt "$2" -p "$3" "$pid" 2> /dev/null
	done
	sysctl -qw kernel.sched_rt_runtime_us="$4"
}

# make_sink NS: counts what has come this far, and drops it
make_sink()
{
	ip netns exec "$1" nft -f - <<-END
		table ip sink {
			counter got { }
			chain pre {
				type filter hook prerouting priority raw
				ip daddr 10.7.0.0/16 udp dport 9 counter name got drop
			}
		}
	END
}

# received NS
received()
{
	ip netns exec "$1" nft list counter ip sink got | sed -n 's/^.*packets \([0-9]*\).*$/\1/p'
}

# send OUT FROM TO LINE...: to pktgen's device, then packets for a while; leaves in OUT what was sent in all, received
# in all, and received during the time that counts
send()
{
	local out=$1 from=$2 to=$3 all before after sent sender mac

	mac=$(ip netns exec "$from" cat /sys/class/net/gen/address)
	if ! pktgen "$from" gen "count 0" "delay 0" "clone_skb 0" "xmit_mode netif_receive" "dst_mac $mac" \
			"src_min 10.9.0.2" "src_max 10.9.0.2" "udp_dst_min 9" "udp_dst_max 9" "${@:4}" 2> "$out.log"; then
		echo "pktgen does not take $(tail -n 1 "$out.log")" > "$out.failed"
		return
	fi
	classes -i -f 1 -1
	all=$(received "$to")
	pktgen "$from" pgctrl start &
	sender=$!
	sleep 0.2
	# while the counter is read, nobody sends
	before=$(received "$to")
	begun "$out"
	sleep "$BENCH_SEND_SECONDS"
	ended "$out"
	after=$(received "$to")
	pktgen "$from" pgctrl stop
	wait "$sender"
	sleep 0.1
	classes -o -o 0 950000		# other parts come after this one
	sent=$(ip netns exec "$from" sed -n 's/^.*pkts-sofar: \([0-9]*\).*$/\1/p' /proc/net/pktgen/gen)
	echo "$sent $(($(received "$to") - all)) $((after - before))" > "$out"
}
