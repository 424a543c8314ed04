#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Wires whose devices are in other network namespaces than their underlay: who may do what with them, and what goes
# when a namespace goes.
#
#	netns a: underlay  --- va == vb ---  netns b: underlay
#	  wire w .......... netns tenant       wire w, device in b
#	                    device w
. "$(dirname "$0")/lib.sh"

export PYTHONDONTWRITEBYTECODE=1 WAIT_MS
TENANT=$SELFTESTS/peer/tenant.py
PORT_HEX=12B6		# 4790
tenant='' other='' pid=''

# setup_userns [UNSHARE-OPTION]: a user namespace, held by the process $pid. (In a chroot, as the fast bed's tests are in
# one, there is none to be had: there from the root of the first process.)
setup_userns()
{
	local enter

	need unshare nsenter
	for enter in "" "nsenter -t 1 -m"; do
		# shellcheck disable=SC2086 # words
		$enter unshare -Ur "$@" sleep 100000 2>/dev/null &
		pid=$!
		disown
		until grep -q '^sleep$' "/proc/$pid/comm" 2>/dev/null; do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.05
		done
		! kill -0 "$pid" 2>/dev/null || return 0
	done
	skip "no user namespaces here"
}

# setup_tenant: the netns $tenant, owned by a user namespace of its own, whose root in_tenant is.
setup_tenant()
{
	setup_userns -n
	tenant=tenant-$(mktemp -u XXXXXX)
	ip netns attach "$tenant" "$pid" || exit "$ksft_fail"
	NS_LIST+=("$tenant")
	ip -n "$tenant" link set lo up
}

in_tenant()
{
	nsenter -t "$pid" -U -n --preserve-credentials "$@"
}

# key_ids CIPHER: keys for wire 5 of a and the wire w of b, addressed by id at a; tags 0x5eedba to a, 0x5eedab to b.
key_ids()
{
	local cipher=$1

	new_key "$cipher" "$TMP/ab" && new_key "$cipher" "$TMP/ba"
	check "b receives" lw -n "$b" sa add w rx tag 0x5eedab cipher "$cipher" key-file "$TMP/ab" &&
		check "a receives" lw -n "$a" sa add id 5 rx tag 0x5eedba cipher "$cipher" key-file "$TMP/ba" &&
		check "a transmits" lw -n "$a" sa add id 5 tx tag 0x5eedab cipher "$cipher" key-file "$TMP/ab" &&
		check "b transmits" lw -n "$b" sa add w tx tag 0x5eedba cipher "$cipher" key-file "$TMP/ba"
}

# wire_for NETNS [LWCTL-ARG...]: wire 5 of a, its device w in NETNS; the other end in b; keys.
wire_for()
{
	local ns=$1
	shift

	check "a's end" lw -n "$a" link add w id 5 encap vxlan mode l3 local "$U4_A" remote "$U4_B" netns "$ns" "$@" up ||
		return
	check "b's end" lw -n "$b" link add w encap vxlan mode l3 local "$U4_B" remote "$U4_A" up || return
	W4_A=10.77.5.1 W4_B=10.77.5.2
	ip -n "$ns" addr add "$W4_A/24" dev w
	ip -n "$b" addr add "$W4_B/24" dev w
	key_ids aes-128-gcm
}

# has_device NETNS DEVICE
has_device()
{
	ip -n "$1" link show dev "$2" > /dev/null 2>&1
}

no_device()
{
	! has_device "$@"
}

# port_open NETNS: a socket has the port of wires.
port_open()
{
	in_ns "$1" cat /proc/net/udp | grep -q ":$PORT_HEX "
}

port_closed()
{
	! port_open "$@"
}

# listen NETNS FILE: its events.
listen()
{
	ip netns exec "$1" python3 "$SELFTESTS/peer/events.py" "$1" > "$2" 2>&1 &
	disown
	check "events of $1" wait_for grep -q '^joined' "$2"
}

