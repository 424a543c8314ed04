#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two processors.
# Ciphers that complete later: the module is loaded so that cryptd does all of them in its workers. Packets stay in
# order, queues have an end, and whatever goes away while packets wait (SA, wire, namespaces, module) waits for them, or
# they are dropped and counted.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/peer/cryptd.sh"

export PYTHONDONTWRITEBYTECODE=1 WAIT_MS

CIPHERS="aes-128-gcm aes-256-gcm chacha20-poly1305"
BULK=2000000 NUMBERED=3000

# drivers NAMESPACE WIRE: of its SAs, one a line
drivers()
{
	lw -n "$1" -j sa show "$2" | sed 's/[,{}]/\n/g' | sed -n 's/^ *"driver" *: *"\(.*\)/\1/p'
}

wire_id()
{
	lw -n "$1" -j link show "$2" | sed 's/[,{}]/\n/g' | sed -n 's/.*"id" *: *\([0-9][0-9]*\).*/\1/p' | head -n 1
}

is_asynchronous()
{
	local cipher ns

	setup_underlay
	for cipher in $CIPHERS; do
		make_wire "w${cipher%%-*}" cipher "$cipher" || return
		key_wire "w${cipher%%-*}" "$cipher"
		for ns in "$a" "$b"; do
			drivers "$ns" "w${cipher%%-*}" > "$TMP/drivers"
			check_eq "SAs of $cipher" 3 "$(wc -l < "$TMP/drivers")"
			check_eq "SAs of $cipher that cryptd does" 3 "$(grep -c '^cryptd(' "$TMP/drivers")"
		done
		lw -n "$a" link del "w${cipher%%-*}"
		lw -n "$b" link del "w${cipher%%-*}"
	done
}

carries()
{
	setup_underlay
	make_wire w encap "$1" mode "$2" family "$3" cipher "$4" || return
	check "echoes, IPv4" wait_for ns_ping "$a" "$W4_B"
	check "echoes, IPv6" wait_for ns_ping "$b" "$W6_A"
	check "a stream" python3 "$SELFTESTS/streams.py" bulk "$a" "$W4_B" "$b" "$BULK"
	check "numbered packets" python3 "$SELFTESTS/streams.py" numbered "$b" "$W6_A" "$a" "$NUMBERED"
	check_eq "drops for want of order" 0 "$(counter "$a" w rx_replay)"
}

# rekeyed CIPHER: while numbered packets cross, each SA gives its place to another one
rekeyed()
{
	local i packets

	setup_underlay
	make_wire w cipher "$1" || return
	check "echoes" wait_for ns_ping "$a" "$W4_B"
	python3 "$SELFTESTS/streams.py" numbered "$a" "$W4_B" "$b" $((NUMBERED * 2)) > "$TMP/numbered" &
	for i in 1 2 3 4 5; do
		check "rekey $i" lw -n "$a" rekey w peer w peer-netns "$b" grace 1
	done
	wait $! || fail "numbered packets meanwhile: $(cat "$TMP/numbered")"
	note "$(cat "$TMP/numbered")"
	packets=$(sed 's/ .*//' "$TMP/numbered")
	check_eq "numbered packets that came" $((NUMBERED * 2)) "$packets" ||
		note "$(lw -n "$a" stat w; lw -n "$b" stat w)"
}

# in_flight DIRECTION COUNT ACTION [ARGUMENT]: what waits is a's
in_flight()
{
	local direction=$1 count=$2
	shift 2

	if [ "$direction" = tx ]; then
		check "$*" python3 "$SELFTESTS/in_flight.py" tx "$a" "$(wire_id "$a" w)" "$sender" "$W4_B" "$count" "$@"
	else
		check "$*" python3 "$SELFTESTS/in_flight.py" rx "$a" "$(wire_id "$a" w)" "$b" "$U4_A" "$count" "$@"
	fi
}

setup_wire()
{
	setup_underlay
	make_wire w cipher "$1" || return
	sender=$a
	check "echoes" wait_for ns_ping "$a" "$W4_B"
}

# overflow DIRECTION CIPHER: more than the queue has room for
overflow()
{
	local tag=''

	setup_wire "$2" || return
	[ "$1" = tx ] || tag=$TAG_BA
	in_flight "$1" 4000 none "$tag"
	[ "$(counter "$a" w "$1_busy")" -gt 0 ] || fail "$1_busy is 0"
	[ "$(counter "$a" w "$1_busy")" -lt 3500 ] || fail "$1_busy is $(counter "$a" w "$1_busy"): nothing got into the queue"
	check "echoes afterwards" wait_for ns_ping "$a" "$W4_B"
}

