#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Of several kernels, the last is enough.
#
# lwctl topo: what edges and nodes ask for beside keys reaches the kernel, changes on the live wire, and goes again.
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/topo/graphs.sh"

# speed NETNS-A NETNS-B ADDRESS-OF-B [SECONDS]: TCP from A to B, two seconds, in kbit/s
speed()
{
	python3 "$SELFTESTS/topo_speed.py" "$1" "$2" "$3" "${4:-2}"
}

# between WHAT LOW HIGH GOT
between()
{
	[ "$4" -ge "$2" ] && [ "$4" -le "$3" ] && return 0
	fail "$1: $4, not $2 to $3"
}

# carries WHAT LOW HIGH GOT: likewise in kbit/s; on a kernel that looks at all it does, there may be far less than LOW
carries()
{
	between "kbit/s $1" "$(($2 / (WAIT_MS > 10000 ? 20 : 1)))" "$3" "$4"
}

# qdiscs NAMESPACE DEVICE: kinds of what is at its root
qdiscs()
{
	tc -n "$1" qdisc show dev "$2" root | awk '{ print $2, $3 }' | xargs
}

# the plan must have a line like that; nothing else is looked at
planned()
{
	grep -qE -- "$1" <(lw topo plan "$F") || fail "not in the plan: $1, but: $(lw topo plan "$F")"
}

rates()
{
	local kept peer

	need python3 tc
	need_module sch_tbf
	file rate.dot <<< 'graph rate { a:x -- b:x [lw_rate="2mbit"]; a:y -- b:y }'
	comes_up "$F"
	kept=$(facts "$F")
	peer=$(address "$F" b x)
	carries "at 2 Mbit/s" 1000 2200 "$(speed rate.a rate.b "$peer")"
	sed -i 's/2mbit/6mbit/' "$F"
	planned '~ wire a:x -- b:x +rate 2mbit -> 6mbit$'
	comes_up "$F"
	carries "at 6 Mbit/s" 2300 6600 "$(speed rate.a rate.b "$peer")"
	check_eq "ifindex, ids, SAs" "$kept" "$(facts "$F")"
	sed -i 's/ \[lw_rate="6mbit"\]//' "$F"
	planned 'rate 6mbit -> none$'
	comes_up "$F"
	check_eq "ifindex, ids, SAs" "$kept" "$(facts "$F")"
	check_eq "queueing disciplines" "noqueue 0:" "$(qdiscs rate.a x)"
	sed -i 's/a:y -- b:y/& [lw_rate="100gbit"]/' "$F"
	comes_up "$F"
	check "a rate beyond 32 bits" grep -q 'rate 100Gbit' <(tc -n rate.b qdisc show dev y)
	goes_down "$F"
}

# the round trip to ADDRESS from NAMESPACE, in whole milliseconds
round_trip()
{
	ns_ping "$1" "$2" | sed -n 's/^rtt .* = \([0-9]*\).*/\1/p'
}

delay_and_loss()
{
	local kept peer lost

	need python3 ping tc
	need_module sch_netem
	file delay.dot <<< 'graph delay { a:x -- b:x [lw_delay="20ms"]; a:y -- b:y [lw_loss="30%"] }'
	# three solicitations and no answer, in one case of eight, and a neighbour is unknown for some seconds
	WAIT_MS=$((4 * WAIT_MS)) comes_up "$F"
	kept=$(facts "$F")
	peer=$(address "$F" b x)
	between "ms there and back" 40 1000 "$(round_trip delay.a "$peer")"
	in_ns delay.a ping -q -n -i 0.01 -c 200 -W 1 "$(address "$F" b y)" > "$TMP/lossy"
	lost=$(sed -n 's/.* \([0-9]*\)[0-9.]*% packet loss.*/\1/p' "$TMP/lossy")
	between "lost of two ways, in percent" 30 72 "$lost"
	sed -i 's/20ms/50ms/; s/30%/0.1%/' "$F"
	planned '~ wire a:x -- b:x +delay 20ms -> 50ms$'
	planned '~ wire a:y -- b:y +loss 30% -> 0.1%$'
	comes_up "$F"
	check "netem's own numbers" grep -q 'delay 50ms' <(tc -n delay.b qdisc show dev x)
	check "netem's own numbers" grep -q 'loss 0.1%' <(tc -n delay.b qdisc show dev y)
	between "ms there and back" 100 1500 "$(round_trip delay.a "$peer")"
	check_eq "ifindex, ids, SAs" "$kept" "$(facts "$F")"
	sed -i 's/lw_delay="50ms"/&, lw_rate="10mbit"/' "$F"
	comes_up "$F"
	between "ms there and back" 100 1500 "$(round_trip delay.a "$peer")"
	carries "with a rate, too" 3000 11000 "$(speed delay.a delay.b "$peer")"
	sed -i 's/lw_delay="50ms", //' "$F"
	planned 'delay 50ms -> none, another queue: what waits in it is lost$'
	comes_up "$F"
	carries "of the rate alone" 5000 11000 "$(speed delay.a delay.b "$peer")"
	goes_down "$F"
}

