# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Ciphers that always complete later, as tests use them (after lib.sh): the module loaded with aead_template=cryptd.
#
#	cryptd_on			# the module is loaded anew; fails where this kernel cannot
#	trap 'cryptd_off; cleanup' EXIT	# and once more, everything as it was

cryptd_on()
{
	modprobe -q cryptd || [ -d /sys/module/cryptd ] || return
	: > "$TMP/cryptd"
	unload_module
	__no_crypto_tests 1
	load_module aead_template=cryptd
}

cryptd_off()
{
	[ -e "$TMP/cryptd" ] || return 0
	__no_crypto_tests 0
	unload_module
	__delete_cryptd_instances
	load_module
	rm "$TMP/cryptd"
}

# Before 6.3 cryptd leaves requests changed, which does no harm here but fails the kernel's own tests of it, and with them
# the cipher (31899908a0d2, "crypto: cryptd - Use subreq for AEAD").
__no_crypto_tests()
{
	[ ! -w /sys/module/cryptomgr/parameters/notests ] || echo "$1" > /sys/module/cryptomgr/parameters/notests
}

# An instance of a template, once made, is the kernel's first choice for its cipher until it is deleted.
__delete_cryptd_instances()
{
	modprobe -q -r cryptd 2>/dev/null
	modprobe -q crypto_user 2>/dev/null
	python3 - <<-'END'
		import socket, struct
		with open("/proc/crypto") as file:
		    names = [line.split(":", 1)[1].strip() for line in file if line.startswith("driver")]
		try:
		    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 21)  # NETLINK_CRYPTO
		except OSError:
		    raise SystemExit
		for name in names:
		    if name.startswith("cryptd("):
		        body = struct.pack("=64s64s64sIIII", b"", name.encode(), b"", 0, 0, 0, 0)
		        sock.send(struct.pack("=IHHII", 16 + len(body), 0x11, 5, 1, 0) + body)  # CRYPTO_MSG_DELALG
		        sock.recv(4096)
	END
}
