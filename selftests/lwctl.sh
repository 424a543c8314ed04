#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Of several kernels, the first is enough.
# lwctl: what it makes and shows, what it and the kernel refuse and how they say so.
#
#	$a va ---- vb $b	underlay; wires lie over it
. "$(dirname "$0")/lib.sh"

# json LWCTL-ARG...: what it prints with -j must be JSON, and nothing else.
json()
{
	lw -j "$@" | python3 -c 'import json, sys; json.load(sys.stdin)' || fail "lwctl -j $*: no JSON"
	lw -j -p "$@" | python3 -c 'import json, sys; json.load(sys.stdin)' || fail "lwctl -j -p $*: no JSON"
}

# field NAMESPACE WIRE KEY: a value of `lwctl -j link show`, as JSON.
field()
{
	lw -n "$1" -j link show "$2" | python3 -c 'import json, sys
print(json.dumps(json.load(sys.stdin)[0].get(sys.argv[1])))' "$3"
}

no_wires()
{
	check_eq "wires in $1" "" "$(lw -n "$1" link show)"
}

# ------------------------------------------------------------------------------------------------------------ refusals

bad_words()
{
	setup_underlay
	refused 1 "unknown command 'frob'" frob
	refused 1 "an object is missing"
	refused 1 "unknown option '-x'" -x link show
	refused 1 "'-n' needs a value" -n
	refused 1 "bad colour 'mauve'" -color=mauve link show
	refused 1 "link: unknown command 'frob'" -n "$a" link frob
	refused 1 "link add: 'remote' needs a value" -n "$a" link add w encap vxlan remote
	refused 1 "link add: bad remote '10.0.0'" -n "$a" link add w encap vxlan remote 10.0.0
	refused 1 "link add: bad port '65536'" -n "$a" link add w encap vxlan remote 10.0.0.2 port 65536
	refused 1 "different families" -n "$a" link add w encap vxlan remote 10.0.0.2 local fd00::1
	refused 1 "unknown encap 'gre'" -n "$a" link add w encap gre remote 10.0.0.2
	refused 1 "unknown mode 'l4'" -n "$a" link add w encap vxlan mode l4 remote 10.0.0.2
	refused 1 "bad name 'w/w'" -n "$a" link add w/w encap vxlan remote 10.0.0.2
	refused 1 "bad tag '0x1000000'" -n "$a" sa add w rx tag 0x1000000 cipher aes-128-gcm key-file k
	refused 1 "unknown cipher 'des'" -n "$a" sa add w rx cipher des key-file k
	refused 2 "network namespace 'no-such': No such file" -n no-such link show
	: > "/run/netns/stray-$$"
	refused 2 "network namespace 'stray-$$': it cannot be entered: Invalid argument" -n "stray-$$" link show
	rm "/run/netns/stray-$$"
	in_ns "$a" "$LWCTL" -j link show 2> "$TMP/said" >&-
	check_eq "exit status, with standard output closed" 2 $?
	check_eq "said" "lwctl: link show: standard output: Bad file descriptor" "$(cat "$TMP/said")"
	lw -n "$a" sa add w rx cipher aes-128-gcm key-file - 2> "$TMP/said" <&-
	check_eq "exit status, with standard input closed" 1 $?
	check_eq "said" "lwctl: sa add: standard input: Bad file descriptor" "$(cat "$TMP/said")"
	refused 2 "network namespace 'no-such': No such file" -n "$a" link add w encap vxlan remote 10.0.0.2 netns no-such
	no_wires "$a"
}

