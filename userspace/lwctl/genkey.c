// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lwctl/args.h"
#include "lwctl/key.h"
#include "netlink/secret.h"

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Not by stdio, whose buffers nobody wipes. */
static int write_key(struct lwctl *ctl, const struct key *key, int fd, const char *to)
{
	size_t size = LW_BASE64_SIZE(LINKWIRE_KEY_MAX) + 1;
	char *text = lw_secret_alloc(size);
	int ret;

	if (!text)
		return lwctl_refused(ctl, NULL, "no memory for a key");
	lw_base64_encode(text, key->bytes, key->len);
	strcat(text, "\n");
	ret = write_all(fd, text, strlen(text));
	lw_secret_free(text, size);
	return ret < 0 ? lwctl_refused(ctl, NULL, "%s: %s", to, strerror(-ret)) : LWCTL_OK;
}

static int write_file(struct lwctl *ctl, const struct key *key, const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int ret;

	if (fd < 0)
		return lwctl_usage(ctl, "'%.256s': %s", file, strerror(errno));
	ret = write_key(ctl, key, fd, file);
	if (close(fd) < 0 && !ret)
		ret = lwctl_refused(ctl, NULL, "%s: %s", file, strerror(errno));
	if (ret)
		unlink(file);
	return ret;
}

int cmd_genkey(struct lwctl *ctl, int argc, char **argv)
{
	struct args args = ARGS(argc, argv);
	uint8_t cipher = LINKWIRE_CIPHER_AES_256_GCM;
	char *word = args_next(&args), *file;
	char why[KEY_WHY_SIZE];
	struct key key;
	int ret = LWCTL_OK;

	if (word)
		ret = args_cipher(ctl, word, &cipher);
	file = args_next(&args);
	if (!ret)
		ret = args_end(ctl, &args);
	if (!ret)
		ret = key_fresh(ctl, &key, cipher);
	if (ret)
		return ret;
	fflush(stdout);
	if (file) {
		ret = write_file(ctl, &key, file);
	} else {
		if (!key_source_private(STDOUT_FILENO, why))
			lwctl_warn(ctl, "this goes to a file, and %s; `lwctl genkey CIPHER FILE' makes a private one", why);
		ret = write_key(ctl, &key, STDOUT_FILENO, "standard output");
	}
	key_free(&key);
	return ret;
}
