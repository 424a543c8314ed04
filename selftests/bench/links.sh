# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The links that are compared. Each lies between two namespaces of its own, joined by a veth pair of its own, so that
# none is in another's way, and is set up as its own manual says, with the MTU that the kernel gives it.

CIPHERS="aes-128-gcm aes-256-gcm chacha20-poly1305"

# The far end of any link but veth itself, inside; and the ends of the veth pair.
INNER_A=10.1.0.1 INNER_B=10.1.0.2
UNDER_A=10.0.0.1 UNDER_B=10.0.0.2

# links: what is compared, a line each: KIND CIPHER.
links()
{
	local kind cipher

	printf '%s none\n' veth vxlan ipip
	echo "wireguard chacha20-poly1305"
	for cipher in $CIPHERS; do
		echo "esp $cipher"
	done
	printf 'macsec %s\n' aes-128-gcm aes-256-gcm
	for kind in linkwire-vxlan-l2 linkwire-vxlan-l3 linkwire-ipip-l3; do
		for cipher in $CIPHERS; do
			echo "$kind $cipher"
		done
	done
}

# hex BYTES: random ones.
hex()
{
	od -An -tx1 -v -N "$1" /dev/urandom | tr -d ' \n'
}

# make_link NAME KIND CIPHER: makes it between the namespaces a-NAME and b-NAME.
make_link()
{
	local a=a-$1 b=b-$1

	ip netns add "$a" && ip netns add "$b" &&
	ip link add va netns "$a" type veth peer name vb netns "$b" &&
	ip -n "$a" link set lo up && ip -n "$b" link set lo up &&
	ip -n "$a" link set va up && ip -n "$b" link set vb up &&
	ip -n "$a" addr add $UNDER_A/24 dev va && ip -n "$b" addr add $UNDER_B/24 dev vb || return
	case $2 in
	veth) ;;
	linkwire-*-*)
		local how=${2#linkwire-}
		make_linkwire "$a" "$b" "${how%-*}" "${how#*-}" "$3" ;;
	*) "make_$2" "$a" "$b" "$3" ;;
	esac
}

# far_end KIND: the address to measure to.
far_end()
{
	[ "$1" = veth ] && echo $UNDER_B || echo $INNER_B
}

# carried NAME KIND: the bytes that the far end has received by this link, as the link itself counts them: so that
# nothing is measured that went another way.
carried()
{
	local dev

	case $2 in
	esp)
		ip -n "b-$1" -s xfrm state list src $UNDER_A |
			sed -n '/lifetime current/,$s/^[ \t]*\([0-9][0-9]*\)(bytes).*/\1/p' | head -n 1
		return ;;
	veth) dev=vb ;;
	*) dev=tun ;;
	esac
	ip netns exec "b-$1" cat "/sys/class/net/$dev/statistics/rx_bytes"
}

# addresses A B: on the devices called tun.
addresses()
{
	ip -n "$1" addr add $INNER_A/24 dev tun && ip -n "$2" addr add $INNER_B/24 dev tun &&
	ip -n "$1" link set tun up && ip -n "$2" link set tun up
}

make_vxlan()
{
	ip -n "$1" link add tun type vxlan id 7 local $UNDER_A remote $UNDER_B dstport 4789 dev va &&
	ip -n "$2" link add tun type vxlan id 7 local $UNDER_B remote $UNDER_A dstport 4789 dev vb &&
	addresses "$1" "$2"
}

make_ipip()
{
	ip -n "$1" link add tun type ipip local $UNDER_A remote $UNDER_B &&
	ip -n "$2" link add tun type ipip local $UNDER_B remote $UNDER_A &&
	addresses "$1" "$2"
}

