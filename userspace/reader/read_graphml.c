// SPDX-License-Identifier: MIT
/*
 * GraphML, through expat, as it streams by.
 *
 * Nothing outside of the file is ever fetched, and a file that declares entities (or anything else of a document type
 * of its own) is refused: so nothing grows that is not in the file. What GraphML has and a topology has not is
 * compiled where that can be done (nested graphs, hyperedges, ports) and refused with the reason where not.
 */
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "reader/graphml.h"
#include "reader/read.h"

#define CHUNK (64 * 1024)
#define TOKEN_MAX (1 << 20)	/* one tag, comment or text: expat reads it again with each chunk of it */
#define ERRORS_MAX 100
#define URI_GRAPHML "http://graphml.graphdrawing.org/xmlns"

struct frame {
	enum graphml_element el;
	unsigned int line;
	size_t index;			/* of the node, the edge, or of the hyperedge's first edge */
	size_t node;			/* that an endpoint or a port is of; a hyperedge's own */
	struct attr *attrs;
};

/* an edge's ends by name: a node may come behind its edges */
struct ends {
	const char *name[2];
};

struct reader {
	XML_Parser xml;
	struct graph *g;
	struct diag *d;
	struct arena mem;
	unsigned int first_line;
	struct frame *stack;
	size_t depth, stack_cap;
	size_t skip;			/* how deep we are in what is not GraphML's */
	struct graphml_keys keys;
	const struct graphml_key *key;	/* of the <data> or <default> that we are in, if it means anything */
	bool collects;
	char *text;
	size_t len, text_cap;
	struct strmap node;		/* id → index */
	struct graphml_ports ports;
	struct ends *ends;		/* of each edge */
	size_t ends_cap;
	bool has_graph, stopped;
	size_t nested, hypernodes;
	unsigned int nested_line, hypernode_line;
};

static unsigned int line_of(const struct reader *r)
{
	return (unsigned int)XML_GetCurrentLineNumber(r->xml) + r->first_line - 1;
}

static struct frame *top(const struct reader *r)
{
	return &r->stack[r->depth - 1];
}

static void stop(struct reader *r)
{
	r->stopped = true;	/* expat still tells the end of a tag that it is in */
	XML_StopParser(r->xml, XML_FALSE);
}

/* an element as people know it */
static const char *called(struct reader *r, const struct frame *f)
{
	const struct ends *ends;

	switch (f->el) {
	case EL_NODE:
		return arena_printf(&r->mem, "node %s", r->g->node[f->index].name);
	case EL_EDGE:
		ends = &r->ends[f->index];
		return arena_printf(&r->mem, "%s -- %s", ends->name[0], ends->name[1]);
	case EL_HYPEREDGE:
		return arena_printf(&r->mem, "hyperedge %s", r->g->node[f->node].name);
	case EL_GRAPH:
		return "the graph";
	default:
		return arena_printf(&r->mem, "<%s>", graphml_element_name(f->el));
	}
}

static const char *needed(struct reader *r, const char **xml_attr, enum graphml_element el, const char *name)
{
	const char *value = graphml_xml_attr(xml_attr, name);

	if (!value)
		diag_error(r->d, line_of(r), "<%s> without %s", graphml_element_name(el), name);
	return value;
}

static size_t add_node(struct reader *r, const char *id, unsigned int line)
{
	size_t index = graph_add_node(r->g, id, line), other;

	if (!strmap_add(&r->node, r->g->node[index].name, index, &other))
		diag_error(r->d, line, "node %s is there twice, first in line %u", id, r->g->node[other].line);
	return index;
}

static size_t add_edge(struct reader *r, const char *source, const char *source_port, const char *target,
		       const char *target_port, unsigned int line)
{
	size_t index = r->g->edges;

	if (index == GRAPH_EDGES_MAX) {
		diag_error(r->d, line, "more than %d edges", GRAPH_EDGES_MAX);
		stop(r);
	}
	r->ends = array_grow(r->ends, &r->ends_cap, index, sizeof(*r->ends));
	r->ends[index].name[0] = arena_strdup(&r->mem, source);
	r->ends[index].name[1] = arena_strdup(&r->mem, target);
	graph_add_edge(r->g, 0, source_port && *source_port ? source_port : NULL, 0,
		       target_port && *target_port ? target_port : NULL, line);
	return index;
}