# at_id NETNS DEVICE: where wire 5 of a is, the underlay can look at it and change it.
at_id()
{
	local ttl=$((RANDOM % 200 + 20)) shown

	check "set by id" lw -n "$a" link set id 5 ttl "$ttl"
	shown=$(lw -n "$a" -j link show id 5)
	grep -q "\"ttl\": *$ttl\b" <<< "$shown" || fail "ttl $ttl is not shown: $shown"
	grep -q "\"ifname\": *\"$2\"" <<< "$shown" || fail "name $2 is not shown: $shown"
	check "SAs by id" lw -n "$a" sa show id 5
	check "counters by id" lw -n "$a" stat id 5
	# the device is where it is said to be
	check "$2 in $1" has_device "$1" "$2"
}

# reach NETNS DEVICE: give the device its address and ping over it.
reach()
{
	ip -n "$1" addr replace "$W4_A/24" dev "$2"
	ip -n "$1" link set "$2" up
	check "ping from $1 over $2" ns_ping "$1" "$W4_B"
	check "ping to $1 over $2" ns_ping "$b" "$W4_A"
}

made_elsewhere()
{
	setup_underlay
	setup_ns tenant
	wire_for "$tenant" || return
	check "no device in the underlay" no_device "$a" w
	reach "$tenant" w
	at_id "$tenant" w
	check "the socket is the underlay's" port_open "$a"
	check "and not the tenant's" port_closed "$tenant"
	check "rekey by id" lw -n "$a" rekey id 5 peer w peer-netns "$b" grace 0.1
	check "ping with new keys" ns_ping "$tenant" "$W4_B"
	check "delete by id" lw -n "$a" link delete id 5
	check "the device is gone" no_device "$tenant" w
	check "the port is free" port_closed "$a"
}

moved()
{
	setup_underlay
	setup_ns tenant other
	wire_for "$a" || return
	reach "$a" w
	ip -n "$a" link set w netns "$tenant"
	reach "$tenant" w
	at_id "$tenant" w
	ip -n "$tenant" link set w down
	ip -n "$tenant" link set w name eth0
	reach "$tenant" eth0
	at_id "$tenant" eth0
	ip -n "$tenant" link set eth0 netns "$other"
	reach "$other" eth0
	at_id "$other" eth0
	check "change from the underlay is seen there" lw -n "$a" link set id 5 hold 0
	ip -n "$other" link set eth0 netns "$a" name w
	reach "$a" w
	at_id "$a" w
	check "by name again" lw -n "$a" link set w ttl 12
	# all with the first keys
	check_eq "tags" "0x5eedba 0x5eedab" "$(lw -n "$a" sa show id 5 | sed -n 's/.* tag \([^ ]*\) .*/\1/p' | xargs)"
}

tenant_uses()
{
	setup_underlay
	setup_tenant
	wire_for "$tenant" || return
	listen "$a" "$TMP/events"
	check "ping" in_tenant ping -n -q -i 0.02 -c 3 -W 5 "$W4_B"
	check "down" in_tenant ip link set w down
	check "rename" in_tenant ip link set w name eth0
	check "MTU" in_tenant ip link set eth0 mtu 1280
	check "up" in_tenant ip link set eth0 up
	check "another address" in_tenant ip addr add 10.77.5.3/24 dev eth0
	check "ping with the new name" in_tenant ping -n -q -i 0.02 -c 3 -W 5 "$W4_B"
	at_id "$tenant" eth0
	check "delete" in_tenant ip link delete eth0
	check "event" wait_for grep -q ' wire-del id 5$' "$TMP/events"
	check_fails "the wire is gone" 2 "no such wire" lw -n "$a" link show id 5
	check "the port is free" port_closed "$a"
	check "the id is free" lw -n "$a" link add w id 5 encap ipip remote "$U4_B"
}

tenant_refused()
{
	local before after

	setup_underlay
	setup_tenant
	wire_for "$tenant" || return
	before=$(lw -n "$a" -d link show; lw -n "$a" sa show | sed 's/ age [^ ]*//')
	check "tenant" in_tenant python3 "$TENANT" refused w 5 0x5eedba
	after=$(lw -n "$a" -d link show; lw -n "$a" sa show | sed 's/ age [^ ]*//')
	check_eq "wire and SAs" "$before" "$after"
	# the very same from an administrator of the tenant's netns, who is none of the underlay's socket
	check "administrator, in the tenant's netns" in_ns "$tenant" python3 "$TENANT" refused w 5 0x5eedba
	# and the same change, from the underlay
	check "ttl from the underlay" lw -n "$a" link set id 5 ttl 9
}