rate_of_a_node()
{
	local peer

	need python3 tc
	need_module sch_htb
	file link.dot <<< 'graph link { a [lw_rate="5mbit"]; a:x -- b:x; b:y -- c:y }'
	comes_up "$F"
	peer=$(address "$F" b x)
	carries "out of a node with 5 Mbit/s" 2500 5500 "$(speed link.a link.b "$peer")"
	sed -i 's/5mbit/15mbit/' "$F"
	planned '~ node a +rate 5mbit -> 15mbit$'
	comes_up "$F"
	carries "with 15 Mbit/s" 7500 16500 "$(speed link.a link.b "$peer")"
	sed -i 's/a \[lw_rate="15mbit"\];//' "$F"
	planned '~ node a +rate 15mbit -> none, another queue on its link'
	comes_up "$F"
	check_eq "queueing disciplines" "noqueue 0:" "$(qdiscs link.a+underlay fabric)"
	goes_down "$F"
}

# two senders into one link: the one with a floor gets it, and the other what is left
floors()
{
	local kept

	need python3 tc
	need_module sch_htb cls_fw
	file floor.dot <<-'END'
	graph floor { a [lw_rate="4mbit"]; b [lw_rate="1gbit"]; c [lw_rate="1gbit"]
		a:x -- b:x [lw_floor="3mbit"]; a:y -- c:y }
	END
	comes_up "$F"
	kept=$(facts "$F")
	speed floor.a floor.c "$(address "$F" c y)" 15 > "$TMP/other" &
	sleep 2
	carries "with a floor of 3 of 4 Mbit/s" 2500 3900 "$(speed floor.a floor.b "$(address "$F" b x)" 5)"
	wait
	carries "of the other" 500 4000 "$(cat "$TMP/other")"
	sed -i 's/3mbit/3500kbit/; s/a:y -- c:y/& [lw_floor="400kbit"]/' "$F"
	planned 'floor 3mbit -> 3(\.5m|500k)bit$'
	comes_up "$F"
	check_eq "ifindex, ids, SAs" "$kept" "$(facts "$F")"
	check_eq "classes" 4 "$(tc -n floor.a+underlay class show dev fabric | wc -l)"
	sed -i 's/ \[lw_floor="3500kbit"\]//' "$F"
	comes_up "$F"
	check_eq "classes with one floor less" 3 "$(tc -n floor.a+underlay class show dev fabric | wc -l)"
	goes_down "$F"
}