wire_deleted()
{
	local tag=''

	setup_wire "$2" || return
	[ "$1" = tx ] || tag=$TAG_BA
	in_flight "$1" 900 wire "$tag"
	check_fails "the device is gone" 1 "not exist" ip -n "$a" link show w
	check "b's end" lw -n "$b" link del w
	make_wire w cipher "$2" || return
	check "echoes over another wire" wait_for ns_ping "$a" "$W4_B"
}

# sa_deleted DIRECTION CIPHER: those that wait keep the SA until they have passed
sa_deleted()
{
	local tag=$TAG_AB

	setup_wire "$2" || return
	tag=$TAG_AB
	[ "$1" = tx ] || tag=$TAG_BA
	in_flight "$1" 900 sa-del "$tag"
	check_fails "the SA is gone" 2 "no such SA" lw -n "$a" sa del w "$1" tag "$tag"
	key_wire w "$2"
	check "echoes with another SA" wait_for ns_ping "$a" "$W4_B"
}

sa_replaced()
{
	setup_wire "$1" || return
	in_flight tx 900 sa-new "0x654321:$1"
	[ "$(counter "$a" w tx_packets)" -ge 900 ] || fail "only $(counter "$a" w tx_packets) packets were sent"
	check_eq "transmitting SAs" 1 "$(lw -n "$a" -j sa show w | grep -o '"dir" *: *"tx"' | wc -l)"
}

# netns_deleted {underlay|device}: the wire's device is in another namespace than its underlay
netns_deleted()
{
	local tenant='' gone

	setup_underlay
	setup_ns tenant
	make_wire w || return
	ip -n "$a" link set w netns "$tenant"
	__wire_end "$tenant" w "$W4_A" "$W6_A"
	ip -n "$tenant" link set w up
	sender=$tenant
	check "echoes" wait_for ns_ping "$tenant" "$W4_B"
	gone=$tenant
	[ "$1" = device ] || gone=$a
	in_flight tx 900 netns "$gone"
	if [ "$1" = device ]; then
		check "the wire goes" wait_for __no_wire "$a"
	else
		check "the device goes" wait_for __no_device "$tenant"
	fi
}

__no_wire()
{
	[ "$(lw -n "$1" -j link show)" = "[]" ]
}

__no_device()
{
	! ip -n "$1" link show w
}

unloaded()
{
	local tag=''

	setup_wire "$2" || return
	[ "$1" = tx ] || tag=$TAG_BA
	in_flight "$1" 900 unload "$tag"
	[ ! -d /sys/module/linkwire ] || fail "the module is still there"
	check "load" load_module aead_template=cryptd
	make_wire w cipher "$2" || return
	check "echoes after that" wait_for ns_ping "$a" "$W4_B"
}

restored()
{
	check "the module, loaded without it" cryptd_off
	setup_underlay
	make_wire w cipher chacha20-poly1305 || return
	check "echoes" wait_for ns_ping "$a" "$W4_B"
	! drivers "$a" w | grep -q '^cryptd(' || skip "this kernel cannot forget cryptd's instances (no crypto_user)"
}

trap 'cryptd_off; cleanup' EXIT
cryptd_on || { cryptd_off; skip_all "this kernel has no cryptd, or it does not do"; }

tap_case "every cipher completes asynchronously, the second SA of it too" is_asynchronous
for kind in "vxlan l2 4 aes-128-gcm" "vxlan l3 6 aes-256-gcm" "ipip l3 4 chacha20-poly1305" "ipip l3 6 aes-256-gcm"; do
	# shellcheck disable=SC2086 # words
	tap_case "$kind: echoes, a stream, numbered packets in order" carries $kind
done
tap_case "no packet is lost or overtaken when keys change, aes-256-gcm" rekeyed aes-256-gcm
tap_case "no packet is lost or overtaken when keys change, chacha20-poly1305" rekeyed chacha20-poly1305
for direction in tx rx; do
	for cipher in aes-256-gcm chacha20-poly1305; do
		tap_case "more packets than the queue has room for are ${direction}_busy, $cipher" overflow $direction $cipher
		tap_case "a wire is deleted while packets wait, $direction, $cipher" wire_deleted $direction $cipher
		tap_case "an SA is deleted while packets wait, $direction, $cipher" sa_deleted $direction $cipher
	done
	tap_case "the module is unloaded while packets wait, $direction" unloaded $direction aes-128-gcm
done
tap_case "an SA is replaced while packets wait" sa_replaced aes-128-gcm
tap_case "the underlay's namespace is deleted while packets wait" netns_deleted underlay
tap_case "the device's namespace is deleted while packets wait" netns_deleted device
tap_case "loaded without the parameter, ciphers are the kernel's own choice again" restored
finish