bad_wires()
{
	local add=(-n "$a" link add w)

	setup_underlay
	add=(-n "$a" link add w)
	refused 2 "link add: w: Invalid argument: .* \(at linkinfo.data.remote\)" "${add[@]}" encap vxlan remote 224.0.0.1
	refused 2 "link add: w: Invalid argument: .* \(at linkinfo.data.remote\)" "${add[@]}" encap vxlan remote 0.0.0.0
	refused 2 "link add: w: Invalid argument: .* \(at linkinfo.data.remote\)" "${add[@]}" encap vxlan remote ff02::1
	refused 2 "link add: w: .* \(at linkinfo.data.local\)" "${add[@]}" encap vxlan remote 10.0.0.2 local 224.0.0.1
	refused 2 "link add: w: .* \(at linkinfo.data.mode\)" "${add[@]}" encap ipip mode l2 remote 10.0.0.2
	refused 2 "link add: w: .* \(at linkinfo.data.port\)" "${add[@]}" encap ipip remote 10.0.0.2 port 4790
	refused 2 "link add: dev no-such: No such device" "${add[@]}" encap vxlan remote 10.0.0.2 dev no-such
	refused 2 "link add: w: .*mtu" "${add[@]}" encap vxlan remote 10.0.0.2 mtu 10
	refused 2 "link add: w: .*mtu" "${add[@]}" encap vxlan remote 10.0.0.2 mtu 70000
	refused 2 "link add: va: File exists" -n "$a" link add va encap vxlan remote 10.0.0.2
	no_wires "$a"

	check "a wire" lw "${add[@]}" encap vxlan remote 10.0.0.2 id 9
	refused 2 "link add: w: File exists" "${add[@]}" encap vxlan remote 10.0.0.2
	refused 2 "link add: x: File exists: .* \(at linkinfo.data.id\)" -n "$a" link add x encap vxlan remote 10.0.0.2 id 9
	refused 1 "'encap' cannot be changed" -n "$a" link set w encap ipip
	refused 1 "nothing to change" -n "$a" link set w
	refused 2 "link set: w: .* \(at link.remote\)" -n "$a" link set w remote 224.0.0.1
	refused 2 "link set: id 8: No such device: .* \(at id\)" -n "$a" link set id 8 ttl 5
	refused 2 "link show: va: No such device: .* \(at ifname\)" -n "$a" link show va
	refused 2 "link delete: va: No such device: .* \(at ifname\)" -n "$a" link delete va
	refused 2 "stat: nope: No such device: .* \(at ifname\)" -n "$a" stat nope
	check_eq "remote after all that" '"10.0.0.2"' "$(field "$a" w remote)"
}

bad_port()
{
	setup_underlay
	in_ns "$a" python3 -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", 4790))
print("bound", flush=True)
time.sleep(600)' > "$TMP/bound" &
	wait_for grep -q bound "$TMP/bound"
	refused 2 "w: Address already in use: .*(port|4790).* \(at linkinfo.data.port\)|w: Address already in use: .*port" \
		-n "$a" link add w encap vxlan remote 10.0.0.2 up
	no_wires "$a"
}