/* ------------------------------------------------------------------------------------------------ elements begin */

static void begin_graph(struct reader *r, struct frame *f, const struct frame *in, const char **xml_attr)
{
	const char *directed = graphml_xml_attr(xml_attr, "edgedefault") ?: "undirected";

	if (strcmp(directed, "undirected") && strcmp(directed, "directed"))
		diag_error(r->d, f->line, "edgedefault \"%s\" is neither directed nor undirected", directed);
	if (in->el != EL_GRAPHML) {
		r->nested_line = r->nested++ ? r->nested_line : f->line;
		return;
	}
	if (r->has_graph)
		diag_error(r->d, f->line, "more than one graph in the file, and only one can be meant");
	else
		graph_set_name(r->g, graphml_xml_attr(xml_attr, "id"));
	r->has_graph = true;
	r->g->directed = *directed == 'd';
}

static bool begin_node(struct reader *r, struct frame *f, const char **xml_attr)
{
	const char *id = needed(r, xml_attr, EL_NODE, "id");

	if (id)
		f->index = add_node(r, id, f->line);
	return id;
}

static bool begin_edge(struct reader *r, struct frame *f, const char **xml_attr)
{
	const char *source = needed(r, xml_attr, EL_EDGE, "source"), *target = needed(r, xml_attr, EL_EDGE, "target");

	if (source && target)
		f->index = add_edge(r, source, graphml_xml_attr(xml_attr, "sourceport"), target,
				    graphml_xml_attr(xml_attr, "targetport"), f->line);
	return source && target;
}

/* one wire that many nodes share is a segment: a bridge, and a wire to each of them */
static bool begin_hyperedge(struct reader *r, struct frame *f, const char **xml_attr)
{
	const char *id = needed(r, xml_attr, EL_HYPEREDGE, "id");

	if (!id)
		return false;
	f->node = add_node(r, id, f->line);
	f->index = r->g->edges;
	r->g->node[f->node].attrs = arena_alloc(&r->g->mem, sizeof(struct attr));
	*r->g->node[f->node].attrs = (struct attr){ .name = "lw_kind", .value = "bridge" };
	return true;
}

static bool begin_endpoint(struct reader *r, struct frame *f, const struct frame *in, const char **xml_attr)
{
	const char *node = needed(r, xml_attr, EL_ENDPOINT, "node");

	if (node)
		add_edge(r, node, graphml_xml_attr(xml_attr, "port"), r->g->node[in->node].name, NULL, f->line);
	return node;
}

static bool begin_port(struct reader *r, struct frame *f, const struct frame *in, const char **xml_attr)
{
	const char *name = needed(r, xml_attr, EL_PORT, "name");

	f->node = in->el == EL_NODE ? in->index : in->node;	/* a port may have ports of its own */
	if (name)
		graphml_port_add(&r->ports, r->g, f->node, name, f->line, r->d);
	return name;
}

static const struct graphml_key *wanted_here(struct reader *r, const struct frame *in, const char *id)
{
	const struct graphml_key *key = graphml_key_find(&r->keys, id);

	if (!key) {
		diag_error(r->d, line_of(r), "data on %s by key \"%s\", which is declared nowhere before it",
			   called(r, in), id);
		return NULL;
	}
	switch (key->means) {
	case KEY_IGNORED:
		return NULL;
	case KEY_LABEL:
	case KEY_HYPERNODE:
		return in->el == EL_NODE && key->owners & EL_NODE ? key : NULL;
	default:
		break;
	}
	if (in->el == EL_GRAPH && r->depth > 2)
		diag_error(r->d, line_of(r), "%s on a graph inside another: the outermost takes it, no part of it",
			   key->name);
	else if (!(key->owners & in->el) && in->el <= EL_HYPEREDGE)
		diag_error(r->d, line_of(r), "%s on %s: its key \"%s\" is for \"%s\"", key->name, called(r, in), id,
			   graphml_element_name(key->owners));
	else if (in->el > EL_HYPEREDGE || (key->means == KEY_STRICT && in->el != EL_GRAPH))
		diag_error(r->d, line_of(r), "%s on %s: it has no meaning there", key->name, called(r, in));
	else
		return key;
	return NULL;
}

static void begin_text(struct reader *r, const struct graphml_key *key)
{
	r->key = key;
	r->len = 0;
	r->collects = key;
}

