// SPDX-License-Identifier: MIT
#include <string.h>

#include "topology/quantity.h"
#include "topology/shape.h"

/**
 * shape_is_ours() - do we put such a qdisc on wires?
 * @handle: its handle
 * @kind: its kind
 *
 * Return: true if we do.
 */
bool shape_is_ours(uint32_t handle, const char *kind)
{
	return (handle == SHAPE_TBF && !strcmp(kind, "tbf")) || (handle == SHAPE_NETEM && !strcmp(kind, "netem"));
}

/**
 * shape_is_class() - is a mark one that we give to wires with a floor?
 * @mark: the mark
 *
 * Return: true if it is.
 */
bool shape_is_class(uint32_t mark)
{
	return mark >= SHAPE_FIRST_CLASS && mark <= SHAPE_LAST_CLASS;
}

/**
 * shape_handle() - the qdisc that does what is asked of a wire
 * @rate: bytes a second, or 0
 * @delay_us: microseconds, or 0
 * @loss: of UINT32_MAX
 *
 * A rate alone is for tbf, which counts in bytes and waits for none. With delay or loss netem does it all: of two that
 * stand one in the other, the outer would limit how far the inner can look ahead.
 *
 * Return: the handle; 0: none is needed.
 */
uint32_t shape_handle(uint64_t rate, uint32_t delay_us, uint32_t loss)
{
	if (delay_us || loss)
		return SHAPE_NETEM;
	return rate ? SHAPE_TBF : 0;
}

/**
 * shape_rate() - a rate for people
 * @mem: where the string is made
 * @rate: bytes a second; 0: none
 *
 * Return: such as "10mbit", or "none".
 */
const char *shape_rate(struct arena *mem, uint64_t rate)
{
	return rate ? format_rate(mem, rate) : "none";
}

/**
 * shape_delay() - a delay for people
 * @mem: where the string is made
 * @delay_us: microseconds; 0: none
 *
 * Return: such as "20ms", or "none".
 */
const char *shape_delay(struct arena *mem, uint32_t delay_us)
{
	return delay_us ? format_time(mem, delay_us) : "none";
}

/**
 * shape_loss() - a loss for people
 * @mem: where the string is made
 * @loss: of UINT32_MAX
 *
 * Return: such as "1.5%", or "none".
 */
const char *shape_loss(struct arena *mem, uint32_t loss)
{
	return loss ? format_share(mem, loss) : "none";
}
