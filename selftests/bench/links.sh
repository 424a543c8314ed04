# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034 # used by those who source this
#
# The links that are compared. Each lies between two namespaces, joined by a veth pair of its own, and is set up as its
# own manual says, with the MTU that the kernel gives it. It is made anew for each repetition, and gone after it.

CIPHERS="aes-128-gcm aes-256-gcm chacha20-poly1305"

# Measured in every part; the others by one TCP stream and idle round trips, to see what a cipher or a condition does.
MAIN_LINKS="veth vxlan wireguard esp-aes-128-gcm macsec-aes-128-gcm ovpn-aes-128-gcm linkwire-vxlan-l2-aes-128-gcm
	linkwire-vxlan-l3-aes-128-gcm linkwire-vxlan-l3-chacha20-poly1305 linkwire-ipip-l3-aes-128-gcm"

# links: what is compared, a line each: KIND CIPHER CONDITION.
#
# The cipher "null" is the module built for this test: it seals nothing, and says aes-128-gcm.
# The condition "gso1" is an underlay that carries no trains: each packet passes it alone, and its receiving end has GRO, as
# a network card would, and veth has not by itself; "single" has the link's own
# device without segmentation offload: each packet enters it alone.
links()
{
	local kind cipher

	printf '%s none plain\n' veth vxlan ipip
	echo "wireguard chacha20-poly1305 plain"
	for cipher in $CIPHERS; do
		echo "esp $cipher plain"
	done
	printf 'esp-transport %s plain\n' aes-128-gcm chacha20-poly1305
	printf 'macsec %s plain\n' aes-128-gcm aes-256-gcm
	for cipher in $CIPHERS; do
		echo "ovpn $cipher plain"
	done
	for kind in linkwire-vxlan-l2 linkwire-vxlan-l3 linkwire-ipip-l3; do
		for cipher in $CIPHERS; do
			echo "$kind $cipher plain"
		done
	done
	for cipher in $CIPHERS; do
		echo "linkwire-vxlan-l3 $cipher single"
	done
	printf '%s gso1\n' "veth none" "vxlan none" "wireguard chacha20-poly1305" "esp aes-128-gcm" "macsec aes-128-gcm" \
		"linkwire-vxlan-l2 aes-128-gcm" "linkwire-vxlan-l3 aes-128-gcm" "linkwire-vxlan-l3 chacha20-poly1305"
	# last: so that the module is changed only twice a repetition
	printf '%s null plain\n' linkwire-vxlan-l2 linkwire-vxlan-l3 linkwire-ipip-l3
}

# link_name KIND CIPHER CONDITION
link_name()
{
	local name=$1

	[ "$2" = none ] || [ "$1" = wireguard ] || name+=-$2
	[ "$3" = plain ] || name+=-$3
	echo "$name"
}

# hop N: names and addresses of the Nth link of a chain: N is 0 for a link alone.
hop()
{
	HOP=$1 VA=va$1 VB=vb$1 TUN=tun$1
	UNDER_A=10.0.$1.1 UNDER_B=10.0.$1.2 INNER_A=10.1.$1.1 INNER_B=10.1.$1.2
}

# hex BYTES: random ones.
hex()
{
	od -An -tx1 -v -N "$1" /dev/urandom | tr -d ' \n'
}

# join A B [MTU]: the veth pair of this hop.
join()
{
	ip link add "$VA" netns "$1" mtu "${3:-1500}" type veth peer name "$VB" netns "$2" mtu "${3:-1500}" &&
	ip -n "$1" link set lo up && ip -n "$2" link set lo up &&
	ip -n "$1" link set "$VA" up && ip -n "$2" link set "$VB" up &&
	ip -n "$1" addr add "$UNDER_A/24" dev "$VA" && ip -n "$2" addr add "$UNDER_B/24" dev "$VB"
}

# make_link A B KIND CIPHER CONDITION: over the veth pair of this hop, between two namespaces.
make_link()
{
	if [ "$5" = gso1 ]; then
		ip -n "$1" link set "$VA" gso_max_segs 1 && ip -n "$2" link set "$VB" gso_max_segs 1 &&
		ip netns exec "$1" ethtool -K "$VA" tso off gro on && ip netns exec "$2" ethtool -K "$VB" tso off gro on || return
	fi
	case $3 in
	veth) ;;
	linkwire-*-*)
		local how=${3#linkwire-}
		make_linkwire "$1" "$2" "${how%-*}" "${how#*-}" "$4" ;;
	*) "make_${3//-/_}" "$1" "$2" "$4" ;;
	esac || return
	if [ "$5" = single ]; then
		ip netns exec "$1" ethtool -K "$TUN" tso off &&
		ip netns exec "$2" ethtool -K "$TUN" tso off
	fi
}

# make_linkwire A B ENCAP MODE CIPHER
make_linkwire()
{
	local cipher=$5

	[ "$cipher" != null ] || cipher=aes-128-gcm
	"$LWCTL" -n "$1" link add "$TUN" encap "$3" mode "$4" local "$UNDER_A" remote "$UNDER_B" &&
	"$LWCTL" -n "$2" link add "$TUN" encap "$3" mode "$4" local "$UNDER_B" remote "$UNDER_A" &&
	addresses "$1" "$2" &&
	"$LWCTL" -n "$1" rekey "$TUN" peer "$TUN" peer-netns "$2" cipher "$cipher"
}

# far_end KIND: the address to measure to.
far_end()
{
	case $1 in
	veth|esp-transport) echo "$UNDER_B" ;;
	*) echo "$INNER_B" ;;
	esac
}

# carried B KIND: the bytes that the far end has received by this link, as the link itself counts them: so that
# nothing is measured that went another way.
carried()
{
	local dev=$TUN

	case $2 in
	esp|esp-transport)
		ip -n "$1" -s xfrm state list src "$UNDER_A" |
			sed -n '/lifetime current/,$s/^[ \t]*\([0-9][0-9]*\)(bytes).*/\1/p' | head -n 1
		return ;;
	veth) dev=$VB ;;
	esac
	ip netns exec "$1" cat "/sys/class/net/$dev/statistics/rx_bytes"
}

# addresses A B: on the devices of the tunnel.
addresses()
{
	ip -n "$1" addr add "$INNER_A/24" dev "$TUN" && ip -n "$2" addr add "$INNER_B/24" dev "$TUN" &&
	ip -n "$1" link set "$TUN" up && ip -n "$2" link set "$TUN" up
}

# remove NAMESPACE...: with all that runs and lies in them.
remove()
{
	local ns pids

	for ns; do
		pids=$(ip netns pids "$ns" 2> /dev/null)
		# shellcheck disable=SC2086 # several
		[ -z "$pids" ] || kill -9 $pids 2> /dev/null
		ip netns del "$ns" 2> /dev/null
	done
	return 0
}