static void begin_default(struct reader *r)
{
	const struct graphml_key *key = r->keys.keys ? &r->keys.key[r->keys.keys - 1] : NULL;

	begin_text(r, key && (key->means == KEY_OURS || key->means == KEY_STRICT) ? key : NULL);
}

static bool begin_element(struct reader *r, struct frame *f, const struct frame *in, const char **xml_attr)
{
	const char *key;

	switch (f->el) {
	case EL_GRAPH:
		begin_graph(r, f, in, xml_attr);
		return true;
	case EL_NODE:
		return begin_node(r, f, xml_attr);
	case EL_EDGE:
		return begin_edge(r, f, xml_attr);
	case EL_HYPEREDGE:
		return begin_hyperedge(r, f, xml_attr);
	case EL_ENDPOINT:
		return begin_endpoint(r, f, in, xml_attr);
	case EL_PORT:
		return begin_port(r, f, in, xml_attr);
	case EL_KEY:
		return graphml_key_add(&r->keys, xml_attr, f->line, r->d);
	case EL_DATA:
		key = needed(r, xml_attr, EL_DATA, "key");
		begin_text(r, key ? wanted_here(r, in, key) : NULL);
		return true;
	case EL_DEFAULT:
		begin_default(r);
		return true;
	default:
		return true;
	}
}

/* attributes come by <key> and <data>; one that stands in the tag itself would be lost */
static void refuse_ours_in_tags(struct reader *r, enum graphml_element el, const char **xml_attr)
{
	for (; *xml_attr; xml_attr += 2)
		if (!strncmp(*xml_attr, "lw_", 3))
			diag_error(r->d, line_of(r), "%s in the tag <%s>: in GraphML attributes are given by <key> and <data>",
				   *xml_attr, graphml_element_name(el));
}

/* expat gives "URI NAME", or only the name where there is no namespace */
static const char *local_name(const char *name)
{
	const char *space = strrchr(name, ' ');

	return space ? space + 1 : name;
}

static enum graphml_element element_of(const char *name)
{
	if (strchr(name, ' ') && strncmp(name, URI_GRAPHML, strlen(URI_GRAPHML)))
		return EL_FOREIGN;
	return graphml_element(local_name(name));
}

static void refuse_element(struct reader *r, const char *name, enum graphml_element el, enum graphml_element in)
{
	if (in == EL_NOWHERE) {
		diag_error(r->d, line_of(r), "<%s>: this is no GraphML", local_name(name));
		stop(r);
	} else if (el == EL_LOCATOR) {
		diag_error(r->d, line_of(r), "<locator>: part of the graph would be elsewhere, and nothing is fetched");
	} else if (el == EL_GRAPH) {
		diag_error(r->d, line_of(r), "a graph in a%s %s: what would that be?", in == EL_EDGE ? "n" : "",
			   graphml_element_name(in));
	} else {
		diag_error(r->d, line_of(r), "<%s> in <%s>: that is no GraphML", local_name(name),
			   graphml_element_name(in));
	}
}

static void on_begin(void *data, const char *name, const char **xml_attr)
{
	struct reader *r = data;
	enum graphml_element el = element_of(name), in = r->depth ? top(r)->el : EL_NOWHERE;
	struct frame f = { .el = el, .line = line_of(r) }, parent = { .el = EL_NOWHERE };

	if (r->stopped)
		return;
	if (r->d->errors >= ERRORS_MAX) {
		stop(r);
		return;
	}
	if (r->skip) {
		r->skip++;
		return;
	}
	if (!(graphml_children(in) & el)) {
		/* what others put between is theirs, as what drawing programs have in <data>: only text can be ours */
		if (r->key)
			diag_error(r->d, f.line, "<%s> in the value of %s", local_name(name), r->key->name);
		else if (in & ~(EL_DATA | EL_DESC | EL_DEFAULT) && (el != EL_FOREIGN || in == EL_NOWHERE))
			refuse_element(r, name, el, in);
		r->skip = 1;
		return;
	}
	refuse_ours_in_tags(r, el, xml_attr);
	if (r->depth)
		parent = *top(r);
	if (!begin_element(r, &f, &parent, xml_attr)) {
		r->skip = 1;
		return;
	}
	r->stack = array_grow(r->stack, &r->stack_cap, r->depth, sizeof(*r->stack));
	r->stack[r->depth++] = f;
}

/* -------------------------------------------------------------------------------------------------- elements end */

