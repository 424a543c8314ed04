// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "reader/graphml.h"

/**
 * graphml_attr_insert() - put one of our attributes where its name belongs: libcgraph has them in this order, too
 * @mem: memory of the list
 * @list: the list
 * @name: borrowed
 * @value: borrowed
 *
 * Return: false if the list had it already, which then keeps its value.
 */
bool graphml_attr_insert(struct arena *mem, struct attr **list, const char *name, const char *value)
{
	struct attr *a;
	int order = -1;

	while (*list && (order = strcmp((*list)->name, name)) < 0)
		list = &(*list)->next;
	if (*list && !order)
		return false;
	a = arena_alloc(mem, sizeof(*a));
	*a = (struct attr){ .name = name, .value = value, .next = *list };
	*list = a;
	return true;
}

/**
 * graphml_attrs_take() - the attributes that an element has in the end
 * @mem: memory of the list
 * @to: an empty list
 * @own: what it says itself; an empty value: none, whatever the default is
 * @defaults: what all of its kind have that say nothing
 */
void graphml_attrs_take(struct arena *mem, struct attr **to, const struct attr *own, const struct attr *defaults)
{
	while (own || defaults) {
		int order = !own ? 1 : !defaults ? -1 : strcmp(own->name, defaults->name);
		const struct attr *from = order <= 0 ? own : defaults;

		if (*from->value) {
			struct attr *a = arena_alloc(mem, sizeof(*a));

			*a = (struct attr){ .name = from->name, .value = from->value };
			*to = a;
			to = &a->next;
		}
		own = own && order <= 0 ? own->next : own;
		defaults = defaults && order >= 0 ? defaults->next : defaults;
	}
}

/* lw_strict is a word of a graph's; on anything else it is an attribute that there is none of, as in DOT */
static enum graphml_meaning meaning(const char *name, enum graphml_element owners)
{
	if (owners & EL_GRAPH && !strcmp(name, "lw_strict"))
		return KEY_STRICT;
	if (!strncmp(name, "lw_", 3))
		return KEY_OURS;
	if (!strcmp(name, "label"))
		return KEY_LABEL;
	return strcmp(name, "hyperedge") ? KEY_IGNORED : KEY_HYPERNODE;
}

/**
 * graphml_key_add() - take a <key>
 * @k: the keys
 * @xml_attr: its XML attributes, as expat has them
 * @line: where it is
 * @d: where what is wrong with it goes
 *
 * Return: the key, until the next one is added; NULL if something is wrong with it.
 */
struct graphml_key *graphml_key_add(struct graphml_keys *k, const char **xml_attr, unsigned int line, struct diag *d)
{
	const char *id = graphml_xml_attr(xml_attr, "id"), *name = graphml_xml_attr(xml_attr, "attr.name");
	const char *owner = graphml_xml_attr(xml_attr, "for") ?: "all";
	enum graphml_element el = graphml_element(owner);
	size_t other;

	if (!id) {
		diag_error(d, line, "a key without an id: nothing could be given by it");
		return NULL;
	}
	if (!name && !strncmp(id, "lw_", 3)) {
		diag_error(d, line, "key \"%s\" has no attr.name: that, and not the id, says what it means", id);
		return NULL;
	}
	if (strcmp(owner, "all") && !(el & EL_OWNERS)) {
		diag_error(d, line, "key \"%s\" is for \"%s\", which is nothing that GraphML has data on", id, owner);
		return NULL;
	}
	k->key = array_grow(k->key, &k->cap, k->keys, sizeof(*k->key));
	k->key[k->keys] = (struct graphml_key){
		.id = arena_strdup(k->mem, id),
		.name = arena_strdup(k->mem, name ?: ""),
		.owners = el ?: EL_OWNERS,
		.line = line,
		.means = meaning(name ?: "", el ?: EL_OWNERS),
	};
	if (!strmap_add(&k->by_id, k->key[k->keys].id, k->keys, &other)) {
		diag_error(d, line, "key \"%s\" is declared twice, first in line %u", id, k->key[other].line);
		return NULL;
	}
	k->ours += k->key[k->keys].means == KEY_OURS;
	if (k->ours > GRAPHML_OURS_MAX) {
		diag_error(d, line, "more than %d keys of ours: so many attributes there are not", GRAPHML_OURS_MAX);
		return NULL;
	}
	return &k->key[k->keys++];
}

/**
 * graphml_key_find() - the key that a <data> names
 * @k: the keys
 * @id: the key's id
 *
 * Return: the key, or NULL if there is none.
 */
const struct graphml_key *graphml_key_find(const struct graphml_keys *k, const char *id)
{
	size_t at;

	return strmap_get(&k->by_id, id, &at) ? &k->key[at] : NULL;
}

/**
 * graphml_key_default() - what elements have that say nothing themselves
 * @k: the keys
 * @key: one of ours
 * @value: copied; empty: none
 * @d: where what is wrong with it goes
 */
void graphml_key_default(struct graphml_keys *k, const struct graphml_key *key, const char *value, struct diag *d)
{
	const char *copy = arena_strdup(k->mem, value);

	if (!*value)
		return;
	if (key->owners != EL_OWNERS && key->owners > EL_HYPEREDGE)
		diag_error(d, key->line, "%s on every %s: attributes of ours stand on the graph, nodes and edges",
			   key->name, graphml_element_name(key->owners));
	for (unsigned int el = EL_GRAPH; el <= EL_HYPEREDGE; el <<= 1)
		if (key->owners & el && !graphml_attr_insert(k->mem, &k->defaults[el], key->name, copy))
			diag_error(d, key->line, "%s has two defaults for one %s", key->name, graphml_element_name(el));
}

/**
 * graphml_keys_free() - forget the keys; their names and values stay with the graph
 * @k: they; empty afterwards
 */
void graphml_keys_free(struct graphml_keys *k)
{
	strmap_free(&k->by_id);
	free(k->key);
	*k = (struct graphml_keys){ 0 };
}
