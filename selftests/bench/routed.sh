# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2153 # names and addresses: set by hop (links.sh)
#
# Small and large packets over a chain of links, routed by the nodes between them ("p2v" and "v2v" of the MTS paper):
#
#     n0 --link 1-- n1 --link 2-- n2                   p2v: through one node, n1
#     n0 --link 1-- n1 --link 2-- n2 --link 3-- n3     v2v: through two, n1 and n2
#
# The sender's packets come into n0, which routes them as well; the last node counts and drops them. Links here lie
# over veth pairs with an MTU of 4000, and have one of 2100, so that packets of 2048 bytes pass in one piece.

: "${BENCH_SIZES:?}"

# routed NAME KIND CIPHER OUT
routed()
{
	local nodes what size

	mkdir -p "$4"
	for nodes in 1 2; do
		[ $nodes = 1 ] && what=p2v || what=v2v
		if chain $((nodes + 1)) "$2" "$3" > "$4/$what.setup" 2>&1; then
			for size in $BENCH_SIZES; do
				send "$4/$what-$size" n0 n$((nodes + 1)) "burst 32" "pkt_size $size" \
					"dst_min 10.7.0.1" "dst_max 10.7.0.1"
			done
		else
			failed "$1" "$4/$what.setup"
		fi
		remove n0 n1 n2 n3
	done
}

# chain LINKS KIND CIPHER: namespaces n0, n1, ... with a link between each and the next
chain()
{
	local i a b

	module_of "$2" "$3" || return
	for ((i = 0; i <= $1; i++)); do
		ip netns add "n$i" && ip netns exec "n$i" sysctl -qw net.ipv4.ip_forward=1 || return
	done
	for ((i = 1; i <= $1; i++)); do
		a=n$((i - 1)) b=n$i
		hop "$i"
		join "$a" "$b" 4000 && make_link "$a" "$b" "$2" "$3" plain && through "$a" "$b" "$2" &&
		ip netns exec "$a" ping -n -q -c 5 -i 0.1 -W 2 "$(far_end "$2")" || return
	done
	make_sender n0 && make_sink "n$1"
}

# through A B KIND: the packets' way over this link
through()
{
	case $3 in
	veth)
		ip -n "$1" route add 10.7.0.0/16 via "$UNDER_B" dev "$VA" ;;
	esp)
		esp_tunnel "$1" out 0.0.0.0/0 10.7.0.0/16 "$UNDER_A" "$UNDER_B" &&
		esp_tunnel "$2" in 0.0.0.0/0 10.7.0.0/16 "$UNDER_A" "$UNDER_B" &&
		esp_tunnel "$2" fwd 0.0.0.0/0 10.7.0.0/16 "$UNDER_A" "$UNDER_B" &&
		ip -n "$1" route add 10.7.0.0/16 via "$UNDER_B" dev "$VA" ;;
	*)
		ip -n "$1" link set "$TUN" mtu 2100 && ip -n "$2" link set "$TUN" mtu 2100 &&
		ip -n "$1" route add 10.7.0.0/16 via "$INNER_B" dev "$TUN" ;;
	esac
}
