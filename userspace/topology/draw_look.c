// SPDX-License-Identifier: MIT
/*
 * How a picture looks, and what it says in words: on white, so that it can be printed and put on any page.
 */
#include <string.h>

#include "lwctl/print.h"
#include "topology/draw.h"
#include "topology/show.h"

static const struct draw_look looks[] = {
	{ "wanted",	 "#34689c", "solid",  "wire" },
	{ "up",		 "#1a9850", "solid",  "up" },
	{ "no-carrier",	 "#f08c00", "solid",  "no carrier" },
	{ "down",	 "#868e96", "solid",  "an interface is down" },
	{ "broken",	 "#d7191c", "solid",  "an end or a key is missing" },
	{ "missing",	 "#d7191c", "dashed", "not there" },
	{ "not-in-file", "#8e44ad", "dashed", "not in the file" },
};

#define PLAIN "#b35900"
#define LOOKS (sizeof(looks) / sizeof(*looks))

/* far from those above, and from each other for the colour-blind */
static const char *const chain_colors[] = { "#e7298a", "#00a0b0", "#a6761d", "#5b2a86", "#4d4d4d", "#b8a800" };

/**
 * draw_look() - how a wire is drawn
 * @d: the picture
 * @live: the wire as it is live; NULL: it is not
 * @in_file: the file has it
 *
 * Return: its look.
 */
const struct draw_look *draw_look(const struct drawing *d, const struct topo_wire *live, bool in_file)
{
	const char *state = !d->live ? "wanted" : !in_file ? "not-in-file" : show_wire_state(live);
	size_t i = 0;

	while (i + 1 < LOOKS && strcmp(looks[i].state, state))
		i++;
	return &looks[i];
}

/**
 * draw_chain_color() - the colour of a chain
 * @chain: which
 *
 * Return: the colour; some have the same if there are many.
 */
const char *draw_chain_color(size_t chain)
{
	return chain_colors[chain % (sizeof(chain_colors) / sizeof(*chain_colors))];
}

/**
 * draw_text() - words of the file, for what stands between quotation marks in DOT
 * @mem: where the string is made
 * @text: any bytes
 *
 * Graphviz would take \N for a node's name, and &amp; for &.
 *
 * Return: the words, without anything that means something there.
 */
const char *draw_text(struct arena *mem, const char *text)
{
	size_t len = strlen(text), room = 4 * len + 8;
	char *shown = arena_alloc(mem, room), *out, *p;

	print_escape(shown, room, text, len);
	out = p = arena_alloc(mem, 5 * strlen(shown) + 1);
	for (const char *s = shown; *s; s++) {
		if (*s == '&') {
			p = stpcpy(p, "&amp;");
			continue;
		}
		if (*s == '"' || *s == '\\')
			*p++ = '\\';
		*p++ = *s;
	}
	*p = '\0';
	return out;
}

/**
 * draw_html() - words of the file, for what stands between < and > in DOT
 * @mem: where the string is made
 * @text: any bytes
 *
 * Return: the words, without anything that means something there.
 */
const char *draw_html(struct arena *mem, const char *text)
{
	size_t len = strlen(text), room = 4 * len + 8;
	char *shown = arena_alloc(mem, room), *out, *p;

	print_escape(shown, room, text, len);
	out = p = arena_alloc(mem, 6 * strlen(shown) + 1);
	for (const char *s = shown; *s; s++) {
		const char *means = *s == '&' ? "&amp;" : *s == '<' ? "&lt;" : *s == '>' ? "&gt;" :
				    *s == '"' ? "&quot;" : NULL;

		if (means)
			p = stpcpy(p, means);
		else
			*p++ = *s;
	}
	*p = '\0';
	return out;
}

/* "9.4 Mbit/s", three digits at most; "" for nothing */
static const char *rate(struct arena *mem, double bytes)
{
	static const char *const unit[] = { "bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s" };
	double bits = 8 * bytes;
	size_t u = 0;

	while (bits >= 999.5 && u + 1 < sizeof(unit) / sizeof(*unit)) {
		bits /= 1000;
		u++;
	}
	return arena_printf(mem, "%.*f %s", bits < 9.95 && u && bits != (double)(int)bits ? 1 : 0, bits, unit[u]);
}

static const char *percent(struct arena *mem, double part)
{
	double p = 100 * part;

	return arena_printf(mem, "%.*f %%", p < 9.95 && p != (double)(int)p ? 1 : 0, p);
}

/**
 * draw_add_line() - a line below others
 * @mem: where the string is made
 * @text: the others; "" for none
 * @line: the line
 *
 * Return: all of them.
 */
const char *draw_add_line(struct arena *mem, const char *text, const char *line)
{
	return *text ? arena_printf(mem, "%s<br/>%s", text, line) : line;
}