static void on_text(void *data, const char *text, int len)
{
	struct reader *r = data;

	if (!r->collects || r->skip || r->stopped)
		return;
	if (r->len + (size_t)len > TOKEN_MAX) {
		diag_error(r->d, line_of(r), "the value of %s has more than %d bytes", r->key->name, TOKEN_MAX);
		stop(r);
		return;
	}
	if (r->len + (size_t)len + 1 > r->text_cap) {
		r->text_cap = 2 * (r->len + (size_t)len + 1);
		r->text = realloc(r->text, r->text_cap);
		if (!r->text)
			no_memory();
	}
	memcpy(r->text + r->len, text, (size_t)len);
	r->len += (size_t)len;
}

static void set_strict(struct reader *r, const char *value)
{
	if (!strcmp(value, "true") || !strcmp(value, "1"))
		r->g->strict = true;
	else if (!strcmp(value, "false") || !strcmp(value, "0") || !*value)
		r->g->strict = false;
	else
		diag_error(r->d, line_of(r), "lw_strict \"%s\" is neither true nor false", value);
}

static void end_text(struct reader *r, struct frame *to)
{
	const struct graphml_key *key = r->key;
	const char *value = "";

	r->key = NULL;
	r->collects = false;
	if (!key)
		return;
	if (r->len) {
		r->text[r->len] = '\0';
		value = r->text;
	}
	if (key->means == KEY_STRICT) {
		set_strict(r, value);
	} else if (to->el == EL_KEY) {
		graphml_key_default(&r->keys, key, value, r->d);
	} else if (key->means == KEY_LABEL) {
		graph_set_label(r->g, to->index, value);
	} else if (key->means == KEY_HYPERNODE) {
		if (strcmp(value, "1") && strcasecmp(value, "true"))
			return;
		r->hypernode_line = r->hypernodes++ ? r->hypernode_line : r->g->node[to->index].line;
	} else if (!graphml_attr_insert(&r->g->mem, &to->attrs, key->name, arena_strdup(&r->g->mem, value))) {
		diag_error(r->d, line_of(r), "%s on %s is given twice", key->name, called(r, to));
	}
}

static void end_hyperedge(struct reader *r, const struct frame *f)
{
	struct attr *own = f->attrs;

	if (r->g->edges - f->index < 2)
		diag_error(r->d, f->line, "%s joins fewer than two nodes", called(r, f));
	/* what is said of the hyperedge holds for each of its wires, before what is said of all edges */
	for (const struct attr *a = r->keys.defaults[EL_HYPEREDGE]; a; a = a->next)
		graphml_attr_insert(&r->g->mem, &own, a->name, a->value);
	for (size_t i = f->index; i < r->g->edges; i++)
		graphml_attrs_take(&r->g->mem, &r->g->edge[i].attrs, own, r->keys.defaults[EL_EDGE]);
	graphml_attrs_take(&r->g->mem, &r->g->node[f->node].attrs, r->g->node[f->node].attrs, r->keys.defaults[EL_NODE]);
}

static void on_end(void *data, const char *name)
{
	struct reader *r = data;
	struct frame f;

	(void)name;
	if (r->stopped)
		return;
	if (r->skip) {
		r->skip--;
		return;
	}
	f = r->stack[--r->depth];
	switch (f.el) {
	case EL_DATA:
	case EL_DEFAULT:
		end_text(r, top(r));
		break;
	case EL_NODE:
		graphml_attrs_take(&r->g->mem, &r->g->node[f.index].attrs, f.attrs, r->keys.defaults[EL_NODE]);
		break;
	case EL_EDGE:
		graphml_attrs_take(&r->g->mem, &r->g->edge[f.index].attrs, f.attrs, r->keys.defaults[EL_EDGE]);
		break;
	case EL_HYPEREDGE:
		end_hyperedge(r, &f);
		break;
	case EL_GRAPH:
		if (top(r)->el == EL_GRAPHML)
			graphml_attrs_take(&r->g->mem, &r->g->attrs, f.attrs, r->keys.defaults[EL_GRAPH]);
		break;
	default:
		break;
	}
}

/* ------------------------------------------------------------------------------------------------- the whole file */

static void on_doctype(void *data, const char *name, const char *system_id, const char *public_id, int own)
{
	struct reader *r = data;

	(void)name;
	(void)system_id;
	(void)public_id;
	if (!own || r->stopped)
		return;
	diag_error(r->d, line_of(r),
		   "the file has entities or a document type of its own: what it says could grow without end");
	stop(r);
}

