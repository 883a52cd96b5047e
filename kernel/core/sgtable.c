// SPDX-License-Identifier: GPL-2.0
/*
 * Map a buffer for a device: an sg_table that obeys that device's segment size and
 * boundary, and no bounce buffer behind anybody's back.
 */
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/moduleparam.h>
#include <linux/scatterlist.h>
#include <linux/string.h>

#include "buffer.h"
#include "trace.h"

static bool cen_bounce_sync;

static int cen_bounce_set(const char *val, const struct kernel_param *kp)
{
	if (sysfs_streq(val, "sync"))
		cen_bounce_sync = true;
	else if (sysfs_streq(val, "refuse"))
		cen_bounce_sync = false;
	else
		return -EINVAL;
	return 0;
}

static int cen_bounce_get(char *val, const struct kernel_param *kp)
{
	return sysfs_emit(val, "%s\n", cen_bounce_sync ? "sync" : "refuse");
}

static const struct kernel_param_ops cen_bounce_ops = {
	.set = cen_bounce_set,
	.get = cen_bounce_get,
};
module_param_cb(bounce, &cen_bounce_ops, NULL, 0444);
MODULE_PARM_DESC(bounce,
	"refuse: a mapping that would go through a bounce buffer fails (default); "
	"sync: it is allowed, begin/end access copies (confidential guests, tests)");

bool cen_bounce_allowed(void)
{
	return cen_bounce_sync;
}

/* An address as the device sees it, as far as segment boundaries are concerned. */
static u64 cen_boundary_addr(struct device *dev, bool translated, phys_addr_t phys)
{
	return translated ? phys : phys_to_dma(dev, phys);
}

/**
 * struct cen_cutter - walks memory and cuts it into segments of a device
 * @sg: entry being filled, NULL while counting
 * @nents: entries so far
 */
struct cen_cutter {
	struct scatterlist *sg;
	u32 nents;
};

static void cen_cut_run(struct cen_cutter *cut, struct device *dev, bool translated,
			struct page *page, u64 length, u64 usable, u64 boundary)
{
	while (length) {
		u64 at = cen_boundary_addr(dev, translated, page_to_phys(page));
		u64 piece = min(length, usable);
		u64 room = boundary - (at & boundary);	/* bytes before the boundary, minus 1 */

		if (piece - 1 > room)
			piece = room + 1;
		if (cut->sg) {
			sg_set_page(cut->sg, page, piece, 0);
			cut->sg = sg_next(cut->sg);
		}
		cut->nents++;
		page += piece >> PAGE_SHIFT;
		length -= piece;
	}
}

/* Cut all of the storage; chunks that happen to be neighbours become one run. */
static u32 cen_cut_storage(struct scatterlist *sg, const struct cen_storage *storage,
			   struct device *dev, bool translated, u64 usable, u64 boundary)
{
	struct cen_cutter cut = { .sg = sg };
	u32 i = 0;

	while (i < storage->nr_chunks) {
		struct page *page = storage->chunks[i].page;
		u64 pages = storage->chunks[i].nr_pages;

		while (++i < storage->nr_chunks &&
		       page_to_pfn(storage->chunks[i].page) == page_to_pfn(page) + pages)
			pages += storage->chunks[i].nr_pages;
		cen_cut_run(&cut, dev, translated, page, pages << PAGE_SHIFT, usable, boundary);
	}
	return cut.nents;
}

static int cen_attachment_build(struct cen_buffer *buffer, struct cen_attachment *a)
{
	const struct cen_constraints *c = &a->use->facts.constraints;
	struct device *dev = a->attach->dev;
	bool translated = c->flags & CEN_LIMIT_IOMMU;
	u64 usable, boundary;
	u32 nents;
	int ret;

	if (a->have_sgt && a->generation == buffer->moves)
		return 0;
	cen_attachment_drop_sgt(a);

	/* scatterlist lengths are 32 bits, and pages are what memory is made of */
	usable = cen_segment_usable(min_t(u64, c->seg_size, round_down(UINT_MAX, PAGE_SIZE)),
				    c->seg_boundary, c->align, PAGE_SIZE);
	if (!usable)
		return -EINVAL;
	boundary = max_t(u64, c->seg_boundary, PAGE_SIZE - 1);

	nents = cen_cut_storage(NULL, &buffer->storage, dev, translated, usable, boundary);
	ret = sg_alloc_table(&a->sgt, nents, GFP_KERNEL);
	if (ret)
		return ret;
	cen_cut_storage(a->sgt.sgl, &buffer->storage, dev, translated, usable, boundary);
	a->have_sgt = true;
	a->generation = buffer->moves;
	return 0;
}