tenant_sees()
{
	setup_underlay
	setup_tenant
	U4_A=$U6_A U4_B=$U6_B
	wire_for "$tenant" label "the provider's own" fwmark 0x5eedf00d hold 60000 backup fd00::b8 \
		sources fd5e:ed00::/32,10.94.237.0/24 || return
	check "rename" ip -n "$a" link set va alias underlay
	# the peer, its second address, ourselves, allowed sources, the label, the mark, the tags; as text too
	check "tenant" in_tenant python3 "$TENANT" shown w \
		fd000000000000000000000000000002 fd0000000000000000000000000000b8 fd000000000000000000000000000001 \
		fd5eed00 0a5eed00 "$(printf '%s' "the provider's own" | od -An -tx1 | tr -d ' \n')" 0df0ed5e baed5e00 abed5e00 \
		"$(printf '%s' "$U6_B" | od -An -tx1 | tr -d ' \n')" "$(printf '%s' ":$PORT_HEX" | od -An -tx1 | tr -d ' \n')"
	# where the underlay may look, the same search finds all that belongs to the wire
	ip -n "$tenant" link set w netns "$a"
	check_fails "underlay" 1 "shown: attributes .*" in_ns "$a" python3 "$TENANT" shown w fd000000000000000000000000000002
}

tenant_hears()
{
	setup_underlay
	setup_tenant
	wire_for "$tenant" || return
	listen "$a" "$TMP/ours"
	in_tenant python3 "$SELFTESTS/peer/events.py" > "$TMP/theirs" 2>&1 &
	disown
	check "the tenant may listen to its own wires" wait_for grep -q '^joined' "$TMP/theirs"
	new_key aes-128-gcm "$TMP/short"
	check "an SA that expires" lw -n "$a" sa add id 5 tx tag 1 cipher aes-128-gcm key-file "$TMP/short" hard-packets 1
	in_ns "$tenant" ping -n -q -c 1 -W 1 "$W4_B" > /dev/null
	check "the underlay hears of it" wait_for grep -q ' sa-expired id 5 ' "$TMP/ours"
	check "the wire goes" lw -n "$a" link delete id 5
	check "the underlay hears of it" wait_for grep -q ' wire-del id 5$' "$TMP/ours"
	# one of its own, after all that
	check "the tenant's wire" in_tenant ip link show dev lo
	ip netns exec "$tenant" "$LWCTL" link add own id 9 encap ipip remote 10.0.0.9
	ip -n "$tenant" link delete own
	check "the tenant hears of its own" wait_for grep -q ' wire-del id 9$' "$TMP/theirs"
	check_eq "what the tenant heard" "joined wire-del id 9" "$(sed 's/^[0-9]* //' "$TMP/theirs" | xargs)"
}

guest_in_underlay()
{
	setup_underlay
	setup_ns tenant
	wire_for "$tenant" || return
	setup_userns
	check "guest" in_ns "$a" nsenter -t "$pid" -U --preserve-credentials python3 "$TENANT" guest 5 0x5eedba
	kill -9 "$pid"
	check "ping afterwards" ns_ping "$tenant" "$W4_B"
}

link_netnsid()
{
	local nsid

	setup_underlay
	setup_tenant
	ip -n "$tenant" netns set "$a" 7
	check_fails "tenant" 1 "^refused: EPERM" in_tenant python3 "$TENANT" link-netnsid 7
	check "no device" no_device "$tenant" x
	check_eq "wires of the underlay" "" "$(lw -n "$a" link show)"
	# who may administer both, may
	check "administrator of both" in_ns "$tenant" python3 "$TENANT" link-netnsid 7
	nsid=$(lw -n "$a" -j link show | grep -c '"ifname": *"x"')
	check_eq "wires of the underlay" 1 "$nsid"
	check_eq "wires of the tenant" "" "$(lw -n "$tenant" link show)"
}

