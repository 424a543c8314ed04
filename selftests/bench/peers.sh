# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2153 # names and addresses: set by hop (links.sh)
#
# How the kernel's own tunnels are set up: make_KIND A B CIPHER, over the veth pair of this hop (links.sh). What is a
# number of the tunnel's own differs from hop to hop: a node of a chain has two of a kind.

make_vxlan()
{
	local id=$((7 + HOP))

	ip -n "$1" link add "$TUN" type vxlan id $id local "$UNDER_A" remote "$UNDER_B" dstport 4789 dev "$VA" &&
	ip -n "$2" link add "$TUN" type vxlan id $id local "$UNDER_B" remote "$UNDER_A" dstport 4789 dev "$VB" &&
	addresses "$1" "$2"
}

make_ipip()
{
	ip -n "$1" link add "$TUN" type ipip local "$UNDER_A" remote "$UNDER_B" &&
	ip -n "$2" link add "$TUN" type ipip local "$UNDER_B" remote "$UNDER_A" &&
	addresses "$1" "$2"
}

make_wireguard()
{
	local ka kb port=$((51820 + HOP))

	ka=$(wg genkey) kb=$(wg genkey)
	ip -n "$1" link add "$TUN" type wireguard && ip -n "$2" link add "$TUN" type wireguard &&
	ip netns exec "$1" wg set "$TUN" private-key <(echo "$ka") listen-port $port \
		peer "$(wg pubkey <<< "$kb")" allowed-ips 0.0.0.0/0 endpoint "$UNDER_B:$port" &&
	ip netns exec "$2" wg set "$TUN" private-key <(echo "$kb") listen-port $port \
		peer "$(wg pubkey <<< "$ka")" allowed-ips 0.0.0.0/0 endpoint "$UNDER_A:$port" &&
	addresses "$1" "$2"
}

make_macsec()
{
	local ka kb ma mb bytes=16

	[ "$3" = aes-128-gcm ] || bytes=32
	ka=$(hex $bytes) kb=$(hex $bytes)
	ma=$(ip netns exec "$1" cat "/sys/class/net/$VA/address") || return
	mb=$(ip netns exec "$2" cat "/sys/class/net/$VB/address") || return
	macsec_end "$1" "$VA" "$bytes" 00 "$ka" "$mb" 01 "$kb" &&
	macsec_end "$2" "$VB" "$bytes" 01 "$kb" "$ma" 00 "$ka" &&
	addresses "$1" "$2"
}

# macsec_end NS DEV KEY-BYTES TX-ID TX-KEY PEER RX-ID RX-KEY
macsec_end()
{
	ip -n "$1" link add link "$2" "$TUN" type macsec encrypt on cipher gcm-aes-$(($3 * 8)) &&
	ip -n "$1" macsec add "$TUN" tx sa 0 pn 1 on key "$4" "$5" &&
	ip -n "$1" macsec add "$TUN" rx port 1 address "$6" &&
	ip -n "$1" macsec add "$TUN" rx port 1 address "$6" sa 0 pn 1 on key "$7" "$8"
}

# Its sockets are those of a process, which is gone with the namespace.
make_ovpn()
{
	local kab kba

	kab=$(hex 40) kba=$(hex 40)
	ip -n "$1" link add "$TUN" type ovpn && ip -n "$2" link add "$TUN" type ovpn &&
	addresses "$1" "$2" &&
	ovpn_end "$1" "$UNDER_A" "$UNDER_B" "$3" "$kab" "$kba" && ovpn_end "$2" "$UNDER_B" "$UNDER_A" "$3" "$kba" "$kab"
}

# ovpn_end NS LOCAL REMOTE CIPHER TX-KEY RX-KEY
ovpn_end()
{
	local ready

	exec {ready}< <(exec ip netns exec "$1" python3 "$BENCH_DIR/ovpn.py" "$TUN" "$2" "$3" $((1194 + HOP)) "$4" "$5" "$6")
	read -r -t 10 -u "$ready" _
}

# esp_states A B MODE CIPHER
esp_states()
{
	local alg bytes ns kab kba

	case $4 in
	aes-128-gcm) alg='rfc4106(gcm(aes))' bytes=20 ;;
	aes-256-gcm) alg='rfc4106(gcm(aes))' bytes=36 ;;
	*) alg='rfc7539esp(chacha20,poly1305)' bytes=36 ;;
	esac
	kab=0x$(hex $bytes) kba=0x$(hex $bytes)
	for ns in "$1" "$2"; do
		ip -n "$ns" xfrm state add src "$UNDER_A" dst "$UNDER_B" proto esp spi "0x10$HOP" mode "$3" \
			replay-window 128 flag esn aead "$alg" "$kab" 128 &&
		ip -n "$ns" xfrm state add src "$UNDER_B" dst "$UNDER_A" proto esp spi "0x20$HOP" mode "$3" \
			replay-window 128 flag esn aead "$alg" "$kba" 128 || return
	done
}

make_esp()
{
	esp_states "$1" "$2" tunnel "$3" &&
	esp_tunnel "$1" out "$INNER_A" "$INNER_B" "$UNDER_A" "$UNDER_B" && esp_tunnel "$1" in "$INNER_B" "$INNER_A" "$UNDER_B" "$UNDER_A" &&
	esp_tunnel "$2" out "$INNER_B" "$INNER_A" "$UNDER_B" "$UNDER_A" && esp_tunnel "$2" in "$INNER_A" "$INNER_B" "$UNDER_A" "$UNDER_B" &&
	ip -n "$1" addr add "$INNER_A"/32 dev lo && ip -n "$2" addr add "$INNER_B"/32 dev lo &&
	ip -n "$1" route add "$INNER_B" via "$UNDER_B" src "$INNER_A" && ip -n "$2" route add "$INNER_A" via "$UNDER_A" src "$INNER_B"
}

# esp_tunnel NS DIR FROM TO OUTER-FROM OUTER-TO
esp_tunnel()
{
	ip -n "$1" xfrm policy add dir "$2" src "$3" dst "$4" tmpl src "$5" dst "$6" proto esp mode tunnel
}

make_esp_transport()
{
	esp_states "$1" "$2" transport "$3" &&
	esp_transport "$1" out "$UNDER_A" "$UNDER_B" && esp_transport "$1" in "$UNDER_B" "$UNDER_A" &&
	esp_transport "$2" out "$UNDER_B" "$UNDER_A" && esp_transport "$2" in "$UNDER_A" "$UNDER_B"
}

# esp_transport NS DIR FROM TO
esp_transport()
{
	ip -n "$1" xfrm policy add dir "$2" src "$3" dst "$4" tmpl src "$3" dst "$4" proto esp mode transport
}
