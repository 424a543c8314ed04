// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "topology/quantity.h"

#define NANO 1000000000ULL
#define INT_DIGITS 9	/* so that a number with its nine decimals fits 64 bits */
#define RATE_LEAST 1000ULL		/* bytes a second: 8kbit */
#define RATE_MOST 125000000000ULL	/* 1tbit */
#define TIME_MOST 60000000ULL		/* us: a minute */

struct unit {
	const char *name;
	uint64_t size;
};

static const struct unit rates[] = {
	{ "tbit", 1000000000000ULL }, { "gbit", 1000000000 }, { "mbit", 1000000 }, { "kbit", 1000 }, { "bit", 1 },
};

static const struct unit times[] = { { "s", 1000000 }, { "ms", 1000 }, { "us", 1 } };

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/**
 * parse_number() - a whole number
 * @text: its digits and nothing else
 * @least: the least that is taken
 * @most: the most
 * @value: where it goes
 *
 * Return: false if the text is none.
 */
bool parse_number(const char *text, uint32_t least, uint32_t most, uint32_t *value)
{
	unsigned long long v;
	char *end;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno || *end || *text < '0' || *text > '9' || v < least || v > most)
		return false;
	*value = (uint32_t)v;
	return true;
}

/* "1.5" and what follows it; in billionths, exactly */
static bool parse_decimal(const char **text, uint64_t *nano)
{
	size_t digits = strspn(*text, "0123456789"), decimals = 0;
	uint64_t v = 0, scale = NANO;
	const char *p = *text;

	if (!digits || digits > INT_DIGITS)
		return false;
	for (size_t i = 0; i < digits; i++)
		v = 10 * v + (uint64_t)(*p++ - '0');
	v *= NANO;
	if (*p == '.') {
		decimals = strspn(++p, "0123456789");
		if (!decimals || decimals > 9)
			return false;
	}
	for (size_t i = 0; i < decimals; i++)
		v += (uint64_t)(*p++ - '0') * (scale /= 10);
	*text = p;
	*nano = v;
	return true;
}

static bool parse_unit(const char *text, const struct unit *units, size_t n, uint64_t *size)
{
	for (size_t i = 0; i < n; i++)
		if (!strcasecmp(text, units[i].name)) {
			*size = units[i].size;
			return true;
		}
	return false;
}

__extension__ typedef unsigned __int128 wide;

/**
 * parse_rate() - a rate, as tc writes it
 * @text: such as "10mbit" or "1.5gbit": 8kbit to 1tbit
 * @bytes: where it goes, in bytes a second
 *
 * Return: false if the text is none.
 */
bool parse_rate(const char *text, uint64_t *bytes)
{
	uint64_t nano, unit;
	wide v;

	if (!parse_decimal(&text, &nano) || !parse_unit(text, rates, COUNT(rates), &unit))
		return false;
	v = (wide)nano * unit / NANO / 8;
	if (v < RATE_LEAST || v > RATE_MOST)
		return false;
	*bytes = (uint64_t)v;
	return true;
}

/**
 * parse_time() - a time
 * @text: such as "20ms", "1.5s", "300us": at most a minute
 * @us: where it goes, in microseconds
 *
 * Return: false if the text is none.
 */
bool parse_time(const char *text, uint32_t *us)
{
	uint64_t nano, unit;
	wide v;

	if (!parse_decimal(&text, &nano) || !parse_unit(text, times, COUNT(times), &unit))
		return false;
	v = (wide)nano * unit / NANO;
	if (v > TIME_MOST)
		return false;
	*us = (uint32_t)v;
	return true;
}

/**
 * parse_share() - a share
 * @text: such as "0.1%": 0% to 100%
 * @of_max: where it goes, as a part of UINT32_MAX
 *
 * Return: false if the text is none.
 */
bool parse_share(const char *text, uint32_t *of_max)
{
	uint64_t nano;

	if (!parse_decimal(&text, &nano) || strcmp(text, "%") || nano > 100 * NANO)
		return false;
	*of_max = (uint32_t)(((wide)nano * UINT32_MAX + 50 * NANO) / (100 * NANO));
	return true;
}

static const char between[] = ", \t\r\n";

/**
 * count_words() - how many words a list has
 * @text: as for parse_word()
 *
 * Return: their number.
 */
size_t count_words(const char *text)
{
	size_t n = 0;

	for (text += strspn(text, between); *text; text += strspn(text, between), n++)
		text += strcspn(text, between);
	return n;
}

/**
 * parse_word() - the next word of a list
 * @mem: where it is copied to
 * @text: words with commas or white space between them; what follows the word afterwards
 *
 * Return: the word, or NULL at the end.
 */
const char *parse_word(struct arena *mem, const char **text)
{
	const char *start = *text + strspn(*text, between);
	size_t len = strcspn(start, between);

	*text = start + len;
	return len ? arena_strndup(mem, start, len) : NULL;
}

static const char *format_unit(struct arena *mem, uint64_t v, const struct unit *units, size_t n)
{
	size_t i = 0;

	while (i < n - 1 && (!v || v % units[i].size))
		i++;
	return arena_printf(mem, "%llu%s", (unsigned long long)(v / units[i].size), units[i].name);
}

/**
 * format_rate() - a rate, for people and for parse_rate()
 * @mem: where the string is made
 * @bytes: a second
 *
 * Return: such as "10mbit".
 */
const char *format_rate(struct arena *mem, uint64_t bytes)
{
	return format_unit(mem, 8 * bytes, rates, COUNT(rates));
}

/**
 * format_time() - a time, for people and for parse_time()
 * @mem: where the string is made
 * @us: microseconds
 *
 * Return: such as "20ms".
 */
const char *format_time(struct arena *mem, uint32_t us)
{
	return format_unit(mem, us, times, COUNT(times));
}

/**
 * format_share() - a share, for people and for parse_share()
 * @mem: where the string is made
 * @of_max: a part of UINT32_MAX
 *
 * Return: such as "0.1%": as many decimals as it takes to get the same share again.
 */
const char *format_share(struct arena *mem, uint32_t of_max)
{
	for (int decimals = 0;; decimals++) {
		const char *text = arena_printf(mem, "%.*f%%", decimals, (double)of_max * 100 / UINT32_MAX);
		uint32_t again;

		if (decimals == 9 || (parse_share(text, &again) && again == of_max))
			return text;
	}
}