underlay_first()
{
	setup_underlay
	setup_ns tenant other
	wire_for "$tenant" || return
	reach "$tenant" w
	check "another that was moved" lw -n "$a" link add w2 id 6 encap ipip remote "$U4_B" up || return
	ip -n "$a" link set w2 netns "$other"
	listen "$tenant" "$TMP/events"
	cleanup_ns "$a"
	check "the device is gone" wait_for no_device "$tenant" w
	check "that of the other is gone" wait_for no_device "$other" w2
	# the veth goes with the netns: its last
	check "the underlay is gone" wait_for no_device "$b" vb
	check_eq "what the tenant heard" "joined" "$(cat "$TMP/events")"
	# its netns is as it was
	check "a device of that name" ip -n "$tenant" link add w type veth peer name w3
}

device_first()
{
	setup_underlay
	setup_ns tenant
	wire_for "$tenant" || return
	reach "$tenant" w
	listen "$a" "$TMP/events"
	cleanup_ns "$tenant"
	check "event" wait_for grep -q ' wire-del id 5$' "$TMP/events"
	check_fails "the wire is gone" 2 "no such wire" lw -n "$a" link show id 5
	check_eq "SAs" "" "$(lw -n "$a" sa show)"
	check "the port is free" wait_for port_closed "$a"
	check "the other end is there" has_device "$b" w
	# id, tag and port: free
	check "a new wire" lw -n "$a" link add w id 5 encap vxlan mode l3 local "$U4_A" remote "$U4_B" up || return
	ip -n "$a" addr add "$W4_A/24" dev w
	check "b's old SAs go" lw -n "$b" sa delete w rx
	check "b's old SAs go" lw -n "$b" sa delete w tx
	key_ids chacha20-poly1305
	check "ping" ns_ping "$a" "$W4_B"
}

sends()
{
	lw -n "$a" stat id 5 | grep -q 'tx_packets [1-9]'
}

# Both, at the same moment, while packets are sent.
both_at_once()
{
	local i first second

	setup_ns b
	for i in 1 2 3 4 5 6; do
		setup_ns a tenant
		ip link add va netns "$a" type veth peer name vb netns "$b"
		ip link add vt netns "$tenant" type veth peer name vc netns "$b"
		__underlay_end "$a" va "$U4_A" "$U6_A"
		ip -n "$b" link set vb up
		ip -n "$a" neigh add "$U4_B" lladdr 02:00:00:00:00:02 dev va
		check "wire" lw -n "$a" link add w id 5 encap vxlan mode l3 remote "$U4_B" netns "$tenant" up || return
		ip -n "$tenant" addr add 10.77.5.1/24 dev w
		new_key aes-128-gcm "$TMP/1" && new_key aes-128-gcm "$TMP/2"
		check "rx" lw -n "$a" sa add id 5 rx cipher aes-128-gcm key-file "$TMP/1"
		check "tx" lw -n "$a" sa add id 5 tx tag 1 cipher aes-128-gcm key-file "$TMP/2"
		ip netns exec "$tenant" ping -n -q -i 0.002 10.77.5.2 > /dev/null 2>&1 &
		disown
		check "packets" wait_for sends
		first=$a second=$tenant
		[ $((i % 2)) -eq 0 ] || first=$tenant second=$a
		ip netns pids "$tenant" | xargs -r kill -9
		ip netns del "$first" &
		ip netns del "$second"
		wait
		check "the underlay is gone" wait_for no_device "$b" vb || return
		check "the tenant is gone" wait_for no_device "$b" vc || return
	done
}

tap_case "a wire's device in another netns; the wire is the underlay's, by its id" made_elsewhere
tap_case "a device that is moved, renamed, moved on and back keeps its keys, and its underlay" moved
tap_case "the tenant's root may use, rename and delete the device; the underlay hears of it" tenant_uses
tap_case "the tenant's root changes nothing, and asks for nothing" tenant_refused
tap_case "the tenant's root is shown nothing of the underlay" tenant_sees
tap_case "the tenant's root hears events of its own wires only" tenant_hears
tap_case "root of another user namespace can do nothing in the underlay's netns" guest_in_underlay
tap_case "no wire over another netns without rights over that (IFLA_LINK_NETNSID)" link_netnsid
tap_case "the underlay goes first: its devices go, wherever they are" underlay_first
tap_case "the device's netns goes first: event, and id, tags and port are free" device_first
tap_case "both go at once, under traffic, six times" both_at_once
finish
