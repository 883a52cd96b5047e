// SPDX-License-Identifier: GPL-2.0
/*
 * Where a buffer goes: a heap, and how it is asked.
 *
 * For a buffer without devices the solver's answer depends on what the buffer's maker asked
 * for and on what the heaps can give, which hardly ever changes. So the answer is kept, one
 * for each order of sizes, and given again for as long as both are the same. It is most of
 * what a buffer of a few pages costs otherwise.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/seqlock.h>

#include "buffer.h"

/* Ask the heap of @place for the memory of @buffer, in the name of @dev, which may be NULL. */
int cen_place_alloc(const struct cen_place *place, const struct cen_buffer *buffer,
		    struct device *dev, struct cen_storage *storage)
{
	const struct cen_alloc_request req = {
		.size = buffer->size,
		.chunk = place->plan.chunk,
		.align = place->plan.align,
		.window = place->window,
		.reach = place->reach,
		.account = buffer->flags & CEN_CREATE_ACCOUNT,
		.dev = dev,
	};

	return cen_heap_alloc(place->plan.heap, &req, storage);
}

/**
 * struct cen_kept - where a buffer without devices went
 * @size: its size
 * @align: what its maker asked for
 * @heaps: of cen_heaps_stamp() before the solver was asked; 0: nothing is kept
 * @heap_mask: what its maker asked for
 * @place: the solver's first choice, which had the memory
 */
struct cen_kept {
	u64 size;
	u64 align;
	u64 heaps;
	u32 heap_mask;
	struct cen_place place;
};

static DEFINE_SEQLOCK(cen_kept_lock);
static struct cen_kept cen_kept[BITS_PER_TYPE(u32)];	/* P: cen_kept_lock */

/* A buffer has at most U32_MAX pages. */
static struct cen_kept *cen_kept_slot(const struct cen_buffer *buffer)
{
	return &cen_kept[ilog2(buffer->size >> PAGE_SHIFT)];
}

/* Would the solver say @place for @buffer, which has no devices? False: ask it. */
bool cen_place_recall(const struct cen_buffer *buffer, struct cen_place *place)
{
	const struct cen_kept *kept = cen_kept_slot(buffer);
	u64 heaps = cen_heaps_stamp();
	unsigned int seq;
	bool same;

	do {
		seq = read_seqbegin(&cen_kept_lock);
		same = heaps && kept->heaps == heaps && kept->size == buffer->size &&
		       kept->align == buffer->align && kept->heap_mask == buffer->heap_mask;
		if (same)
			*place = kept->place;
	} while (read_seqretry(&cen_kept_lock, seq));
	return same;
}

/*
 * The solver said @place for @buffer, which has no devices. @heaps: the stamp before it did,
 * or 0: forget it.
 */
void cen_place_keep(const struct cen_buffer *buffer, u64 heaps, const struct cen_place *place)
{
	write_seqlock(&cen_kept_lock);
	*cen_kept_slot(buffer) = (struct cen_kept) {
		.size = buffer->size,
		.align = buffer->align,
		.heaps = heaps,
		.heap_mask = buffer->heap_mask,
		.place = *place,
	};
	write_sequnlock(&cen_kept_lock);
}
