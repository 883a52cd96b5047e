// SPDX-License-Identifier: GPL-2.0
/*
 * The chunks behind a buffer, and what a request asks of them.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../compat/compat.h"
#include "heap.h"

#define CEN_STORAGE_ROOM	16	/* chunks to begin with, when there are several */

static int cen_storage_grow(struct cen_storage *storage, u32 room)
{
	struct cen_chunk *chunks = kvmalloc_array(room, sizeof(*chunks), GFP_KERNEL);

	if (!chunks)
		return -ENOMEM;
	if (storage->nr_chunks)
		memcpy(chunks, storage->chunks, storage->nr_chunks * sizeof(*chunks));
	if (storage->chunks != &storage->single)
		kvfree(storage->chunks);
	storage->chunks = chunks;
	storage->room = room;
	return 0;
}

/**
 * cen_storage_add - hand over a chunk, from ops->alloc of a heap
 * @storage: what ops->alloc was given
 * @page: first page of a zeroed, physically contiguous piece
 * @nr_pages: its length
 *
 * Context: May sleep.
 * Return: 0, or -ENOMEM with @storage as it was.
 */
int cen_storage_add(struct cen_storage *storage, struct page *page, u32 nr_pages)
{
	if (!storage->room) {
		storage->chunks = &storage->single;
		storage->room = 1;
	}
	if (storage->nr_chunks == storage->room) {
		int ret = cen_storage_grow(storage, max_t(u32, 2 * storage->room,
							  CEN_STORAGE_ROOM));

		if (ret)
			return ret;
	}
	storage->chunks[storage->nr_chunks].page = page;
	storage->chunks[storage->nr_chunks].nr_pages = nr_pages;
	storage->nr_chunks++;
	return 0;
}
CEN_EXPORT(cen_storage_add);

void cen_storage_reset(struct cen_storage *storage)
{
	if (storage->chunks != &storage->single)
		kvfree(storage->chunks);
	memset(storage, 0, sizeof(*storage));
}

void cen_storage_move(struct cen_storage *to, struct cen_storage *from)
{
	*to = *from;
	if (from->chunks == &from->single)
		to->chunks = &to->single;
	memset(from, 0, sizeof(*from));
}

u64 cen_request_align(const struct cen_alloc_request *req)
{
	return max_t(u64, req->align, PAGE_SIZE);
}

bool cen_request_admits(const struct cen_alloc_request *req, u64 first, u64 bytes)
{
	u64 last = first + bytes - 1;

	return last >= first && first >= req->window.first && last <= req->window.last &&
	       IS_ALIGNED(first, cen_request_align(req));
}

u64 cen_storage_sum(const struct cen_storage *storage)
{
	u64 pages = 0;
	u32 i;

	for (i = 0; i < storage->nr_chunks; i++)
		pages += storage->chunks[i].nr_pages;
	return pages << PAGE_SHIFT;
}

bool cen_storage_fits(const struct cen_storage *storage, const struct cen_alloc_request *req)
{
	u32 i;

	for (i = 0; i < storage->nr_chunks; i++) {
		const struct cen_chunk *chunk = &storage->chunks[i];
		u64 bytes = (u64)chunk->nr_pages << PAGE_SHIFT;

		if (!cen_request_admits(req, page_to_phys(chunk->page), bytes))
			return false;
		if (i + 1 < storage->nr_chunks &&
		    (req->chunk >= req->size || (req->chunk && !IS_ALIGNED(bytes, req->chunk))))
			return false;
	}
	return cen_storage_sum(storage) == req->size;
}
