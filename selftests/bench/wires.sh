# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Many wires between two namespaces, all active: each packet goes over another one than the packet before it.

: "${BENCH_WIRES:?}"

# wires DIR
wires()
{
	local have=0 count out

	hop 0
	mkdir -p "$1/wires"
	if { module "$LINKWIRE_KO" && ip netns add a && ip netns add b && join a b &&
	     ip netns exec a sysctl -qw net.ipv4.ip_forward=1 && make_sender a && make_sink b; } > "$1/wires/setup" 2>&1; then
		for count in $BENCH_WIRES; do
			out=$1/wires/$count
			if more_wires "$have" "$count" > "$out.setup" 2>&1; then
				send "$out" a b "pkt_size 64" "dst_min 10.7.0.1" "dst_max 10.7.$((count / 256)).$((count % 256))"
			else
				echo "cannot make wires: $(tail -n 1 "$out.setup")" > "$out.failed"
			fi
			have=$count
		done
	else
		echo "cannot be set up: $(tail -n 1 "$1/wires/setup")" > "$1/wires/failed"
	fi
	remove a b
}

# more_wires HAVE WANT: the Nth is for the address 10.7.0.0 + N
more_wires()
{
	local i side how="encap vxlan mode l3 id"
	local local_a="local $UNDER_A remote $UNDER_B" local_b="local $UNDER_B remote $UNDER_A" dir=/run/bench-wires

	mkdir -p $dir
	for ((i = $1 + 1; i <= $2; i++)); do
		echo "link add w$i $how $i $local_a" >&3
		echo "link add w$i $how $i $local_b" >&4
		echo "rekey w$i peer w$i peer-netns b cipher aes-128-gcm grace 0" >&5
		echo "link set w$i up" >&6
		echo "route add 10.7.$((i / 256)).$((i % 256)) dev w$i" >&7
	done 3> $dir/add.a 4> $dir/add.b 5> $dir/keys 6> $dir/up 7> $dir/routes
	for side in a b; do
		"$LWCTL" -n $side -batch $dir/add.$side && ip -n $side -batch $dir/up || return
	done
	ip -n a -batch $dir/routes && "$LWCTL" -n a -batch $dir/keys
}