bad_sas()
{
	local key=$TMP/key other=$TMP/other add

	setup_underlay
	check "a wire" lw -n "$a" link add w encap vxlan local 10.0.0.1 remote 10.0.0.2 up
	add=(-n "$a" sa add w rx cipher aes-128-gcm)
	new_key aes-128-gcm "$key"
	new_key aes-256-gcm "$other"

	refused 1 "key file '$TMP/none': No such file" "${add[@]}" key-file "$TMP/none"
	refused 1 "36 bytes, but aes-128-gcm takes 20" "${add[@]}" key-file "$other"
	chmod 640 "$key"
	refused 1 "others can read it \(mode 0640\)" "${add[@]}" key-file "$key"
	chmod 600 "$key"
	refused 1 "seen by all" "${add[@]}" key "$(cat "$key")"
	refused 1 "not a key" "${add[@]}" key-file "$(cat "$key")"
	chown 65534 "$key"
	refused 1 "key file '$key': user 65534 can read it" "${add[@]}" key-file "$key"
	chown 0 "$key"
	cp "$key" "$key.public"
	chmod 644 "$key.public"
	lw "${add[@]}" key-file - < "$key.public" 2> "$TMP/said"
	check_eq "exit status, with a public file as standard input" 1 $?
	grep -q "^lwctl: sa add: standard input is a file, and others can read it" "$TMP/said" || fail "$(cat "$TMP/said")"
	refused 1 "'tag' is missing" -n "$a" sa add w tx cipher aes-128-gcm key-file "$key"
	refused 1 "'csum' is for tx" "${add[@]}" csum full key-file "$key"
	refused 1 "bad lanes '257'" -n "$a" sa add w tx tag 1 cipher aes-128-gcm lanes 257 key-file "$key"
	refused 2 "sa add: nope: No such device" -n "$a" sa add nope rx cipher aes-128-gcm key-file "$key"
	refused 2 "sa delete: w rx: No such file or directory: .* \(at sa.tag\)" -n "$a" sa delete w rx tag 7
	refused 2 "sa delete: w has no tx SA" -n "$a" sa delete w tx
	check_eq "SAs after all that" "" "$(sas "$a" w rx)$(sas "$a" w tx)"

	check "a key once" lw "${add[@]}" tag 0x123456 key-file "$key"
	refused 2 "sa add: w rx: .*: .*key.* \(at sa.key\)" "${add[@]}" key-file "$key"
	refused 2 "sa add: w tx: .*: .*key.* \(at sa.key\)" -n "$a" sa add w tx tag 5 cipher aes-128-gcm key-file "$key"
	new_key aes-128-gcm "$other.2"
	refused 2 "sa add: w rx: .*: .*tag.* \(at sa.tag\)" "${add[@]}" tag 0x123456 key-file "$other.2"
	check_eq "SAs" 0x123456 "$(sas "$a" w rx)"
}

no_privilege()
{
	local out line words

	setup_underlay
	refuse_nobody()
	{
		ip netns exec "$a" setpriv --reuid 65534 --regid 65534 --clear-groups "$LWCTL" "$@"
	}
	need setpriv
	make_wire w
	for line in "link show" "link show w" "link set w ttl 5" "link delete w" "sa show" "sa delete w tx" "stat" \
		    "stat underlay" "rekey w peer w"; do
		read -ra words <<< "$line"
		check_fails "$line" 2 "^lwctl: ${words[0]}.*: Operation not permitted" refuse_nobody "${words[@]}"
	done
	check_fails "add" 2 "^lwctl: link add: w: Operation not permitted" \
		refuse_nobody link add w encap vxlan remote 10.0.0.2
	check_fails "monitor" 2 "^lwctl: monitor: .*Operation not permitted" refuse_nobody monitor
	out=$(refuse_nobody genkey) || fail "genkey needs no privilege"
	check_eq "characters of a key" 48 "${#out}"
}

no_module()
{
	local line words

	setup_underlay
	unload_module
	new_key aes-128-gcm "$TMP/key"
	for line in "link add w encap vxlan remote 10.0.0.2" "link set w ttl 5" "link delete w" "link show" "link show w" \
		    "sa add w rx cipher aes-128-gcm key-file $TMP/key" "sa delete w rx" "sa show" "rekey w peer v" \
		    "stat" "stat w" "stat underlay" "monitor"; do
		read -ra words <<< "$line"
		refused 2 "the linkwire module is not loaded \(modprobe linkwire\)$" -n "$a" "${words[@]}"
	done
	load_module
}

# ---------------------------------------------------------------------------------------------------------------- wires

