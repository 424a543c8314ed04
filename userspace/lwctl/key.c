// SPDX-License-Identifier: MIT
#include "lwctl/key.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlink/secret.h"
#include "netlink/words.h"

#define TEXT_MAX 256	/* bytes of a key file: the longest key has 48 characters */

void key_free(struct key *key)
{
	lw_secret_free(key->bytes, LINKWIRE_KEY_MAX);
	*key = (struct key){ 0 };
}

static int key_alloc(struct lwctl *ctl, struct key *key, uint8_t cipher)
{
	*key = (struct key){ .cipher = cipher, .len = lw_cipher_key_size(cipher) };
	key->bytes = lw_secret_alloc(LINKWIRE_KEY_MAX);
	return key->bytes ? LWCTL_OK : lwctl_refused(ctl, NULL, "no memory for a key");
}

/* @from says where the text came from, for messages, which never show the text itself. */
static int key_from_text(struct lwctl *ctl, struct key *key, uint8_t cipher, const char *from, const char *text,
			 size_t len)
{
	uint8_t *bytes = lw_secret_alloc(TEXT_MAX);
	int n, ret;

	if (!bytes)
		return lwctl_refused(ctl, NULL, "no memory for a key");
	n = lw_base64_decode(bytes, TEXT_MAX, text, len);
	if (n < 0)
		ret = lwctl_usage(ctl, "%s: not one line of base64", from);
	else if ((unsigned int)n != lw_cipher_key_size(cipher))
		ret = lwctl_usage(ctl, "%s: %d bytes, but %s takes %u%s", from, n, lw_cipher_name(cipher),
				  lw_cipher_key_size(cipher),
				  cipher == LINKWIRE_CIPHER_CHACHA20_POLY1305 ? "" : " (key and salt)");
	else
		ret = key_alloc(ctl, key, cipher);
	if (!ret)
		memcpy(key->bytes, bytes, (size_t)n);
	lw_secret_free(bytes, TEXT_MAX);
	return ret;
}

bool key_source_private(int fd, char why[KEY_WHY_SIZE])
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		snprintf(why, KEY_WHY_SIZE, "%s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		return true;
	else if (st.st_mode & 077)
		snprintf(why, KEY_WHY_SIZE, "others can read it (mode %04o)", st.st_mode & 07777);
	else if (st.st_uid && st.st_uid != geteuid())	/* root can open anybody's */
		snprintf(why, KEY_WHY_SIZE, "user %u can read it, to whom it belongs", st.st_uid);
	else
		return true;
	return false;
}

/* One line, byte by byte: what follows it in a pipe is not ours. Returns its length without the end, or -errno. */
static ssize_t read_line(int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size) {
		n = read(fd, text + len, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n || text[len] == '\n')
			break;
		len++;
	}
	if (len == size)
		return -EMSGSIZE;
	while (len && (text[len - 1] == '\r' || text[len - 1] == ' '))
		len--;
	return (ssize_t)len;
}

static int read_key(struct lwctl *ctl, struct key *key, uint8_t cipher, int fd, const char *from)
{
	char *text = lw_secret_alloc(TEXT_MAX);
	ssize_t len;
	int ret;

	if (!text)
		return lwctl_refused(ctl, NULL, "no memory for a key");
	len = read_line(fd, text, TEXT_MAX);
	if (len == -EMSGSIZE)
		ret = lwctl_usage(ctl, "%s: not one line of base64", from);
	else if (len < 0)
		ret = lwctl_usage(ctl, "%s: %s", from, strerror((int)-len));
	else if (!len)
		ret = lwctl_usage(ctl, "%s: there is no key in it", from);
	else
		ret = key_from_text(ctl, key, cipher, from, text, (size_t)len);
	lw_secret_free(text, TEXT_MAX);
	return ret;
}

/* Somebody may give the key itself where the name of its file belongs: it must not come back in a message. */
static bool looks_like_key(const char *word)
{
	uint8_t bytes[LINKWIRE_KEY_MAX];
	int n = lw_base64_decode(bytes, sizeof(bytes), word, strlen(word));

	explicit_bzero(bytes, sizeof(bytes));
	return n >= 16;
}

int key_from_file(struct lwctl *ctl, struct key *key, uint8_t cipher, const char *file)
{
	char from[300], why[KEY_WHY_SIZE];
	int fd, ret;

	*key = (struct key){ 0 };
	if (!strcmp(file, "-")) {
		if (ctl->stdin_taken)
			return lwctl_usage(ctl, "key-file '-': standard input is the batch; use `key BASE64' there");
		if (!key_source_private(STDIN_FILENO, why))
			return lwctl_usage(ctl, "standard input is a file, and %s: make a new key", why);
		return read_key(ctl, key, cipher, STDIN_FILENO, "standard input");
	}
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && looks_like_key(file))
		return lwctl_usage(ctl, "'key-file' takes the name of a file, not a key: others may have seen it, make a new one");
	snprintf(from, sizeof(from), "key file '%.256s'", file);
	if (fd < 0)
		return lwctl_usage(ctl, "%s: %s", from, strerror(errno));
	if (key_source_private(fd, why))
		ret = read_key(ctl, key, cipher, fd, from);
	else
		ret = lwctl_usage(ctl, "%s: %s: make a new key, in a file of your own with mode 0600", from, why);
	close(fd);
	return ret;
}

int key_from_word(struct lwctl *ctl, struct key *key, uint8_t cipher, char *word)
{
	size_t len = strlen(word);
	int ret;

	*key = (struct key){ 0 };
	ret = key_from_text(ctl, key, cipher, "'key'", word, len);
	explicit_bzero(word, len);
	return ret;
}

int key_fresh(struct lwctl *ctl, struct key *key, uint8_t cipher)
{
	int ret = key_alloc(ctl, key, cipher);

	if (ret)
		return ret;
	ret = lw_secret_random(key->bytes, key->len);
	if (ret < 0) {
		key_free(key);
		return lwctl_refused(ctl, NULL, "no random bytes for a key: %s", strerror(-ret));
	}
	return LWCTL_OK;
}
