#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Of several kernels, the first is enough.
#
# lwctl topo log and rollback: what was applied is kept, byte for byte, and can be applied again; without a key, and
# nowhere that somebody else can write to.
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/topo/graphs.sh"

# nothing is kept yet; sets KEPT
none_yet()
{
	LINKWIRE_STATE_DIR=$(mktemp -d "$TMP/state.XXXXXX")
	KEPT=$LINKWIRE_STATE_DIR/topology
}

# generations NAME: NUMBER ACTION[of] +ADD ~CHANGE -REMOVE, a line each
generations()
{
	lw -j topo log "$1" | jq -r \
		'.generations[] | "\(.number) \(.action)\(.of // "") +\(.add) ~\(.change) -\(.remove)"'
}

kept_and_back()
{
	local first

	need python3 jq
	none_yet
	triangle
	comes_up "$F"
	cp "$F" "$TMP/first.dot"
	first=$(facts "$F" '^(a:x|b:z)')
	sed -i '/c:x/d; s/b:z -- c:y/& [lw_mtu=1400]/' "$F"
	comes_up "$F"
	check_eq "generations" $'1 apply +7 ~0 -0\n2 apply +0 ~1 -1' "$(generations tri)"
	check_eq "generations by the file" "$(generations tri)" "$(generations "$F")"
	check "what was applied first" cmp "$TMP/first.dot" "$KEPT/tri/1.graph"
	check "what was applied then" cmp "$F" "$KEPT/tri/2.graph"
	rm "$F"
	check "rollback" lw topo rollback tri 1
	check_eq "plan of what was" "tri: nothing to change" "$(lw topo plan "$TMP/first.dot")"
	check "each wire" proven "$TMP/first.dot"
	check_eq "the wires that stayed" "$first" "$(facts "$TMP/first.dot" '^(a:x|b:z)')"
	check_eq "generations" $'1 apply +7 ~0 -0\n2 apply +0 ~1 -1\n3 rollback1 +1 ~1 -0' "$(generations tri)"
	check_eq "a rollback that changes nothing" "tri: nothing to change" "$(lw topo rollback tri 3)"
	goes_down "$TMP/first.dot"
	check_eq "the last generation" "4 destroy +0 ~0 -7" "$(generations tri | tail -n 1)"
	check_fails "rollback to a destroy" 1 "is that it was destroyed" lw topo rollback tri 4
	check "rollback of a destroy" lw topo rollback tri 3
	check "each wire" proven "$TMP/first.dot"
	goes_down "$TMP/first.dot"
}

# with what stood on the command line, and from standard input
words_are_kept()
{
	need python3 jq
	none_yet
	triangle
	lw topo apply - lw_pool6=none lw_pool4=192.0.2.0/24 < "$F" > "$TMP/out" || fail "apply: $(cat "$TMP/out")"
	lw -j topo show "$F" lw_pool6=none lw_pool4=192.0.2.0/24 > "$TMP/first"
	check_eq "pools" 192.0.2 "$(jq -r '.wires[].ends[].addresses[].local' "$TMP/first" | cut -d. -f1-3 | sort -u)"
	check "apply without" lw topo apply "$F"
	check_eq "pools" 10.0.0 "$(lw -j topo show "$F" | jq -r '.wires[].ends[].addresses[0].local' |
		cut -d. -f1-3 | sort -u)"
	check "rollback" lw topo rollback tri 1
	check_eq "addresses" "$(jq -c '.wires[].ends[].addresses' "$TMP/first")" \
		"$(lw -j topo show "$F" lw_pool6=none lw_pool4=192.0.2.0/24 | jq -c '.wires[].ends[].addresses')"
	check_eq "what is kept of it" '{"lw_pool6":"none","lw_pool4":"192.0.2.0/24"}' \
		"$(lw -j topo log tri | jq -c '.generations[-1].attributes')"
	check_fails "an attribute that there is not" 1 'lw_pool on the graph: there is no such' \
		lw topo apply "$F" lw_pool=none
	goes_down "$F"
}