options_come_back()
{
	setup_underlay
	check "a wire with all options" lw -n "$a" link add w encap vxlan mode l2 local 10.0.0.1 remote 10.0.0.2 \
		port 5000 remote-port 5001 src-port 5002 dev va fwmark 0x10 ttl 7 dscp 46 roam on hold 3000 \
		label "a label, with 'quotes' and é" id 77 mtu 1300 address 02:00:00:00:00:07 up
	check_eq id 77 "$(field "$a" w id)"
	check_eq encap '"vxlan"' "$(field "$a" w encap)"
	check_eq mode '"l2"' "$(field "$a" w mode)"
	check_eq local '"10.0.0.1"' "$(field "$a" w local)"
	check_eq remote '"10.0.0.2"' "$(field "$a" w remote)"
	check_eq port 5000 "$(field "$a" w port)"
	check_eq remote_port 5001 "$(field "$a" w remote_port)"
	check_eq src_port 5002 "$(field "$a" w src_port)"
	check_eq dev '"va"' "$(field "$a" w dev)"
	check_eq fwmark 16 "$(field "$a" w fwmark)"
	check_eq ttl 7 "$(field "$a" w ttl)"
	check_eq dscp 46 "$(field "$a" w dscp)"
	check_eq roam true "$(field "$a" w roam)"
	check_eq hold 3000 "$(field "$a" w hold)"
	check_eq label '"a label, with '"'quotes'"' and \u00e9"' "$(field "$a" w label)"
	check_eq mtu 1300 "$(field "$a" w mtu)"
	check_eq up true "$(field "$a" w up)"
	check_eq address 02:00:00:00:00:07 "$(in_ns "$a" cat /sys/class/net/w/address)"

	check "change some" lw -n "$a" link set id 77 remote 10.0.0.9 src-port hash dev none ttl inherit dscp inherit \
		roam off hold 0 label ""
	check_eq remote '"10.0.0.9"' "$(field "$a" w remote)"
	for key in src_port dev ttl dscp label; do
		check_eq "$key" null "$(field "$a" w "$key")"
	done
	check_eq roam false "$(field "$a" w roam)"
	check_eq hold 0 "$(field "$a" w hold)"
	check_eq "port, which was not changed" 5000 "$(field "$a" w port)"
	check_eq "fwmark, which was not changed" 16 "$(field "$a" w fwmark)"
	check_fails "text" 0 "^77: w: <UP> mtu 1300 encap vxlan mode l2$" lw -n "$a" link show w
	check_fails "text" 0 "^    local 10.0.0.1 remote 10.0.0.9 port 5000 remote-port 5001 .*ttl inherit" \
		lw -n "$a" link show w
	check_fails "all there is" 0 " ttl inherit dscp inherit roam off hold 0 sources any$" lw -n "$a" -d link show w

	check "what goes without roam" lw -n "$a" link set w hold 900 backup 10.0.0.10 sources 10.0.0.0/8,::/0,02:00:00:00:00:08
	check_eq backup '"10.0.0.10"' "$(field "$a" w backup)"
	check_eq on_backup false "$(field "$a" w on_backup)"
	check_fails "sources" 0 " sources 10.0.0.0/8,::/0,02:00:00:00:00:08$" lw -n "$a" link show w
	check "take it back" lw -n "$a" link set w backup none sources any
	for key in backup on_backup sources; do
		check_eq "$key" null "$(field "$a" w "$key")"
	done
}

device_elsewhere()
{
	local t t2

	setup_underlay
	setup_ns t t2
	check "in t" lw -n "$a" link add w encap vxlan remote 10.0.0.2 netns "$t" id 5 up
	check "the device" ip -n "$t" link show w
	check_fails "its namespace" 0 " netns $t$" lw -n "$a" link show w
	check_eq netns "\"$t\"" "$(field "$a" w netns)"
	check "by name" lw -n "$a" link set w ttl 9
	check_eq ttl 9 "$(field "$a" w ttl)"
	no_wires "$t"

	check "another of that name" lw -n "$a" link add w encap vxlan remote 10.0.0.3 netns "$t2"
	refused 2 "'w' is the name of several wires" -n "$a" link show w
	check "a third, here" lw -n "$a" link add w encap vxlan remote 10.0.0.4
	check_eq "the one here is meant" '"10.0.0.4"' "$(field "$a" w remote)"
	check "move it" ip -n "$a" link set w netns "$b"
	check_fails "followed" 0 "netns $b$" lw -n "$a" link show
	check "by id" lw -n "$a" link delete id 5
	check_fails "gone" 1 "does not exist" ip -n "$t" link show w
}