# link_has FILE NODE INTERFACE KEY: of the module's wire
link_has()
{
	local id

	id=$(lw -j topo show "$1" | python3 -c 'import json, sys
for w in json.load(sys.stdin)["wires"]:
    for e in w["ends"]:
        if [e["node"], e["ifname"]] == sys.argv[1:]:
            print(e["id"])' "$2" "$3")
	lw -n "$4.$2+underlay" -j link show id "$id" | python3 -c 'import json, sys
print(json.load(sys.stdin)[0].get(sys.argv[1]))' "$5"
}

endpoints_and_backup()
{
	local kept

	need python3
	file ends.dot <<-'END'
	graph ends {
		a [lw_endpoint="192.0.2.1, 192.0.2.129"]
		b [lw_endpoint="198.51.100.1, 198.51.100.129"]
		c [lw_endpoint="2001:db8::c"]; d [lw_endpoint="2001:db8:1::d"]
		a:x -- b:x [lw_hold=2000, lw_backup=none]
		c:y -- d:y
		b:z -- e:z
	}
	END
	comes_up "$F"
	kept=$(facts "$F")
	check_eq "local of a" 192.0.2.1 "$(link_has "$F" a x ends local)"
	check_eq "remote of a" 198.51.100.1 "$(link_has "$F" a x ends remote)"
	check_eq "remote of c" 2001:db8:1::d "$(link_has "$F" c y ends remote)"
	check_eq "backup" None "$(link_has "$F" a x ends backup)"
	sed -i 's/lw_backup=none/lw_backup=auto/; s/2001:db8::c/2001:db8:2::c/' "$F"
	planned '~ wire a:x -- b:x .*backup none -> 1'
	planned '~ node c +\+endpoint 2001:db8:2::c, -endpoint 2001:db8::c$'
	planned '~ wire c:y -- d:y +underlay addresses'
	comes_up "$F"
	check_eq "ifindex, ids, SAs" "$kept" "$(facts "$F")"
	check_eq "backup" 198.51.100.129 "$(link_has "$F" a x ends backup)"
	check_eq "backup of b" 192.0.2.129 "$(link_has "$F" b x ends backup)"
	check_eq "local of c" 2001:db8:2::c "$(link_has "$F" c y ends local)"
	goes_down "$F"
}

bridges()
{
	local kept

	need python3 ping
	file seg.dot <<-'END'
	graph seg {
		s1 [lw_kind=bridge]; s2 [lw_kind=bridge]
		a:eth0 -- s1; b:eth0 -- s1; s1 -- s2; c:eth0 -- s2
		a:y -- b:y
	}
	END
	comes_up "$F"
	kept=$(facts "$F")
	check_eq "ports of s1" 3 "$(ip -n seg.s1 -br link show master br0 | wc -l)"
	sed -i 's/c:eth0 -- s2/& [lw_admin=down]/' "$F"
	planned '~ wire c:eth0 -- s2 +admin up -> down$'
	check "apply" lw topo apply "$F"
	check_eq "a second apply" "seg: nothing to change" "$(lw topo apply "$F")"
	check_fails "c is out" 1 "" ns_ping seg.a "$(address "$F" c eth0)" -c 1 -W 1
	check "b is not" ns_ping seg.a "$(address "$F" b eth0)"
	sed -i 's/ \[lw_admin=down\]//' "$F"
	comes_up "$F"
	check_eq "ifindex, ids, addresses, SAs" "$kept" "$(facts "$F")"
	ip -n seg.s1 link set br0 down
	ip -n seg.s2 link del br0
	comes_up "$F"
	goes_down "$F"
}

plain_wires()
{
	local i kinds want="ip6gretap ip6tnl vxlan" warnings=6

	need python3
	need_module vxlan ipip sit ip_gre ip6_tunnel
	file plain.dot <<-'END'
	graph plain {
		edge [lw_cipher=none]
		d [lw_endpoint="2001:db8::d"]; e [lw_endpoint="2001:db8::e"]
		a:x -- b:x; a:y -- b:y [lw_encap=gretap]; a:z -- b:z [lw_encap=ipip]
		d:x -- e:x; d:y -- e:y [lw_encap=gretap]; d:z -- e:z [lw_encap=ipip]
		a:k -- b:k [lw_cipher="aes-256-gcm"]
	}
	END
	if ! modprobe -q ip6_gre; then
		sed -i 's/d:y -- e:y \[lw_encap=gretap\];//' "$F"
		want="ip6tnl vxlan" warnings=5
	fi
	comes_up "$F"
	check_eq "warnings" "$warnings" "$(lw topo plan "$F" 2>&1 | grep -c 'lw_cipher=none')"
	kinds=$(ip -n plain.d -d -j link | python3 -c 'import json, sys
print(*sorted(d["linkinfo"]["info_kind"] for d in json.load(sys.stdin) if "ifalias" in d))')
	check_eq "kinds at d" "$want" "$kinds"
	sed -i 's/a:x -- b:x/& [lw_mtu=1400, lw_rate="50mbit"]/; s/a:z -- b:z \[/&lw_cipher="aes-128-gcm", /' "$F"
	planned '~ wire a:x -- b:x +mtu 1500 -> 1400, rate none -> 50mbit$'
	planned '~ wire a:z -- b:z +made anew: +cipher was none$'
	comes_up "$F"
	ip -n plain.b link del x
	comes_up "$F"
	# few others are asked for one by one, many at once
	for i in {1..10}; do
		ip -n plain.b link add "other$i" type dummy
	done
	check_eq "beside ten others" "plain: nothing to change" "$(lw topo plan "$F" 2> /dev/null)"
	ip -n plain.b link del y
	comes_up "$F"
	goes_down "$F"
}

admin_state()
{
	local kept

	need python3
	file admin.dot <<< 'graph admin { a:x -- b:x; b:y -- c:y [lw_admin=down]; a:z -- c:z }'
	check "apply" lw topo apply "$F"
	check_eq "a second apply" "admin: nothing to change" "$(lw topo apply "$F")"
	check_eq "y is down" "" "$(ip -n admin.b -br link show y up)"
	kept=$(facts "$F" '^a:')
	sed -i 's/ \[lw_admin=down\]//; s/a:x -- b:x/& [lw_admin=down]/' "$F"
	planned '~ wire b:y -- c:y +admin down -> up$'
	check "apply" lw topo apply "$F"
	check_eq "a second apply" "admin: nothing to change" "$(lw topo apply "$F")"
	sed -i 's/ \[lw_admin=down\]//' "$F"
	comes_up "$F"	# with its IPv6 addresses, which the kernel took away
	check_eq "ifindex, ids, addresses, SAs" "$kept" "$(facts "$F" '^a:')"
	ip -n admin.a link set z down
	planned '~ wire a:z -- c:z +\+fd6c.*admin down -> up$'
	comes_up "$F"
	goes_down "$F"
}

# whatever changes, wires that stay as they are lose nothing
# (a node that gets another endpoint changes all of its wires: d is at none of those that stay)
everything_else_changes()
{
	local kept lost i

	need python3 ping
	need_module sch_tbf sch_netem sch_htb
	file all.dot <<-'END'
	graph all {
		s [lw_kind=bridge]
		a:x -- b:x; b:y -- c:y; c:z -- d:z [lw_rate="50mbit"]; d:u -- a:u [lw_cipher=none]; a:t -- s; b:t -- s
	}
	END
	comes_up "$F"
	kept=$(facts "$F" '^a:x')
	in_ns all.a ping -q -n -i 0.005 -c 3000 -W 2 "$(address "$F" b x)" > "$TMP/flood" 2>&1 &
	for ((i = 0; i < 3; i++)); do
		sed -i 's/b:y -- c:y/& [lw_rate="30mbit", lw_delay="5ms", lw_cipher="aes-128-gcm", lw_mtu=1400]/
			s/50mbit/70mbit/; s/ d:u -- a:u \[lw_cipher=none\];//; s/; b:t -- s/&; c:t -- s; d:n -- e:n/
			s/s \[lw_kind/d [lw_endpoint="192.0.2.7", lw_loopback="10.200.0.1"]; &/' "$F"
		check "apply" lw topo apply "$F"
		check "all of it" proven "$F"
		sed -i 's/b:y -- c:y \[[^]]*\]/b:y -- c:y/; s/70mbit/50mbit/; s/; c:t -- s; d:n -- e:n//
			s/d \[lw_endpoint[^]]*\]; //; s/a:t -- s/d:u -- a:u [lw_cipher=none]; &/' "$F"
		check "apply" lw topo apply "$F"
	done
	wait
	lost=$(sed -n 's/.* \([0-9.]*\)% packet loss.*/\1/p' "$TMP/flood")
	check_eq "lost on a wire that stays, in percent" 0 "$lost" || note "$(tail -n 5 "$TMP/flood")"
	check_eq "the wire that stays" "$kept" "$(facts "$F" '^a:x')"
	goes_down "$F"
}

ip netns add "topo-$$" && ip netns del "topo-$$"	# the directory is there from now on
BEFORE=$(leftovers)
tap_case "lw_rate limits a wire, and changes on it as it stands" rates
tap_case "lw_delay and lw_loss, and a rate beside them" delay_and_loss
tap_case "lw_rate of a node limits its link" rate_of_a_node
tap_case "lw_floor is kept when others send, too" floors
tap_case "lw_endpoint and lw_backup, and other ones on the same device" endpoints_and_backup
tap_case "a bridge joins its wires, one of them down and up again" bridges
tap_case "lw_cipher=none: the kernel's own devices, and back" plain_wires
tap_case "lw_admin takes down and brings up" admin_state
tap_case "a flood across a wire that stays loses nothing, whatever else changes" everything_else_changes
finish