make_wireguard()
{
	local ka kb

	ka=$(wg genkey) kb=$(wg genkey)
	ip -n "$1" link add tun type wireguard && ip -n "$2" link add tun type wireguard &&
	ip netns exec "$1" wg set tun private-key <(echo "$ka") listen-port 51820 \
		peer "$(wg pubkey <<< "$kb")" allowed-ips $INNER_B/32 endpoint $UNDER_B:51820 &&
	ip netns exec "$2" wg set tun private-key <(echo "$kb") listen-port 51820 \
		peer "$(wg pubkey <<< "$ka")" allowed-ips $INNER_A/32 endpoint $UNDER_A:51820 &&
	addresses "$1" "$2"
}

make_macsec()
{
	local ka kb ma mb bytes=16

	[ "$3" = aes-128-gcm ] || bytes=32
	ka=$(hex $bytes) kb=$(hex $bytes)
	ma=$(ip netns exec "$1" cat /sys/class/net/va/address) || return
	mb=$(ip netns exec "$2" cat /sys/class/net/vb/address) || return
	macsec_end "$1" va "$bytes" 00 "$ka" "$mb" 01 "$kb" && macsec_end "$2" vb "$bytes" 01 "$kb" "$ma" 00 "$ka" &&
	addresses "$1" "$2"
}

# macsec_end NS DEV KEY-BYTES TX-ID TX-KEY PEER RX-ID RX-KEY
macsec_end()
{
	ip -n "$1" link add link "$2" tun type macsec encrypt on cipher gcm-aes-$(($3 * 8)) &&
	ip -n "$1" macsec add tun tx sa 0 pn 1 on key "$4" "$5" &&
	ip -n "$1" macsec add tun rx port 1 address "$6" &&
	ip -n "$1" macsec add tun rx port 1 address "$6" sa 0 pn 1 on key "$7" "$8"
}

make_esp()
{
	local alg bytes ns

	case $3 in
	aes-128-gcm) alg='rfc4106(gcm(aes))' bytes=20 ;;
	aes-256-gcm) alg='rfc4106(gcm(aes))' bytes=36 ;;
	*) alg='rfc7539esp(chacha20,poly1305)' bytes=36 ;;
	esac
	local kab kba
	kab=0x$(hex $bytes) kba=0x$(hex $bytes)
	for ns in "$1" "$2"; do
		ip -n "$ns" xfrm state add src $UNDER_A dst $UNDER_B proto esp spi 0x100 mode tunnel \
			replay-window 128 flag esn aead "$alg" "$kab" 128 &&
		ip -n "$ns" xfrm state add src $UNDER_B dst $UNDER_A proto esp spi 0x101 mode tunnel \
			replay-window 128 flag esn aead "$alg" "$kba" 128 || return
	done
	esp_policy "$1" out $INNER_A $INNER_B $UNDER_A $UNDER_B && esp_policy "$1" in $INNER_B $INNER_A $UNDER_B $UNDER_A &&
	esp_policy "$2" out $INNER_B $INNER_A $UNDER_B $UNDER_A && esp_policy "$2" in $INNER_A $INNER_B $UNDER_A $UNDER_B &&
	ip -n "$1" addr add $INNER_A/32 dev lo && ip -n "$2" addr add $INNER_B/32 dev lo &&
	ip -n "$1" route add $INNER_B via $UNDER_B src $INNER_A && ip -n "$2" route add $INNER_A via $UNDER_A src $INNER_B
}

# esp_policy NS DIR FROM TO OUTER-FROM OUTER-TO
esp_policy()
{
	ip -n "$1" xfrm policy add dir "$2" src "$3" dst "$4" tmpl src "$5" dst "$6" proto esp mode tunnel
}

# make_linkwire A B ENCAP MODE CIPHER
make_linkwire()
{
	"$LWCTL" -n "$1" link add tun encap "$3" mode "$4" local $UNDER_A remote $UNDER_B &&
	"$LWCTL" -n "$2" link add tun encap "$3" mode "$4" local $UNDER_B remote $UNDER_A &&
	addresses "$1" "$2" &&
	"$LWCTL" -n "$1" rekey tun peer tun peer-netns "$2" cipher "$5"
}