delete_many()
{
	local i

	setup_underlay
	for i in 1 2 3; do
		lw -n "$a" link add "w$i" encap vxlan remote 10.0.0.2 id "$i"
	done
	refused 2 "link delete: id 9: No such device" -n "$a" link delete w1 w2 id 9
	check_eq "all still there" 3 "$(lw -n "$a" -j link show | grep -o ifname | wc -l)"
	check "two by name, one by id" lw -n "$a" link delete w1 id 2 dev w3
	no_wires "$a"
}

lists_are_json()
{
	need python3
	setup_underlay
	json -n "$a" link show
	json -n "$a" sa show
	make_wire w
	check "odd label" lw -n "$a" link set w label "$(printf 'x\033[31m"\\\377')"
	json -n "$a" link show
	json -n "$a" -s -d link show w
	json -n "$a" sa show
	json -n "$a" -s -d sa show w
	json -n "$a" stat
	json -n "$a" stat w
	json -n "$a" stat underlay
	check_eq "escapes that reach a terminal" 0 "$(lw -n "$a" -s -d link show | grep -c "$(printf '\033')")"
	check_eq "colours when asked for" 2 "$(lw -n "$a" -c link show | grep -c "$(printf '\033')")"
}

counters()
{
	local want

	setup_underlay
	make_wire w
	check "ping" ns_ping "$a" "$W4_B" -c 5
	want=$(in_ns "$a" cat /sys/class/net/w/statistics/tx_packets)
	check_eq tx_packets "$want" "$(counter "$a" w tx_packets)"
	check_fails "text leaves out what is zero" 0 "^ *rx_packets [1-9]" lw -n "$a" -s link show w
	check_eq "zeroes in text" 0 "$(lw -n "$a" stat w | grep -c ' 0$')"
	lw -n "$a" -d stat w | grep -q 'rx_replay 0$' || fail "no zeroes with -d"
	lw -n "$a" stat | grep -q '^underlay:$' || fail "no underlay in stat"
}

# --------------------------------------------------------------------------------------------- security associations

