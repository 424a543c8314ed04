#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# UDP ports: wires that share one, wires bound to devices and VRFs, processes that want one too; and tags, by which wires
# between the same addresses are told apart.
#
#	netns a                                     netns b
#	  va   (red, VRF)    10.0.0.1 ------------- vb   10.0.0.2
#	  va2  (blue, VRF)   10.0.0.1 ------------- vb2  10.0.0.2, in a VRF of its own
#	  va3  (none)        10.0.3.1 ------------- vb3  10.0.3.2
. "$(dirname "$0")/lib.sh"

export PYTHONDONTWRITEBYTECODE=1 WAIT_MS
PORT=4790

# link N ADDRESS-A ADDRESS6-A ADDRESS-B ADDRESS6-B [VRF]: vaN and vbN, each in the VRF
link()
{
	local ns end

	ip link add "va$1" netns "$a" type veth peer name "vb$1" netns "$b"
	for end in a b; do
		ns=$a
		[ "$end" = a ] || ns=$b
		if [ -n "$6" ]; then
			ip -n "$ns" link add "$6" type vrf table "$((100 + $1))"
			ip -n "$ns" link set "$6" up
			ip -n "$ns" link set "v$end$1" master "$6"
		fi
	done
	__underlay_end "$a" "va$1" "$2" "$3"
	__underlay_end "$b" "vb$1" "$4" "$5"
}

# The same addresses in two VRFs, and others in none.
setup_vrfs()
{
	need_module vrf
	setup_ns a b
	link 1 10.0.0.1 fd00::1 10.0.0.2 fd00::2 red
	link 2 10.0.0.1 fd00::1 10.0.0.2 fd00::2 blue
	link 3 10.0.3.1 fd00:3::1 10.0.3.2 fd00:3::2 ''
}

# wire_in NAME NET {VRF|DEVICE|''} ADDRESS-A ADDRESS-B [ADD-ARG...]: keys and inner addresses, as make_wire
wire_in()
{
	local name=$1 net=$2 dev=$3 la=$4 lb=$5 link=()
	shift 5

	[ -z "$dev" ] || link=(dev "$dev")
	W4_A=10.77.$net.1 W4_B=10.77.$net.2 W6_A=fd77:$net::1 W6_B=fd77:$net::2
	check "$name of a" lw -n "$a" link add "$name" encap vxlan local "$la" remote "$lb" "${link[@]}" "$@" up || return
	check "$name of b" lw -n "$b" link add "$name" encap vxlan local "$lb" remote "$la" "${link[@]}" "$@" up || return
	__wire_end "$a" "$name" "$W4_A" "$W6_A"
	__wire_end "$b" "$name" "$W4_B" "$W6_B"
	key_wire "$name" aes-128-gcm
}

# sockets NAMESPACE [PORT]: how many UDP sockets are open on a port
sockets()
{
	in_ns "$1" ss -Huan "sport = :${2:-$PORT}" | wc -l
}

# check_counts_some N NAMESPACE WIRE NAME COMMAND...: as check_counts, but there may be a few more: a device has packets of
# its own (neighbours, multicast listeners)
check_counts_some()
{
	local n=$1 ns=$2 wire=$3 name=$4 before grown
	shift 4

	before=$(counter "$ns" "$wire" "$name")
	"$@" >/dev/null 2>&1 </dev/null
	wait_for __counted "$((before + n))" "$ns" "$wire" "$name"
	grown=$(($(counter "$ns" "$wire" "$name") - before))
	if [ "$grown" -lt "$n" ] || [ "$grown" -ge $((n + 10)) ]; then
		fail "$name of $wire ($*): $grown, not about $n"
	fi
}

