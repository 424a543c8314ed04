#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A thousand wires of one namespace: made, keyed, dumped, keyed anew under traffic, and deleted by one request. Times are
# printed, and nothing depends on them.
. "$(dirname "$0")/lib.sh"

export PYTHONDONTWRITEBYTECODE=1 WAIT_MS

WIRES=${SCALE_WIRES:-1000}
EVERY=25	# one in so many has its other end, and carries packets

# timed WHAT COMMAND...: the command must succeed; how long it took is noted
timed()
{
	local what=$1 start
	shift

	start=$(date +%s%3N)
	check "$what" "$@" || return
	note "$what: $(($(date +%s%3N) - start)) ms"
}

# sample FILE: the lines that are about the wires that carry packets
sample()
{
	awk -v every="$EVERY" '{
		for (i = 1; i <= NF; i++)
			if ($i ~ /^w[0-9]+$/ && (substr($i, 2) - 1) % every == 0) { print; next }
	}' "$1"
}

# ids NAMESPACE OBJECT: of a dump, one a line
ids()
{
	lw -n "$1" -j "$2" show | sed 's/[,{}]/\n/g' | sed -n 's/^ *"id" *: *\([0-9][0-9]*\).*/\1/p'
}

wires_of()
{
	ids "$1" link | wc -l
}

created()
{
	timed "$WIRES wires made" lw -n "$a" -batch "$TMP/add.a"
	check "their sampled other ends" lw -n "$b" -batch "$TMP/sample.add"
	check_eq "wires" "$WIRES" "$(wires_of "$a")"
	check_eq "devices" "$WIRES" "$(ip -n "$a" -br link show type linkwire | wc -l)"
	check_fails "an id that is in use" 2 "id in use" \
		lw -n "$a" link add one-more encap ipip remote "$U4_B" id "$WIRES"
}

keyed()
{
	timed "$WIRES receiving SAs" lw -n "$a" -batch "$TMP/key.1.a.rx"
	check "of the sample" lw -n "$b" -batch "$TMP/sample.1.rx"
	timed "$WIRES transmitting SAs" lw -n "$a" -batch "$TMP/key.1.a.tx"
	check "of the sample" lw -n "$b" -batch "$TMP/sample.1.tx"
	check "up" ip -n "$a" -batch "$TMP/sample.up.a"
	check "up" ip -n "$b" -batch "$TMP/sample.up.b"
}

# Wire N has addresses 10.80.0.0 + 4 * (N - 1) + 1 and 2.
address()
{
	echo "10.80.$((4 * ($1 - 1) / 256)).$((4 * ($1 - 1) % 256 + ${2:-2}))"
}

pinged()
{
	local i n=0

	for ((i = 1; i <= WIRES; i += EVERY)); do
		check "echoes over wire $i" wait_for ns_ping "$a" "$(address "$i")" -c 1
		n=$((n + 1))
	done
	[ "$n" -ge 4 ] || fail "only $n wires were tried"
	check_eq "what was for nobody" 0 "$(counter "$b" underlay rx_no_sa)"
}

dumped()
{
	timed "a dump of wires" ids "$a" link
	check_eq "wires" "$WIRES" "$(wires_of "$a")"
	check_eq "different ids" "$WIRES" "$(ids "$a" link | sort -u | wc -l)"
	timed "a dump of SAs" ids "$a" sa
	check_eq "SAs" $((2 * WIRES)) "$(ids "$a" sa | wc -l)"
	check_eq "wires with SAs" "$WIRES" "$(ids "$a" sa | sort -u | wc -l)"
	check_eq "wires that are up and have a carrier" $(((WIRES + EVERY - 1) / EVERY)) \
		"$(ip -n "$a" -br link show type linkwire up | grep -c LOWER_UP)"
}