exit_status_of_a_plan()
{
	local out

	need python3
	none_yet
	triangle
	check_fails "of what is to come" 3 "7 to add" lw topo plan -detailed-exitcode "$F"
	check "of what is to come, unless it was asked for" lw topo plan "$F"
	comes_up "$F"
	check_eq "a plan of what is live" "tri: nothing to change" "$(lw topo plan -detailed-exitcode "$F")"
	check "its exit status" lw topo plan -detailed-exitcode "$F"
	sed -i 's/a:x -- b:y/& [lw_mtu=1400]/' "$F"
	out=$(lw -j topo plan --detailed-exitcode "$F")
	check_eq "exit status of a change" 3 $?
	check_eq "its reason" "mtu 1500 -> 1400" "$(jq -r '.steps[].why' <<< "$out")"
	echo 'graph tri { a --' > "$TMP/broken.dot"
	check_fails "of a broken file" 1 "syntax error" lw topo plan -detailed-exitcode "$TMP/broken.dot"
	goes_down "$F"
}

# no key, and nothing that somebody else could have put there
private()
{
	local file

	need python3 jq
	none_yet
	triangle
	comes_up "$F"
	check_eq "directories" 700 "$(find "$LINKWIRE_STATE_DIR" -type d -printf '%m\n' | sort -u)"
	check_eq "files" 600 "$(find "$LINKWIRE_STATE_DIR" -type f -printf '%m\n' | sort -u)"
	check_eq "files that are no graph and no record" "" \
		"$(find "$LINKWIRE_STATE_DIR" -type f ! -name '*.graph' ! -name '*.record')"
	for file in "$KEPT"/tri/*.record; do
		check_eq "lines of $file that nobody expects" "" \
			"$(grep -vE '^(action|of|time|who|topology|file|add|change|remove|word) ' "$file")"
	done
	sed -i 's/a:x -- b:y/& [lw_mtu=1400]/' "$F"
	chmod 777 "$KEPT/tri"
	check_fails "a directory of everybody's" 0 "warning: tri: this apply is not kept" lw topo apply "$F"
	check_fails "a rollback out of it" 2 "others can write to it" lw topo rollback tri 1
	check_fails "a log of it" 2 "others can write to it" lw topo log tri
	mv "$KEPT/tri" "$TMP/elsewhere"
	ln -s "$TMP/elsewhere" "$KEPT/tri"
	check_fails "a link" 2 "Not a directory" lw topo rollback tri 1
	rm "$KEPT/tri"
	goes_down "$F"
}

# an apply that failed, or was undone, is none
failures_are_not_kept()
{
	need python3 jq
	none_yet
	triangle
	comes_up "$F"
	ip -n tri.b link add v type dummy
	triangle tri 'd:x -- a:v; d:y -- b:v'
	check_fails "apply" 2 'is undone' lw topo apply "$F"
	check_eq "the last generation" "7" "$(generations tri | tail -n 1 | sed 's/.*+\([0-9]*\) .*/\1/')"
	check_fails "a generation that there is not" 1 "has no generation 77" lw topo rollback tri 77
	check_fails "no number" 1 "no generation's number" lw topo rollback tri -1
	check_fails "no such topology" 1 "there is no generation of a topology of that name" lw topo log ../../etc
	goes_down "$F"
}

odd_names()
{
	need python3 jq
	none_yet
	file odd.dot <<< 'graph "../Zürich\n& \"co\"" { a -- b }'
	comes_up "$F"
	check_eq "generations" "1 apply +4 ~0 -0" "$(generations '../Zürich\n& "co"')"
	check "rollback" lw topo rollback '../Zürich\n& "co"' 1
	check_eq "directories that are not there" "" "$(find "$LINKWIRE_STATE_DIR/.." -maxdepth 1 -name 'Z*')"
	goes_down "$F"
}

ip netns add "topo-$$" && ip netns del "topo-$$"	# the directory is there from now on
BEFORE=$(leftovers)
tap_case "what is applied is kept, and rollback applies it again" kept_and_back
tap_case "attributes of the command line are kept with it, and standard input" words_are_kept
tap_case "a plan's exit status says whether there is something to do" exit_status_of_a_plan
tap_case "a directory that others can write to is not used, and no key is kept" private
tap_case "what was refused or undone is no generation" failures_are_not_kept
tap_case "a topology with an odd name" odd_names
finish