# take NAMESPACE FAMILY ADDRESS PORT [reuse] [SECONDS]: a process that binds the port, and keeps it for so long
take()
{
	in_ns "$1" python3 - "$2" "$3" "$4" "${5:-}" "${6:-0}" <<-'END'
		import socket, sys, time
		family, address, port, reuse, seconds = sys.argv[1:]
		sock = socket.socket(socket.AF_INET6 if family == "6" else socket.AF_INET, socket.SOCK_DGRAM)
		if family == "6":
		    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
		if reuse:
		    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
		try:
		    sock.bind((address, int(port)))
		except OSError as error:
		    sys.exit("bind: %s" % error.strerror)
		print("bound", flush=True)
		time.sleep(float(seconds))
	END
}

two_vrfs_and_none()
{
	local family=$1 name i ns sent

	setup_vrfs
	if [ "$family" = 4 ]; then
		wire_in red-w 1 red 10.0.0.1 10.0.0.2
		wire_in blue-w 2 blue 10.0.0.1 10.0.0.2
		wire_in free-w 3 "" 10.0.3.1 10.0.3.2
	else
		wire_in red-w 1 red fd00::1 fd00::2
		wire_in blue-w 2 blue fd00::1 fd00::2
		wire_in free-w 3 "" fd00:3::1 fd00:3::2
	fi
	for ns in "$a" "$b"; do
		check_eq "sockets on the port in $ns" 3 "$(sockets "$ns")"
	done
	i=0
	for name in red-w blue-w free-w; do
		i=$((i + 1))
		check "$name: echoes, IPv4" wait_for ns_ping "$a" "10.77.$i.2"
		check "$name: echoes, IPv6" wait_for ns_ping "$b" "fd77:$i::1"
	done
	i=0
	for name in red-w blue-w free-w; do
		i=$((i + 1))
		sent=$(counter "$b" "$name" rx_packets)
		ns_ping "$a" "10.77.$i.2" -c 20 >/dev/null
		[ "$(counter "$b" "$name" rx_packets)" -ge $((sent + 20)) ] || fail "$name did not get its 20 packets"
		for ns in "$a" "$b"; do
			check_eq "$name: rx_wrong_local" 0 "$(counter "$ns" "$name" rx_wrong_local)"
			check_eq "$name: rx_wrong_peer" 0 "$(counter "$ns" "$name" rx_wrong_peer)"
		done
	done
	for ns in "$a" "$b"; do
		check_eq "rx_no_sa" 0 "$(counter "$ns" underlay rx_no_sa)"
	done
}

# A packet of the wire of one VRF that comes in by another VRF, or by none, is not that wire's: b's ends change places.
by_another_device()
{
	local what

	setup_vrfs
	wire_in red-w 1 red 10.0.0.1 10.0.0.2
	wire_in free-w 3 "" 10.0.3.1 10.0.3.2
	check "red: echoes" wait_for ns_ping "$a" 10.77.1.2
	check "free: echoes" wait_for ns_ping "$a" 10.77.3.2
	# something of b's has to listen in blue and in none, whatever else does
	check "a listener in blue" lw -n "$b" link add blue-w encap vxlan remote 10.0.0.1 dev blue
	check "a sends red's packets through blue" lw -n "$a" link set red-w dev blue
	check_counts_some 3 "$b" red-w rx_wrong_local ns_ping "$a" 10.77.1.2 -W 1
	check "a sends red's packets through none" lw -n "$a" link set red-w dev none local 10.0.3.1 remote 10.0.3.2
	check_counts_some 3 "$b" red-w rx_wrong_local ns_ping "$a" 10.77.1.2 -W 1
	check "a sends free's packets through red" lw -n "$a" link set free-w dev red local 10.0.0.1 remote 10.0.0.2
	check_counts_some 3 "$b" free-w rx_wrong_local ns_ping "$a" 10.77.3.2 -W 1
	for what in red-w free-w; do
		check_eq "$what: rx_wrong_peer" 0 "$(counter "$b" "$what" rx_wrong_peer)"
	done
	check "mended" lw -n "$a" link set red-w dev red local 10.0.0.1 remote 10.0.0.2
	check "red: echoes again" wait_for ns_ping "$a" 10.77.1.2
}