sa_life()
{
	local key=$TMP/life out tag

	setup_underlay
	check "a wire" lw -n "$a" link add w encap vxlan local 10.0.0.1 remote 10.0.0.2 up
	lw genkey chacha20-poly1305 "$key" || fail genkey
	check_eq "mode of a key file" 600 "$(stat -c %a "$key")"
	refused 1 "File exists" genkey chacha20-poly1305 "$key"

	out=$(lw -n "$a" sa add w rx cipher chacha20-poly1305 key-file - soft-packets 100 hard-seconds 3600 < "$key")
	[[ $out =~ ^tag\ 0x[0-9a-f]{6}$ ]] || fail "the tag that the kernel drew: '$out'"
	tag=${out#tag }
	check_eq "SAs" "$tag" "$(sas "$a" w rx)"
	check_fails "limits" 0 "soft-packets 100 .*hard-seconds 3600" lw -n "$a" -d sa show w
	check_eq "keys in what is shown" 0 "$(lw -n "$a" -s -d -j sa show | grep -cF "$(head -c 20 "$key")")"
	check "delete the only one" lw -n "$a" sa delete w rx
	check_eq "SAs" "" "$(sas "$a" w rx)"

	new_key aes-128-gcm "$key.1"
	new_key aes-128-gcm "$key.2"
	check "decimal tag" lw -n "$a" sa add w rx tag 255 cipher aes-128-gcm key-file "$key.1"
	check "hexadecimal tag" lw -n "$a" sa add w rx tag 0x100 cipher aes-128-gcm key-file "$key.2"
	check_eq "SAs" "0x0000ff 0x000100" "$(sas "$a" w rx)"
	refused 1 "w has 2 rx SAs: 'tag' has to say which" -n "$a" sa delete w rx
	check "delete that one" lw -n "$a" sa delete w rx tag 0xff
	check_eq "SAs" 0x000100 "$(sas "$a" w rx)"
}

lanes_and_csum()
{
	local add i

	setup_underlay
	check "a wire" lw -n "$a" link add w encap vxlan local 10.0.0.1 remote 10.0.0.2 up
	for i in 1 2 3; do
		new_key aes-128-gcm "$TMP/lanes.$i"
	done
	add=(-n "$a" sa add w tx cipher aes-128-gcm)
	check "256 lanes received" lw -n "$a" sa add w rx tag 1 cipher aes-128-gcm lanes 256 key-file "$TMP/lanes.1"
	check_fails "they are shown" 0 "rx tag 0x000001 .* lanes 256" lw -n "$a" sa show w
	check "defaults" lw "${add[@]}" tag 2 key-file "$TMP/lanes.2"
	check_fails "-d shows defaults" 0 "tx tag 0x000002 .* lanes 1 csum partial" lw -n "$a" -d sa show w
	check_eq "text leaves them out" 0 "$(lw -n "$a" sa show w | grep -c 'csum\|lanes 1 ')"
	check "8 lanes sent, whole checksums" lw "${add[@]}" tag 3 lanes 8 csum full key-file "$TMP/lanes.3"
	check_fails "they are shown" 0 "tx tag 0x000003 .* lanes 8 csum full" lw -n "$a" sa show w
	check_eq "in JSON" '"lanes":256 "lanes":8 "csum":"full"' \
		"$(lw -n "$a" -j sa show w | tr -d ' ' | grep -o '"\(lanes\|csum\)":[^,}]*' | xargs -d '\n')"
}

owned_by_root()
{
	[ "$(stat -c %u "$1")" = 0 ]
}

secrets_stay_in()
{
	local pid dir=$TMP/secret

	need setpriv
	mkdir -m 755 "$dir"
	mkfifo -m 666 "$dir/fifo"
	chmod 755 "$TMP"
	setpriv --reuid 65534 --regid 65534 --clear-groups "$LWCTL" sa add w rx cipher aes-128-gcm key-file - \
		< "$dir/fifo" > /dev/null 2>&1 &
	pid=$!
	exec 9> "$dir/fifo"	# now it waits for a key
	# lwctl sees to both as it starts, which takes its time here
	wait_for grep -qE '^Max core file size +0 +0 ' "/proc/$pid/limits" || fail "it may leave a core file"
	# what its own user may not look into belongs to root
	wait_for owned_by_root "/proc/$pid/environ" || fail "its own user may look into it"
	exec 9>&-
	wait "$pid"
	check_eq "exit status: there was no key" 1 $?
}

# Keys in a batch, from files and fresh ones, taken and refused: then the process waits for the next line, and is looked
# through.
keys_are_wiped()
{
	local pid i

	need python3
	setup_underlay
	make_wire w
	for i in 1 2 3; do
		new_key aes-256-gcm "$TMP/key.$i"
	done
	mkfifo "$TMP/orders"
	"$LWCTL" -n "$a" -force -batch "$TMP/orders" > "$TMP/answers" 2>&1 &
	pid=$!
	exec 8> "$TMP/orders"
	cat >&8 <<-END
	sa add w rx tag 1 cipher aes-256-gcm key $(cat "$TMP/key.1")
	sa add w rx tag 1 cipher aes-256-gcm key $(cat "$TMP/key.2")
	sa add w rx tag 2 cipher aes-256-gcm frob key $(cat "$TMP/key.2")
	sa add w rx tag 2 cipher aes-256-gcm key-file $TMP/key.3
	genkey aes-256-gcm $TMP/key.4
	rekey w peer w peer-netns $b grace 0
	frob
	END
	wait_for grep -q "unknown command 'frob'" "$TMP/answers" || fail "not all was done: $(cat "$TMP/answers")"
	check "keys in its memory" python3 "$SELFTESTS/key_memory.py" "$pid" "$TMP/orders" "$TMP"/key.[1-4]
	exec 8>&-
	wait "$pid"
	check_eq "what was refused" 3 "$(grep -c '^lwctl: ' "$TMP/answers")"
}

# -------------------------------------------------------------------------------------------------------------- batches

batches()
{
	local out

	setup_underlay
	printf '%s\n' "# wires" "" "link add w1 encap vxlan remote 10.0.0.2 id 1" \
		"link add w2 encap vxlan remote 10.0.0.2 id 2 label 'two words' # a comment" \
		"link add w2 encap vxlan remote 10.0.0.2" "link add w3 encap vxlan remote 10.0.0.2" > "$TMP/batch"
	refused 2 "$TMP/batch:5: link add: w2: File exists" -n "$a" -batch "$TMP/batch"
	check_eq label '"two words"' "$(field "$a" w2 label)"
	refused 2 "w3: No such device" -n "$a" link show w3
	lw -n "$a" link delete w1 w2
	out=$(lw -n "$a" -force -batch "$TMP/batch" 2>&1)
	check_eq "exit status with -force" 2 $?
	check_eq "lines said with -force" 1 "$(wc -l <<< "$out")"
	check "the line behind the one that failed" lw -n "$a" link show w3
	refused 1 "/none.*No such file" -batch "$TMP/none"
	printf 'link delete w3\nfrob\n' | lw -n "$a" -batch - 2> "$TMP/said"
	check_eq "exit status from a pipe" 1 $?
	check_eq "said" "lwctl: -:2: unknown command 'frob': \`lwctl help' lists them" "$(cat "$TMP/said")"
}

batch_as_lines_arrive()
{
	setup_underlay
	mkfifo "$TMP/fifo"
	lw -n "$a" -batch "$TMP/fifo" &
	exec 8> "$TMP/fifo"
	echo "link add w encap vxlan remote 10.0.0.2" >&8
	wait_for lw -n "$a" link show w || fail "the first line waits for the second"
	printf 'link del w; this line is cut o' >&8
	exec 8>&-
	wait $!
	check_eq "exit status of a line cut off" 1 $?
	check "it was not executed" lw -n "$a" link show w
}

keys_in_batches()
{
	local key

	setup_underlay
	key=$(lw genkey aes-256-gcm)
	check "a wire" lw -n "$a" link add w encap vxlan local 10.0.0.1 remote 10.0.0.2 up
	echo "sa add w rx tag 1 cipher aes-256-gcm key $key" > "$TMP/public"
	chmod 644 "$TMP/public"
	refused 1 "$TMP/public:1: sa add: 'key' in a batch file, and others can read it" -n "$a" -batch "$TMP/public"
	cp "$TMP/public" "$TMP/private"
	chmod 600 "$TMP/private"
	check "a private file" lw -n "$a" -batch "$TMP/private"
	check_eq "SAs" 0x000001 "$(sas "$a" w rx)"
	lw genkey aes-256-gcm | sed 's/^/sa add w rx tag 2 cipher aes-256-gcm key /' | lw -n "$a" -batch - || fail "a pipe"
	check_eq "SAs" "0x000001 0x000002" "$(sas "$a" w rx)"
	echo "sa add w rx cipher aes-256-gcm key-file -" | lw -n "$a" -batch - 2> "$TMP/said"
	grep -q "standard input is the batch" "$TMP/said" || fail "key-file - in a batch from standard input"
}

# --------------------------------------------------------------------------------------------------------------- events

# Nothing tells that a monitor has joined but an event.
monitored()
{
	lw -n "$MONITOR_NS" link add probe encap vxlan remote 192.0.2.99 && lw -n "$MONITOR_NS" link delete probe
	grep -q probe "$TMP/events"
}

# monitor NAMESPACE [ARG...]: starts one, its output in $TMP/events; waits until it listens.
monitor()
{
	MONITOR_NS=$1
	shift

	: > "$TMP/events"
	lw -n "$MONITOR_NS" "$@" monitor >> "$TMP/events" 2> "$TMP/monitor-said" &
	MONITOR=$!
	wait_for monitored || fail "the monitor hears nothing: $(cat "$TMP/monitor-said")"
}

event()
{
	wait_for grep -qE -- "$1" "$TMP/events" || fail "no event '$1', but: $(grep -v probe "$TMP/events")"
}

events()
{
	setup_underlay
	make_wire w keys no -- hold 300
	check "begin" ip -n "$a" link set w down
	monitor "$a"
	# a peer is thought to be there until it has been silent for the hold time
	check "begin" ip -n "$a" link set w up
	event "^peer-down id [0-9]+ w"
	: > "$TMP/events"
	key_wire w aes-128-gcm
	event "^peer-up id [0-9]+ w"
	check "silence" ip -n "$b" link set w down
	event "^peer-down id [0-9]+ w"
	check "sound" ip -n "$b" link set w up
	new_key aes-128-gcm "$TMP/limited"
	lw -n "$b" sa add w rx tag 0x4711 cipher aes-128-gcm key-file "$TMP/limited" || fail "limited rx"
	lw -n "$a" sa add w tx tag 0x4711 cipher aes-128-gcm key-file "$TMP/limited" soft-packets 5 hard-packets 10 ||
		fail "limited tx"
	in_ns "$a" ping -n -q -i 0.02 -c 20 -W 1 "$W4_B" > /dev/null
	event "^sa-expiring id [0-9]+ w tx tag 0x004711 state expiring"
	event "^sa-expired id [0-9]+ w tx tag 0x004711 state expired"
	check "delete" ip -n "$a" link delete w
	event "^wire-del id [0-9]+ w"
	kill "$MONITOR"
}

events_are_json()
{
	need python3
	setup_underlay
	monitor "$a" -j
	kill "$MONITOR"
	wait "$MONITOR" 2>/dev/null
	python3 -c 'import json, sys
for line in open(sys.argv[1]):
    event = json.loads(line)
    assert event["event"] == "wire-del" and event["ifname"] == "probe" and event["id"] and event["time"], line' \
		"$TMP/events" || fail "an event a line, each JSON: $(cat "$TMP/events")"
}

monitor_survives_a_reload()
{
	setup_underlay
	monitor "$a"
	unload_module
	wait_for grep -q "^lwctl: monitor: warning: the module was unloaded" "$TMP/monitor-said" || fail "not a word"
	load_module
	: > "$TMP/events"
	wait_for monitored || fail "the monitor hears nothing: $(cat "$TMP/monitor-said")"
	kill "$MONITOR"
}

tap_case "words that lwctl does not know are refused, status 1" bad_words
tap_case "wires that the kernel refuses: message, attribute, status 2" bad_wires
tap_case "a port held by somebody else is refused with the reason" bad_port
tap_case "keys, tags and ciphers: message, attribute, status" bad_sas
tap_case "without privilege everything but genkey is refused" no_privilege
tap_case "without the module every command says so" no_module
tap_case "every option of a wire comes back, and changes" options_come_back
tap_case "a device in another namespace is listed, named and followed" device_elsewhere
tap_case "many wires are deleted at once, all or none" delete_many
tap_case "lists are JSON, and safe for a terminal" lists_are_json
tap_case "counters" counters
tap_case "an SA is added, shown without its key, deleted" sa_life
tap_case "lanes of both directions, and checksums that are never partial" lanes_and_csum
tap_case "a process that reads keys can be neither dumped nor looked into" secrets_stay_in
tap_case "a process that has used keys has none in its memory" keys_are_wiped
tap_case "a batch stops at its first error, or goes on with -force" batches
tap_case "a batch executes lines as they arrive, and none that is cut off" batch_as_lines_arrive
tap_case "keys in batches come from private places only" keys_in_batches
tap_case "monitor prints every event" events
tap_case "monitor -j prints JSON, a line each" events_are_json
tap_case "monitor survives a reload of the module" monitor_survives_a_reload
finish