static uint64_t grown(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

/* how much passes, of the direction in which that is more */
static double passing(const struct drawing *d, const struct topo_wire *live, const struct topo_wire *before)
{
	uint64_t most = 0;

	for (int k = 0; k < 2; k++) {
		uint64_t bytes = grown(live->end[k].rx_bytes, before->end[k].rx_bytes);

		most = bytes > most ? bytes : most;
	}
	return (double)most * 1000 / (double)d->since;
}

/*
 * What one end sent and the other did not get. The two are not read at one moment, so a packet or two prove nothing.
 */
#define FEW 3

static double lost(const struct topo_wire *live, const struct topo_wire *before)
{
	double most = 0;

	for (int k = 0; k < 2; k++) {
		uint64_t sent = grown(live->end[k].tx_packets, before->end[k].tx_packets);
		uint64_t got = grown(live->end[!k].rx_packets, before->end[!k].rx_packets);
		double part = sent > got + FEW ? (double)(sent - got) / (double)sent : 0;

		most = part > most ? part : most;
	}
	return most;
}

static const char *live_label(struct arena *mem, const struct drawing *d, const struct topo_wire *want,
			      const struct topo_wire *live)
{
	const struct topo_wire *before = d->before ? state_find_wire(d->before, live->key) : NULL;
	uint64_t dropped = live->end[0].drops + live->end[1].drops;
	const char *text = "";

	if (before && d->since && passing(d, live, before) >= 1)
		text = rate(mem, passing(d, live, before));
	if (want && want->rate)
		text = arena_printf(mem, "%s%s%s", text, *text ? " of " : "at most ", rate(mem, (double)want->rate));
	if (before && lost(live, before) > 0)
		text = draw_add_line(mem, text, arena_printf(mem, "%s lost", percent(mem, lost(live, before))));
	if (dropped)
		text = draw_add_line(mem, text, arena_printf(mem, "%llu dropped", (unsigned long long)dropped));
	return text;
}

/**
 * draw_wire_label() - what is written on a wire
 * @mem: where the string is made
 * @d: the picture
 * @want: the wire as the file has it; NULL: it has not
 * @live: as it is live; NULL: it is not, or nobody asked
 *
 * Return: lines as draw_html() has them, with <br/> between them; "" for nothing.
 */
const char *draw_wire_label(struct arena *mem, const struct drawing *d, const struct topo_wire *want,
			    const struct topo_wire *live)
{
	const char *text = "";

	if (live) {
		text = live_label(mem, d, want, live);
	} else if (want) {
		if (want->rate)
			text = rate(mem, (double)want->rate);
		if (want->floor)
			text = draw_add_line(mem, text, arena_printf(mem, "at least %s", rate(mem, (double)want->floor)));
		if (want->delay_us)
			text = draw_add_line(mem, text, arena_printf(mem, "%g ms", want->delay_us / 1000.0));
		if (want->loss)
			text = draw_add_line(mem, text, arena_printf(mem, "%s loss",
								     percent(mem, want->loss / (double)UINT32_MAX)));
	}
	return (want ? want->plain : live && live->plain) ? draw_add_line(mem, text, "<font color=\"" PLAIN "\">not encrypted</font>") : text;
}

static void legend_row(FILE *to, const char *color, const char *sign, const char *text)
{
	fprintf(to, "<tr><td align=\"right\"><font color=\"%s\"><b>%s</b></font></td><td align=\"left\">%s</td></tr>", color,
		sign, text);
}

static const char *chain_text(struct arena *mem, const struct topo_state *s, const struct topo_chain *c)
{
	const char *text = arena_printf(mem, "%s: ", draw_html(mem, c->name));

	for (size_t i = 0; i < c->nodes; i++)
		text = arena_printf(mem, "%s%s%s", text, i ? " \xe2\x86\x92 " : "", draw_html(mem, s->node[c->node[i]].name));
	return text;
}

/**
 * draw_legend() - what is what in a picture, only what is there
 * @mem: for strings
 * @d: the picture
 * @size: of the letters, in points
 * @to: where it is written, as an HTML label of Graphviz'
 */
void draw_legend(struct arena *mem, const struct drawing *d, double size, FILE *to)
{
	const struct topo_state *want = d->want;
	size_t has[LOOKS] = { 0 }, plain = 0;

	for (size_t i = 0; i < want->wires; i++) {
		const struct topo_wire *live = d->live ? state_find_wire(d->live, want->wire[i].key) : NULL;

		has[draw_look(d, live, true) - looks]++;
		plain += want->wire[i].plain;
	}
	for (size_t i = 0; d->live && i < d->live->wires; i++)
		if (!state_find_wire(want, d->live->wire[i].key))
			has[draw_look(d, &d->live->wire[i], false) - looks]++;

	fprintf(to, "<<font point-size=\"%.1f\"><table border=\"0\" cellspacing=\"0\" cellpadding=\"1\">", size);
	fprintf(to, "<tr><td colspan=\"2\" align=\"left\"> <br/><b>%s</b>: %zu node%s, %zu wire%s%s</td></tr>",
		draw_html(mem, want->title), want->nodes, want->nodes == 1 ? "" : "s", want->wires,
		want->wires == 1 ? "" : "s", d->live ? ", live" : "");
	for (size_t i = 0; i < LOOKS; i++)
		if (has[i] && d->live)
			legend_row(to, looks[i].color, strcmp(looks[i].style, "dashed") ? "\xe2\x94\x81\xe2\x94\x81\xe2\x94\x81" :
				   "\xe2\x94\x85\xe2\x94\x85\xe2\x94\x85",
				   arena_printf(mem, "%zu %s", has[i], looks[i].meaning));
	if (plain)
		legend_row(to, PLAIN, "\xe2\x95\x90\xe2\x95\x90\xe2\x95\x90",
			   arena_printf(mem, "%zu not encrypted", plain));
	if (want->rules)
		legend_row(to, "#d7191c", "\xc2\xb7\xc2\xb7\xc2\xb7\xc2\xb7", "must not talk");
	for (size_t i = 0; i < want->chains; i++)
		legend_row(to, draw_chain_color(i), "\xe2\x94\x81\xe2\x94\x81\xe2\x94\x81", chain_text(mem, want, &want->chain[i]));
	fprintf(to, "</table></font>>");
}