bound_to_devices()
{
	local i

	setup_ns a b
	link 1 10.0.0.1 fd00::1 10.0.0.2 fd00::2 ''
	link 3 10.0.3.1 fd00:3::1 10.0.3.2 fd00:3::2 ''
	wire_in w1 1 "" 10.0.0.1 10.0.0.2
	check "bind a's w1" lw -n "$a" link set w1 dev va1
	check "bind b's w1" lw -n "$b" link set w1 dev vb1
	wire_in w3 3 "" 10.0.3.1 10.0.3.2
	check "bind a's w3" lw -n "$a" link set w3 dev va3
	check "bind b's w3" lw -n "$b" link set w3 dev vb3
	wire_in w0 4 "" 10.0.3.1 10.0.3.2
	check_eq "sockets on the port" 3 "$(sockets "$a")"
	for i in 1 3 4; do
		check "echoes ($i)" wait_for ns_ping "$a" "10.77.$i.2"
	done
	# to the address that w3 has, by the device that it is not bound to
	ip -n "$a" route add 10.0.3.2 via 10.0.0.2 metric 0 src 10.0.3.1
	check "a sends w3's packets by the other device" lw -n "$a" link set w3 dev va1
	check_counts_some 3 "$b" w3 rx_wrong_local ns_ping "$a" 10.77.3.2 -W 1
}

taken_by_a_process()
{
	local family any pid
	need ss

	setup_underlay
	for family in 4 6; do
		local -n local_a=U${family}_A local_b=U${family}_B
		any=0.0.0.0
		[ "$family" = 4 ] || any=::
		for any in "$any" "$local_a"; do
			ip netns exec "$a" python3 -c 'import socket, sys, time
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
sock = socket.socket(family, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.bind((sys.argv[1], 4790))
time.sleep(600)' "$any" &
			pid=$!
			disown
			check "the process has the port" wait_for __has_sockets "$a" 1
			check_fails "a port that a process has on $any" 2 "the UDP port is held by someone else" \
				lw -n "$a" link add w encap vxlan local "$local_a" remote "$local_b"
			check_fails "no wire is left" 2 "w" lw -n "$a" link show w
			check "another port" lw -n "$a" link add w encap vxlan local "$local_a" remote "$local_b" port 4791
			check_fails "a port that a process has on $any, changed to" 2 "the UDP port is held by someone else" \
				lw -n "$a" link set w port 4790
			check_eq "the wire's socket is where it was" 1 "$(sockets "$a" 4791)"
			kill -9 "$pid"
			check "the process has ended" wait_for __has_sockets "$a" 0
			check "the port is free now" lw -n "$a" link set w port 4790
			check_eq "the other port is closed" 0 "$(sockets "$a" 4791)"
			check "delete" lw -n "$a" link del w
			check_eq "sockets" 0 "$(sockets "$a")"
		done
	done
}

__has_sockets()
{
	[ "$(sockets "$1")" -eq "$2" ]
}

# The other way round: what wires have, no process gets, whatever it asks for.
held_against_processes()
{
	local reuse family address

	setup_underlay
	ip -n "$a" link add dummy1 type dummy
	ip -n "$a" link set dummy1 up
	check "IPv4" lw -n "$a" link add w4 encap vxlan local "$U4_A" remote "$U4_B"
	check "IPv4, bound" lw -n "$a" link add w4b encap vxlan local "$U4_A" remote "$U4_B" dev va
	check "IPv6" lw -n "$a" link add w6 encap vxlan local "$U6_A" remote "$U6_B"
	check "IPv6, bound" lw -n "$a" link add w6b encap vxlan local "$U6_A" remote "$U6_B" dev va
	for reuse in "" reuse; do
		for family in 4 6; do
			for address in 0.0.0.0 "$U4_A" :: "$U6_A"; do
				case $family$address in
				4*:*|6*.*) continue ;;
				esac
				check_fails "a process binds $address${reuse:+ with SO_REUSEADDR and SO_REUSEPORT}" 1 \
					"Address already in use" take "$a" "$family" "$address" "$PORT" "$reuse"
			done
		done
	done
	check "delete one of two" lw -n "$a" link del w4
	check_fails "a process with SO_REUSEADDR" 1 "Address already in use" take "$a" 4 "$U4_A" "$PORT" reuse
	check "delete the other" lw -n "$a" link del w4b
	check "then it is free" take "$a" 4 0.0.0.0 "$PORT"
	check_fails "but not of IPv6" 1 "Address already in use" take "$a" 6 :: "$PORT" reuse
}