# One wire after the other gets its new SAs, as on two machines, while packets cross the last of the sample.
rekeyed()
{
	local last=$((1 + (WIRES - 1) / EVERY * EVERY)) i

	python3 "$SELFTESTS/streams.py" numbered "$a" "$(address "$last")" "$b" 5000 > "$TMP/numbered" &
	timed "$WIRES receiving SAs more" lw -n "$a" -batch "$TMP/key.2.a.rx"
	check "of the sample" lw -n "$b" -batch "$TMP/sample.2.rx"
	check_eq "SAs" $((3 * WIRES)) "$(ids "$a" sa | wc -l)"
	timed "$WIRES transmitting SAs anew" lw -n "$a" -batch "$TMP/key.2.a.tx"
	check "of the sample" lw -n "$b" -batch "$TMP/sample.2.tx"
	wait $! || fail "numbered packets meanwhile"
	note "$(cat "$TMP/numbered")"
	check_eq "numbered packets that came" 5000 "$(sed 's/ .*//' "$TMP/numbered")"
	for i in a b; do
		sed 's/sa add \(w[0-9]*\) rx tag \([0-9]*\).*/sa del \1 rx tag \2/' "$TMP/key.1.$i.rx" > "$TMP/del.$i"
	done
	timed "$WIRES SAs deleted" lw -n "$a" -batch "$TMP/del.a"
	check "of the sample" lw -n "$b" -batch <(sample "$TMP/del.b")
	check_eq "SAs" $((2 * WIRES)) "$(ids "$a" sa | wc -l)"
	check "echoes over the last" wait_for ns_ping "$a" "$(address "$last")"
	check "echoes over the first" wait_for ns_ping "$a" "$(address 1)"
}

dump_goes_on()
{
	python3 "$SELFTESTS/dumps.py" resume "$a" "$U4_B" 51 "$WIRES" > "$TMP/resume" ||
		fail "a dump while wires come and go: $(cat "$TMP/resume")"
	note "$(cat "$TMP/resume")"
}

refused_whole()
{
	local before

	before=$(wires_of "$a")
	check_fails "one id is unknown" 2 "no wire has the id 4000000|no such wire" \
		python3 "$SELFTESTS/dumps.py" delete "$a" $(seq 51 150) 4000000 $(seq 151 200)
	check_eq "wires" "$before" "$(wires_of "$a")"
	check_fails "no id at all" 2 "an array of 32-bit ids" python3 "$SELFTESTS/dumps.py" delete "$a"
	check "echoes over one of those named" wait_for ns_ping "$a" "$(address $((1 + 4 * EVERY)))"
}

deleted()
{
	local rest

	# one of them is named twice
	timed "100 wires deleted by one request" python3 "$SELFTESTS/dumps.py" delete "$a" $(seq 51 150) 75
	rest=$(ids "$a" link)
	# shellcheck disable=SC2086 # numbers
	timed "$(wc -w <<< "$rest") wires deleted by one request" python3 "$SELFTESTS/dumps.py" delete "$a" $rest
	# shellcheck disable=SC2046 # numbers
	check "the sample's other ends" python3 "$SELFTESTS/dumps.py" delete "$b" $(ids "$b" link)
	for rest in "$a" "$b"; do
		check_eq "wires" 0 "$(wires_of "$rest")"
		check_eq "devices" 0 "$(ip -n "$rest" -br link show type linkwire | wc -l)"
		check_eq "SAs" 0 "$(ids "$rest" sa | wc -l)"
		check_eq "sockets" 0 "$(in_ns "$rest" ss -Huan "sport = :4790" | wc -l)"
		in_ns "$rest" sysctl -qw net.ipv6.conf.default.disable_ipv6=0
	done
	make_wire w || return
	check "echoes over another wire" wait_for ns_ping "$a" "$W4_B"
}

setup_underlay
in_ns "$a" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
in_ns "$b" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
python3 "$SELFTESTS/many_wires.py" "$TMP" "$WIRES:2" "$U4_A" "$U4_B"
(
	umask 077
	sample "$TMP/add.b" > "$TMP/sample.add"
	sample "$TMP/up.a" > "$TMP/sample.up.a"
	sample "$TMP/up.b" > "$TMP/sample.up.b"
	for set in 1.rx 1.tx 2.rx 2.tx; do
		sample "$TMP/key.${set/./.b.}" > "$TMP/sample.$set"
	done
)

tap_case "$WIRES wires are created" created
tap_case "they are keyed" keyed
tap_case "a sample of them carries echoes" pinged
tap_case "dumps have each of them once" dumped
tap_case "they are keyed anew while packets cross, and none is lost" rekeyed
tap_case "a dump goes on where it was, though wires come and go" dump_goes_on
tap_case "deleting many is refused as a whole if one is unknown" refused_whole
tap_case "they are deleted by one request, and nothing is left" deleted
finish
