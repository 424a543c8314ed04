// SPDX-License-Identifier: MIT
#include <string.h>

#include "reader/graphml.h"

static const struct {
	const char *name;
	enum graphml_element el;
} elements[] = {
	{ "graphml", EL_GRAPHML },
	{ "graph", EL_GRAPH },
	{ "node", EL_NODE },
	{ "edge", EL_EDGE },
	{ "hyperedge", EL_HYPEREDGE },
	{ "endpoint", EL_ENDPOINT },
	{ "port", EL_PORT },
	{ "key", EL_KEY },
	{ "default", EL_DEFAULT },
	{ "data", EL_DATA },
	{ "desc", EL_DESC },
	{ "locator", EL_LOCATOR },
};

#define ELEMENTS (sizeof(elements) / sizeof(*elements))

/**
 * graphml_element() - which element of GraphML a name is
 * @name: without its namespace
 *
 * Return: the element, or 0 if it is none.
 */
enum graphml_element graphml_element(const char *name)
{
	for (size_t i = 0; i < ELEMENTS; i++)
		if (!strcmp(elements[i].name, name))
			return elements[i].el;
	return 0;
}

/**
 * graphml_element_name() - the name of an element
 * @el: the element
 *
 * Return: its name.
 */
const char *graphml_element_name(enum graphml_element el)
{
	for (size_t i = 0; i < ELEMENTS; i++)
		if (elements[i].el == el)
			return elements[i].name;
	return "";
}

/**
 * graphml_xml_attr() - an XML attribute of an element
 * @xml_attr: as expat has them: names and values in turn, NULL behind the last
 * @name: the attribute
 *
 * Return: its value, or NULL if it is not there.
 */
const char *graphml_xml_attr(const char **xml_attr, const char *name)
{
	for (; *xml_attr; xml_attr += 2)
		if (!strcmp(*xml_attr, name))
			return xml_attr[1];
	return NULL;
}

/**
 * graphml_children() - what may stand in an element
 * @el: the element
 *
 * Return: the elements that may, as bits.
 */
unsigned int graphml_children(enum graphml_element el)
{
	switch (el) {
	case EL_NOWHERE:
		return EL_GRAPHML;
	case EL_GRAPHML:
		return EL_KEY | EL_GRAPH | EL_DATA | EL_DESC;
	case EL_KEY:
		return EL_DEFAULT | EL_DESC;
	case EL_GRAPH:
		return EL_NODE | EL_EDGE | EL_HYPEREDGE | EL_DATA | EL_DESC;
	case EL_NODE:
		return EL_PORT | EL_GRAPH | EL_DATA | EL_DESC;
	case EL_EDGE:
		return EL_DATA | EL_DESC;
	case EL_HYPEREDGE:
		return EL_ENDPOINT | EL_DATA | EL_DESC;
	case EL_PORT:
		return EL_PORT | EL_DATA | EL_DESC;
	case EL_ENDPOINT:
		return EL_DATA | EL_DESC;
	default:
		return 0;
	}
}