# While sockets of ours are opened one beside the other, a process tries to get in between all the time.
never_in_between()
{
	local i pid

	setup_underlay
	check "the first" lw -n "$a" link add w encap vxlan local "$U4_A" remote "$U4_B"
	ip netns exec "$a" python3 -c 'import socket, sys
open(sys.argv[1], "w").close()
tries = 0
while True:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("0.0.0.0", 4790))
    except OSError:
        sock.close()
        continue
    open(sys.argv[1], "w").write("got it")
    break' "$TMP/tries" &
	pid=$!
	disown
	check "the process tries" wait_for test -e "$TMP/tries"
	for i in $(seq 40); do
		lw -n "$a" link add "w$i" encap vxlan local "$U4_A" remote "$U4_B" dev va || fail "wire $i"
		lw -n "$a" link del "w$i" || fail "wire $i is not deleted"
	done
	check_eq "what the process got" "" "$(cat "$TMP/tries")"
	kill -9 "$pid" 2>/dev/null
}

many_on_one_port()
{
	local i

	setup_underlay
	python3 "$SELFTESTS/many_wires.py" "$TMP" 30 "$U4_A" "$U4_B"
	for ns in a b; do
		# L2 wires over vxlan are all that this is about
		sed -i 's/encap ipip mode l3/encap vxlan mode l2/' "$TMP/add.$ns"
		check "30 wires between the same addresses" lw -n "${!ns}" -batch "$TMP/add.$ns"
	done
	for i in rx tx; do
		check "keys" lw -n "$a" -batch "$TMP/key.1.a.$i"
		check "keys" lw -n "$b" -batch "$TMP/key.1.b.$i"
	done
	ip -n "$a" -batch "$TMP/up.a"
	ip -n "$b" -batch "$TMP/up.b"
	check_eq "sockets on the port" 1 "$(sockets "$a")"
	for i in 1 2 3 15 29 30; do
		check "echoes over wire $i" wait_for ns_ping "$a" "10.80.0.$((4 * i - 2))"
		check_counts_some 20 "$b" "w$i" rx_packets ns_ping "$a" "10.80.0.$((4 * i - 2))" -c 20 -W 1
	done
	check_eq "tags of SAs, each once" 60 "$(lw -n "$a" -j sa show | grep -o '"tag" *: *[^,}]*' | sort | uniq -c | awk '$1 == 1' | wc -l)"
	check_eq "what was for nobody" 0 "$(counter "$b" underlay rx_no_sa)"
	check "delete all but one" lw -n "$a" -batch <(seq -f 'link del w%g' 2 30)
	check "echoes over the one" wait_for ns_ping "$a" 10.80.0.2
	check_eq "sockets on the port" 1 "$(sockets "$a")"
	check "delete the last" lw -n "$a" link del w1
	check_eq "sockets on the port" 0 "$(sockets "$a")"
}

