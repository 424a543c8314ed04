# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Many wires between two namespaces, all active: each packet goes over another one than the packet before it. And as many
# of the kernel's own vxlan devices: what they take more a packet than one of them does is not for a wire to save.

: "${BENCH_WIRES:?}"

FAR_MAC=02:00:00:00:00:01

# wires DIR KIND: KIND is linkwire or vxlan
wires()
{
	local have=0 count out=$1/wires-$2

	hop 0
	mkdir -p "$out"
	if { module "$LINKWIRE_KO" && ip netns add a && ip netns add b && join a b &&
	     ip netns exec a sysctl -qw net.ipv4.ip_forward=1 && make_sender a && make_sink b; } > "$out/setup" 2>&1; then
		for count in $BENCH_WIRES; do
			if "more_$2" "$have" "$count" > "$out/$count.setup" 2>&1; then
				send "$out/$count" a b "pkt_size 64" "dst_min 10.7.0.1" "dst_max 10.7.$((count / 256)).$((count % 256))"
			else
				echo "cannot make wires: $(tail -n 1 "$out/$count.setup")" > "$out/$count.failed"
			fi
			have=$count
		done
	else
		echo "cannot be set up: $(tail -n 1 "$out/setup")" > "$out/failed"
	fi
	remove a b
}

# more_linkwire HAVE WANT: the Nth is for the address 10.7.0.0 + N
more_linkwire()
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

# more_vxlan HAVE WANT: all far ends have one MAC address, that nobody has to ask for
more_vxlan()
{
	local i to dir=/run/bench-wires

	mkdir -p $dir
	for ((i = $1 + 1; i <= $2; i++)); do
		to=10.7.$((i / 256)).$((i % 256))
		echo "link add w$i type vxlan id $i local $UNDER_A remote $UNDER_B dstport 4789" >&3
		echo "link add w$i address $FAR_MAC type vxlan id $i local $UNDER_B remote $UNDER_A dstport 4789" >&4
		printf '%s\n' "link set w$i up" "neigh add $to lladdr $FAR_MAC dev w$i" "route add $to dev w$i" >&3
		echo "link set w$i up" >&4
	done 3> $dir/add.a 4> $dir/add.b
	ip -n b -batch $dir/add.b && ip -n a -batch $dir/add.a
}