void cen_attachment_drop_sgt(struct cen_attachment *a)
{
	if (a->have_sgt)
		sg_free_table(&a->sgt);
	a->have_sgt = false;
}

/* Would a piece of the buffer go through a bounce buffer? Tells the highest address's bits. */
static bool cen_attachment_bounces(struct cen_buffer *buffer, struct cen_attachment *a)
{
	u32 i;

	for (i = 0; i < buffer->storage.nr_chunks; i++) {
		const struct cen_chunk *chunk = &buffer->storage.chunks[i];
		u64 first = page_to_phys(chunk->page);

		if (cen_device_would_bounce(a->attach->dev, first,
					    first + ((u64)chunk->nr_pages << PAGE_SHIFT) - 1))
			return true;
	}
	return false;
}

/* Does the mapped table keep what the device's limits say? An IOMMU may have merged segments. */
static int cen_attachment_verify(struct cen_attachment *a, u64 *wanted, u64 *offered)
{
	const struct cen_constraints *c = &a->use->facts.constraints;
	struct scatterlist *sg;
	int i;

	if (a->sgt.nents > c->max_segs) {
		*wanted = a->sgt.nents;
		*offered = c->max_segs;
		return CEN_WHY_SEGS;
	}
	for_each_sgtable_dma_sg(&a->sgt, sg, i) {
		if (sg_dma_len(sg) > c->seg_size) {
			*wanted = sg_dma_len(sg);
			*offered = c->seg_size;
			return CEN_WHY_SEG_SIZE;
		}
	}
	return 0;
}

int cen_attachment_map_locked(struct cen_buffer *buffer, struct cen_attachment *a,
			      enum dma_data_direction dir)
{
	struct device *dev = a->attach->dev;
	const struct cen_constraints *c = &a->use->facts.constraints;
	struct cen_use *use;
	u64 wanted, offered;
	bool bounces;
	int ret, why;

	dma_resv_assert_held(&buffer->resv);
	/* The dma-buf core never maps an attachment twice; one table could not serve both. */
	if (WARN_ON(a->mapped))
		return -EBUSY;
	ret = cen_buffer_back_locked(buffer);
	if (ret)
		return ret;

	list_for_each_entry(use, &buffer->uses, node) {
		if ((use->flags & (CEN_USE_DECLARED | CEN_USE_ATTACHED)) == CEN_USE_DECLARED) {
			buffer->early_maps++;
			trace_cen_early_map(buffer, a->use, use);
			break;
		}
	}

	bounces = cen_attachment_bounces(buffer, a);
	if (bounces && !cen_bounce_allowed()) {
		cen_buffer_refuse_one_locked(buffer, -EINVAL, a->use, CEN_WHY_BOUNCE,
					     cen_addr_bits(a->use->facts.limits.addr_max),
					     buffer->addr_bits);
		return -EINVAL;
	}

	ret = cen_attachment_build(buffer, a);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &a->sgt, dir, 0);
	if (ret)
		return ret;
	why = cen_attachment_verify(a, &wanted, &offered);
	if (why) {
		dma_unmap_sgtable(dev, &a->sgt, dir, DMA_ATTR_SKIP_CPU_SYNC);
		cen_buffer_refuse_one_locked(buffer, -EINVAL, a->use, why, wanted, offered);
		return -EINVAL;
	}

	a->mapped = true;
	a->dir = dir;
	a->sync = bounces || c->flags & CEN_LIMIT_NONCOHERENT;
	if (a->sync)
		WRITE_ONCE(buffer->sync_maps, buffer->sync_maps + 1);
	buffer->maps++;
	a->use->maps++;
	a->use->flags |= CEN_USE_MAPPED;
	a->use->segments = a->sgt.nents;
	return 0;
}

void cen_attachment_unmap_locked(struct cen_buffer *buffer, struct cen_attachment *a)
{
	dma_resv_assert_held(&buffer->resv);
	if (WARN_ON(!a->mapped))
		return;
	dma_unmap_sgtable(a->attach->dev, &a->sgt, a->dir, 0);
	a->mapped = false;
	if (a->sync)
		WRITE_ONCE(buffer->sync_maps, buffer->sync_maps - 1);
	buffer->maps--;
	if (!--a->use->maps) {
		a->use->flags &= ~CEN_USE_MAPPED;
		a->use->segments = 0;
	}
}