# A tag is one wire's in a namespace, and may be another's in another namespace.
tags()
{
	local i

	setup_underlay
	check "w1" lw -n "$a" link add w1 encap vxlan remote "$U4_B"
	check "w2" lw -n "$a" link add w2 encap ipip remote "$U4_B"
	check "w1 of b" lw -n "$b" link add w1 encap vxlan remote "$U4_A"
	for i in 1 2 3 4; do
		new_key aes-128-gcm "$TMP/key$i"
	done
	check "w1 receives by 7" lw -n "$a" sa add w1 rx tag 7 cipher aes-128-gcm key-file "$TMP/key1"
	check_fails "w2 cannot" 2 "tag in use" lw -n "$a" sa add w2 rx tag 7 cipher aes-128-gcm key-file "$TMP/key2"
	check_fails "nor w1 once more" 2 "tag in use" lw -n "$a" sa add w1 rx tag 7 cipher aes-128-gcm key-file "$TMP/key2"
	check "another namespace can" lw -n "$b" sa add w1 rx tag 7 cipher aes-128-gcm key-file "$TMP/key3"
	check "w1 may send to it, too" lw -n "$a" sa add w1 tx tag 7 cipher aes-128-gcm key-file "$TMP/key3"
	check "given back" lw -n "$a" sa del w1 rx tag 7
	check "then w2 can" lw -n "$a" sa add w2 rx tag 7 cipher aes-128-gcm key-file "$TMP/key2"
	check "deleted with its wire" lw -n "$a" link del w2
	check "then w1 can" lw -n "$a" sa add w1 rx tag 7 cipher aes-128-gcm key-file "$TMP/key4"
}

both_families_on_one_port()
{
	local family

	setup_underlay
	make_wire w4 net 4 family 4 mode l2 || return
	make_wire w6 net 6 family 6 mode l2 || return
	check_eq "sockets on the port" 2 "$(sockets "$a")"
	for family in 4 6; do
		check "echoes" wait_for ns_ping "$a" "10.77.$family.2"
		check "echoes" wait_for ns_ping "$b" "fd77:$family::1"
	done
	check "delete one" lw -n "$a" link del w4
	check_eq "sockets on the port" 1 "$(sockets "$a")"
	check "the other stays" wait_for ns_ping "$a" 10.77.6.2
	check "delete the other" ip -n "$a" link del w6
	check_eq "sockets on the port" 0 "$(sockets "$a")"
}

# Two ports of one wire: it listens on one, and the peer on another.
own_and_remote_port()
{
	setup_underlay
	check "a's end" lw -n "$a" link add w encap vxlan remote "$U4_B" port 5000 remote-port 5001 src-port 5002 up
	check "b's end" lw -n "$b" link add w encap vxlan remote "$U4_A" port 5001 remote-port 5000 up
	__wire_end "$a" w 10.77.1.1 fd77:1::1
	__wire_end "$b" w 10.77.1.2 fd77:1::2
	key_wire w aes-128-gcm
	check "echoes" wait_for ns_ping "$a" 10.77.1.2
	check_eq "sockets on a's port" 1 "$(sockets "$a" 5000)"
	check_eq "sockets on b's port" 1 "$(sockets "$b" 5001)"
	check_eq "sockets on the default port" 0 "$(sockets "$a")"
	# a second wire listens there: the same packets are not w's any more
	check "another wire of b" lw -n "$b" link add w2 encap vxlan remote "$U4_A" port 5003
	check "a sends to that one's port" lw -n "$a" link set w remote-port 5003
	check_counts_some 3 "$b" w rx_wrong_encap ns_ping "$a" 10.77.1.2 -W 1
}

need_tools()
{
	command -v ss >/dev/null || skip_all "no ss here"
}

need_tools
tap_case "two VRFs and none on one port: to each what is its own, IPv4" two_vrfs_and_none 4
tap_case "two VRFs and none on one port: to each what is its own, IPv6" two_vrfs_and_none 6
tap_case "what comes by another VRF than the wire's is dropped" by_another_device
tap_case "wires bound to devices, and one to none, share a port" bound_to_devices
tap_case "a port that a process holds is refused, and free when it ends" taken_by_a_process
tap_case "a port that wires hold is no process's, until the last of them goes" held_against_processes
tap_case "no process gets a port while a further socket of ours is opened there" never_in_between
tap_case "30 wires between the same two addresses, on one socket" many_on_one_port
tap_case "a tag is one wire's in a namespace" tags
tap_case "IPv4 and IPv6 on one port" both_families_on_one_port
tap_case "a wire listens on its own port, and sends to the peer's" own_and_remote_port
finish
