#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a key may be used for: limits, packet numbers, once only. And where its bytes are never seen.
#
#	netns b: peer, in Python            netns a: underlay         netns tenant
#	  packets on vb  ------------------- va  (wire w1) ............ device w1
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/peer/peer.sh"

tenant=''

# limits CASE ENCAP MODE FAMILY CIPHER
limits()
{
	local what=$1
	shift

	setup_underlay
	setup_ns tenant
	in_ns "$tenant" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	check "$what" peer limits "$what" "$a" "$b" "$tenant" "$@"
}

one_time()
{
	setup_ns a b
	check "$1" peer one_time "$1" "$a" "$b"
}

# The clock is the machine's: it is set in guests of vm/ only, which say so.
clock()
{
	local now up

	[ -n "$LINKWIRE_GUEST" ] || skip "the clock is set in a guest only"
	setup_ns a
	check "wire" lw -n "$a" link add w encap ipip remote 10.0.0.2 || return
	new_key aes-128-gcm "$TMP/tx" && new_key aes-128-gcm "$TMP/rx"
	now=$(date +%s) up=$(cut -d. -f1 /proc/uptime)
	date -s "2020-01-01" > /dev/null 2>&1 || skip "the clock cannot be set here"
	if [ "$(date +%Y)" = 2020 ]; then
		check_fails "transmitting SA in 2020" 2 "the clock is before the day this module was made: set it" \
			lw -n "$a" sa add w tx tag 1 cipher aes-128-gcm key-file "$TMP/tx"
		check "receiving SA in 2020" lw -n "$a" sa add w rx tag 2 cipher aes-128-gcm key-file "$TMP/rx"
	else
		fail "the clock was set, and is not"
	fi
	date -s "@$((now + $(cut -d. -f1 /proc/uptime) - up))" > /dev/null
	check "the same key, now" lw -n "$a" sa add w tx tag 1 cipher aes-128-gcm key-file "$TMP/tx"
}

unseen()
{
	setup_underlay
	check "search" peer key_unseen "$a" "$TMP"
}

export LWCTL
peer_start limits one_time key_unseen

tap_case "tx packets: soft and hard limit, to the packet" limits tx_packets vxlan l3 4 aes-128-gcm
tap_case "tx bytes: soft and hard limit, to the packet" limits tx_bytes ipip l3 4 aes-256-gcm
tap_case "tx seconds: soft and hard limit" limits tx_seconds vxlan l3 6 chacha20-poly1305
tap_case "rx packets: soft and hard limit, to the packet" limits rx_packets ipip l3 6 chacha20-poly1305
tap_case "rx bytes: soft and hard limit, to the packet" limits rx_bytes vxlan l3 4 aes-256-gcm
tap_case "rx seconds: soft and hard limit" limits rx_seconds vxlan l3 4 aes-128-gcm
tap_case "the last packet numbers are used, and none after them" limits last_numbers vxlan l3 4 chacha20-poly1305
tap_case "the last packet numbers, of a device that was down" \
	limits last_numbers_of_a_device_that_was_down ipip l3 4 aes-128-gcm
tap_case "a start below the clock has no effect" limits start_in_the_past vxlan l3 4 aes-128-gcm
tap_case "a start above the clock is the first packet number" limits start_in_the_future vxlan l3 4 aes-256-gcm
tap_case "a key is refused a second time in the same direction" one_time again
tap_case "a key is refused in both directions of one wire, and taken once by each end" one_time both_directions
tap_case "a key is refused a second time in another netns" one_time other_netns
tap_case "a key is refused on a wire that was made anew" one_time remade
tap_case "a key with another salt, or for another cipher, is the same key" one_time other_salt
tap_case "2000 keys in a row are remembered" one_time many
tap_case "tags are drawn from all of 24 bits; one in use is refused" one_time tags
tap_case "each netns has tags of its own" one_time tags_of_netns
tap_case "a fifth receiving SA is refused" one_time four_receiving
tap_case "no transmitting SA while the clock is before the module's day" clock
tap_case "no byte of a key is seen in answers, events, logs, traces, lwctl's words or its core" unseen
finish
