#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Hosts behind a gateway that masquerades what it sends into a wire. What does not fit is answered to them, as they sent it:
# the translation is known to the packet until it is sealed.
#
#	netns h        netns g             netns a         netns b
#	 hv ----------- gv   w ........ underlay: va == vb   w
#	              masquerade         (MTU 1400)
. "$(dirname "$0")/lib.sh"

export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$SELFTESTS/peer WAIT_MS
h='' g=''

# masquerade NETNS
masquerade()
{
	in_ns "$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	in_ns "$1" nft -f - <<-END
		table inet nat {
			chain out {
				type nat hook postrouting priority 100;
				oifname "w" masquerade
			}
		}
	END
}

# told WHERE OVERHEAD ENCAP MODE FAMILY: the wire's device is in the underlay, or in a tenant's netns; of the underlay's
# MTU, the wire takes OVERHEAD
told()
{
	local where=$1 overhead=$2

	need nft
	need_module nft_masq nft_chain_nat
	setup_underlay
	setup_ns h
	make_wire w encap "$3" mode "$4" family "$5" -- id 5 || return
	g=$a
	if [ "$where" = tenant ]; then
		setup_ns g
		ip -n "$a" link set w netns "$g"
		__wire_end "$g" w "$W4_A" "$W6_A"
	fi
	ip -n "$g" link set w up mtu 1500
	ip -n "$a" link set va mtu 1400
	ip -n "$b" link set vb mtu 1400
	ip link add hv netns "$h" type veth peer name gv netns "$g"
	__underlay_end "$g" gv 10.78.0.1 fd78::1
	__underlay_end "$h" hv 10.78.0.2 fd78::2
	ip -n "$h" route add default via 10.78.0.1
	ip -n "$h" -6 route add default via fd78::1
	check "masquerade" masquerade "$g" || return
	check "echoes" wait_for ns_ping "$h" "$W4_B"
	check "echoes" wait_for ns_ping "$h" "$W6_B"
	check "$*" python3 "$SELFTESTS/traffic/masquerade.py" $((1400 - overhead)) "$h" "$b" 10.78.0.2 "$W4_B" fd78::2 "$W6_B" \
		"$W4_A" "$W6_A"
}

for kind in "underlay 74 vxlan l2 4" "tenant 68 ipip l3 6"; do
	# shellcheck disable=SC2086 # words
	tap_case "masqueraded senders learn what fits: $kind" told $kind
done
finish
