#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Of several kernels, the last is enough.
#
# The worked examples of Documentation/examples do what their pages say, command by command.
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/topo/graphs.sh"

EXAMPLES=$SELFTESTS/../Documentation/examples

# the pages say lwctl, and this one is meant; BIRD may be where selftests/vm/fetch has put it
mkdir "$TMP/bin"
ln -s "$LWCTL" "$TMP/bin/lwctl"
FETCHED=${LINKWIRE_CACHE:-$HOME/.cache/linkwire}/bird
for prog in bird birdc; do
	[ ! -x "$FETCHED/usr/sbin/$prog" ] || command -v $prog > /dev/null ||
		printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' "$(echo "$FETCHED"/usr/lib/*-linux-gnu)" \
			"$FETCHED/usr/sbin/$prog" > "$TMP/bin/$prog"
done
chmod +x "$TMP"/bin/*
PATH=$TMP/bin:$PATH

# page NAME: does all that it shows, and nothing of it is left
page()
{
	need python3 ping
	if ! check "the page $1.md" python3 "$SELFTESTS/page.py" "$EXAMPLES/$1.md"; then
		lw topo destroy "$EXAMPLES/$1.dot" > /dev/null 2>&1
		return
	fi
	wait_for same_as_before || fail "left behind: $(diff <(echo "$BEFORE") <(leftovers) | grep '^[<>]' | tr '\n' ' ')"
}

bgp()
{
	need bird birdc
	need_module veth
	page bgp
	for pid in /run/bird-as*.pid; do
		[ ! -e "$pid" ] || kill "$(cat "$pid")" 2>/dev/null
	done
}

# a picture in the documentation is the one that the tool draws now
pictures()
{
	local svg

	[ -x "$(dirname "$LWCTL")/lwctl-draw" ] || skip "no lwctl-draw beside $LWCTL"
	for svg in "$EXAMPLES"/*.svg; do
		check "draw $(basename "$svg")" lw topo graph "${svg%.svg}.dot" -o "$TMP/now.svg"
		check "it is what the documentation has" cmp "$svg" "$TMP/now.svg"
	done
}

# where the kernel does not find modules by itself, as in the fast bed
modprobe -q -a sch_tbf sch_netem nf_tables nft_ct || true

BEFORE=$(leftovers)
tap_case "control and data that cannot see each other: sdn.md" page sdn
tap_case "BGP over wires: bgp.md" bgp
tap_case "a chain of services: chain.md" page chain
tap_case "the pictures are what the tool draws" pictures
finish