static void on_skipped_entity(void *data, const char *name, int is_parameter)
{
	struct reader *r = data;

	(void)is_parameter;
	diag_error(r->d, line_of(r), "&%s; stands for something outside of the file, and nothing is fetched", name);
}

static void resolve_ends(struct reader *r)
{
	for (size_t i = 0; i < r->g->edges && r->d->errors < ERRORS_MAX; i++) {
		struct graph_edge *e = &r->g->edge[i];
		size_t *const end[] = { &e->tail, &e->head };

		for (int k = 0; k < 2; k++) {
			if (strmap_get(&r->node, r->ends[i].name[k], end[k]))
				graphml_port_use(&r->ports, r->g, *end[k], k ? e->head_port : e->tail_port, e->line, r->d);
			else
				diag_error(r->d, e->line, "%s -- %s: there is no node %s", r->ends[i].name[0],
					   r->ends[i].name[1], r->ends[i].name[k]);
		}
	}
}

static void tell_what_was_compiled(struct reader *r)
{
	graphml_ports_tell_idle(&r->ports, r->g, r->d);
	if (r->nested)
		diag_note(r->d, r->nested_line, "%zu graph%s inside nodes: what is in them stands beside them", r->nested,
			  r->nested > 1 ? "s" : "");
	if (r->hypernodes)
		diag_note(r->d, r->hypernode_line,
			  "%zu node%s marked as hyperedge%s: nodes like all others (lw_kind=bridge makes one a segment)",
			  r->hypernodes, r->hypernodes > 1 ? "s" : "", r->hypernodes > 1 ? "s" : "");
}

static void feed(struct reader *r, FILE *in)
{
	char buf[CHUNK];
	long long fed = 0;
	size_t n;

	do {
		n = fread(buf, 1, sizeof(buf), in);
		fed += (long long)n;
		if (XML_Parse(r->xml, buf, (int)n, n == 0) != XML_STATUS_OK) {
			if (XML_GetErrorCode(r->xml) != XML_ERROR_ABORTED)
				diag_error(r->d, line_of(r), "XML: %s", XML_ErrorString(XML_GetErrorCode(r->xml)));
			return;
		}
		if (n && fed - XML_GetCurrentByteIndex(r->xml) > TOKEN_MAX) {
			diag_error(r->d, line_of(r), "a tag or comment of more than %d bytes", TOKEN_MAX);
			return;
		}
	} while (n);
}

/**
 * read_graphml() - read a graph in GraphML
 * @g: where the graph goes; empty before
 * @d: where what is wrong with it goes
 * @in: the file
 * @line: the number of its first line
 */
void read_graphml(struct graph *g, struct diag *d, FILE *in, unsigned int line)
{
	struct reader r = { .g = g, .d = d, .first_line = line, .xml = XML_ParserCreateNS(NULL, ' '),
			    .keys.mem = &g->mem };

	if (!r.xml)
		no_memory();
	XML_SetUserData(r.xml, &r);
	XML_SetElementHandler(r.xml, on_begin, on_end);
	XML_SetCharacterDataHandler(r.xml, on_text);
	XML_SetStartDoctypeDeclHandler(r.xml, on_doctype);
	XML_SetSkippedEntityHandler(r.xml, on_skipped_entity);
	feed(&r, in);
	if (!d->errors && !r.has_graph)
		diag_error(d, 0, "there is no graph in it");
	graphml_attrs_take(&g->mem, &g->node_defaults, NULL, r.keys.defaults[EL_NODE]);
	graphml_attrs_take(&g->mem, &g->edge_defaults, NULL, r.keys.defaults[EL_EDGE]);
	if (!d->errors)
		resolve_ends(&r);
	if (d->errors)
		g->edges = 0;	/* whose ends may be nowhere */
	else
		tell_what_was_compiled(&r);
	if (d->errors >= ERRORS_MAX)
		diag_error(d, 0, "so much is wrong that the rest was not looked at");
	XML_ParserFree(r.xml);
	graphml_keys_free(&r.keys);
	strmap_free(&r.node);
	graphml_ports_free(&r.ports);
	free(r.ends);
	free(r.stack);
	free(r.text);
	arena_free(&r.mem);
}
