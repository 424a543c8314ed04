// SPDX-License-Identifier: GPL-2.0
/* Memory of trains. Large pages where there are some; not worth waiting, or the reserves, for. */

#include <linux/gfp.h>
#include "pages.h"

#define LW_PAGE_ORDER	3	/* 32 KiB: the largest that the allocator keeps at hand for each CPU */

static struct page *lw_page(unsigned int order)
{
	return alloc_pages(GFP_NOWAIT | __GFP_COMP | __GFP_NOWARN | __GFP_NORETRY |
			   __GFP_NOMEMALLOC, order);
}

/**
 * lw_pages_first - the first page, which says how large all are
 * @p: overwritten
 * @start: where the first piece of each page begins, bytes
 * @piece: bytes that a page has to have behind that, at least
 * @all: bytes that are needed in all
 * Context: any. Return: false if there is no memory.
 */
bool lw_pages_first(struct lw_pages *p, unsigned int start, unsigned int piece, unsigned int all)
{
	unsigned int least = get_order(start + piece);

	p->order = max(least, min_t(unsigned int, get_order(start + all), LW_PAGE_ORDER));
	p->start = start;
	p->unit = piece;
	p->per = 1;
	p->page[0] = lw_page(p->order);
	if (!p->page[0] && p->order > least) {
		p->order = least;
		p->page[0] = lw_page(least);
	}
	p->count = !!p->page[0];
	return p->count;
}

/**
 * lw_pages_rest - room for all pieces
 * @p: with its first page
 * @unit: from one piece to the next, bytes
 * @more: what the last piece of a page needs beyond @unit, bytes
 * @n: pieces
 * Context: any. Return: false if there is no memory, or too much would be needed; what there is stays.
 */
bool lw_pages_rest(struct lw_pages *p, unsigned int unit, unsigned int more, unsigned int n)
{
	unsigned int size = PAGE_SIZE << p->order;

	p->unit = unit;
	p->per = (size - p->start - more) / unit;
	n = DIV_ROUND_UP(n, p->per);
	if (n > MAX_SKB_FRAGS)
		return false;
	while (p->count < n) {
		p->page[p->count] = lw_page(p->order);
		if (!p->page[p->count])
			return false;
		p->count++;
	}
	return true;
}

/**
 * lw_pages_give - the pages become a packet's
 * @p: empty from now on
 * @skb: without any fragment yet
 * @skip: at the start of the first piece of each page, bytes that are not the packet's
 * @bytes: of the packet
 */
void lw_pages_give(struct lw_pages *p, struct sk_buff *skb, unsigned int skip, unsigned int bytes)
{
	unsigned int full = p->per * p->unit, i, len;

	for (i = 0; i < p->count && bytes; i++) {
		len = min(bytes, full);
		skb_fill_page_desc(skb, i, p->page[i], p->start + skip, len);
		skb->len += len;
		skb->data_len += len;
		skb->truesize += PAGE_SIZE << p->order;
		bytes -= len;
	}
	while (p->count > i)
		__free_pages(p->page[--p->count], p->order);
	p->count = 0;
}

/**
 * lw_pages_free - the pages were not needed
 * @p: empty from now on
 */
void lw_pages_free(struct lw_pages *p)
{
	while (p->count)
		__free_pages(p->page[--p->count], p->order);
}
