/* SPDX-License-Identifier: MIT */
/*
 * Allowed sources, as words and as output.
 */
#ifndef LWCTL_SOURCES_H
#define LWCTL_SOURCES_H

#include "lwctl/lwctl.h"
#include "netlink/sources.h"

/*
 * "any", "none", or prefixes and MAC addresses with commas between them. @s is to be freed. LWCTL_OK, or what
 * lwctl_usage() or lwctl_refused() gave.
 */
int sources_parse(struct lwctl *ctl, const char *key, const char *word, struct lw_sources *s);

/* Nothing where every source is allowed; in text, the first few of many. */
void sources_show(struct lwctl *ctl, const struct lw_sources *s);

#endif
