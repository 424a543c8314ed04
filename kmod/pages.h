/* SPDX-License-Identifier: GPL-2.0 */
/* Memory of trains: pieces of one size, one behind the other, in a few large pages. pages.c */
#ifndef _LW_PAGES_H
#define _LW_PAGES_H

#include <linux/mm.h>
#include <linux/skbuff.h>

/**
 * struct lw_pages - pieces of one size, none of which lies in two pages
 * @page: compound ones, all of the same order
 * @count: how many there are
 * @order: of each
 * @start: where the first piece of each page begins, bytes
 * @unit: from the beginning of a piece to that of the next, bytes
 * @per: pieces a page
 */
struct lw_pages {
	struct page	*page[MAX_SKB_FRAGS];
	unsigned int	count;
	unsigned int	order;
	unsigned int	start;
	unsigned int	unit;
	unsigned int	per;
};

bool lw_pages_first(struct lw_pages *p, unsigned int start, unsigned int piece, unsigned int all);
bool lw_pages_rest(struct lw_pages *p, unsigned int unit, unsigned int more, unsigned int n);
void lw_pages_give(struct lw_pages *p, struct sk_buff *skb, unsigned int skip, unsigned int bytes);
void lw_pages_free(struct lw_pages *p);

static inline u8 *lw_piece(const struct lw_pages *p, unsigned int i)
{
	return (u8 *)page_address(p->page[i / p->per]) + p->start + i % p->per * p->unit;
}

#endif /* _LW_PAGES_H */
