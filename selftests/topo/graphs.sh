#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the tests of `lwctl topo` share: graphs, and what is there of them.

# what was applied is kept here, and gone with the test
export LINKWIRE_STATE_DIR=$TMP/state
mkdir -m 700 "$LINKWIRE_STATE_DIR"

# What the kernel would load by itself, if it found its modules: in the fast bed it does not.
for module in sch_tbf sch_netem sch_htb cls_fw vxlan ipip sit ip6_tunnel ip_gre ip6_gre nf_tables nft_ct; do
	modprobe -q "$module" 2>/dev/null
done

# what a case that failed has left there would be in the way of the next try (where all that is new is ours)
if [ -n "${LINKWIRE_GUEST:-}" ]; then
	NS_BEFORE=$(ls /run/netns 2>/dev/null)
	# shellcheck disable=SC2046 # a list
	trap 'cleanup_ns $(ls /run/netns 2>/dev/null | grep -vxF "$NS_BEFORE"); cleanup' EXIT
fi

# file NAME: a DOT file $TMP/NAME from standard input; sets F.
file()
{
	F=$TMP/$1
	cat > "$F"
}

# what a topology could leave behind: namespaces, devices here, files (but for the locks', which stay)
leftovers()
{
	ls /run/netns 2>/dev/null
	ip -o link | sed 's/^[0-9]*: \([^:@]*\).*/\1/'
	find /run -maxdepth 1 ! -name netns ! -name linkwire
}

# facts FILE [PATTERN]: of each live wire (whose name matches): what must not change when others do
facts()
{
	lw -j topo show "$1" | PATTERN=${2:-.} python3 -c '
import json, os, re, subprocess, sys
t = json.load(sys.stdin)
under = {n["name"]: n["underlay_netns"] for n in t["nodes"]}
sas = {}
for name, ns in under.items():
    out = subprocess.run([sys.argv[1], "-n", ns, "-j", "sa", "show"], capture_output=True).stdout or b"[]"
    for sa in json.loads(out):
        sas.setdefault((name, sa["id"]), []).append((sa["dir"], sa["tag"]))
for w in t["wires"]:
    if re.search(os.environ["PATTERN"], w["name"]):
        for e in w["ends"]:
            print(w["name"], w["state"], e["node"], e["ifname"], e.get("id"), e.get("ifindex"),
                  [a["local"] for a in e["addresses"]], sorted(sas.get((e["node"], e.get("id")), [])))' "$LWCTL"
}

# proven FILE [WIRE...]
proven()
{
	lw -j topo show "$1" | python3 "$SELFTESTS/topo_wires.py" "${@:2}"
}

# address FILE NODE INTERFACE: its first one
address()
{
	lw -j topo show "$1" | python3 -c 'import json, sys
for w in json.load(sys.stdin)["wires"]:
    for e in w["ends"]:
        if [e["node"], e["ifname"]] == sys.argv[1:]:
            print(e["addresses"][0]["local"])' "$2" "$3"
}

# comes_up FILE [WIRE...]: apply it, and every wire of it is proven; those named, to carry nothing past a chain
comes_up()
{
	check "apply $1" lw topo apply "$1" || return
	check "each wire" proven "$@"
	check_eq "a second apply" "nothing to change" "$(lw topo apply "$1" | sed 's/.*: //')"
}

# destroy FILE, and nothing is there that was not before ($BEFORE)
goes_down()
{
	check "destroy $1" lw topo destroy "$1"
	wait_for same_as_before || fail "left behind: $(diff <(echo "$BEFORE") <(leftovers) | grep '^[<>]' | tr '\n' ' ')"
}

same_as_before()
{
	[ "$(leftovers)" = "$BEFORE" ]
}

# a triangle to change: nodes a, b, c; wires between each two
triangle()
{
	file "${1:-tri}.dot" <<-END
	graph ${1:-tri} {
		a:x -- b:y
		b:z -- c:y
		c:x -- a:z
		$2
	}
	END
}
