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

/**
 * struct cen_cutter - walks memory and cuts it into segments of a device
 * @sg: entry being filled, NULL while counting
 * @nents: entries so far
 * @dev: the device
 * @limits: its constraints, segments no longer than a scatterlist can tell
 * @offset: in what is cut
 * @skip: bytes of the memory before it, whole pages
 * @left: bytes still to be cut, whole pages
 */
struct cen_cutter {
	struct scatterlist *sg;
	u32 nents;
	struct device *dev;
	struct cen_constraints limits;
	u64 offset;
	u64 skip;
	u64 left;
};

/* Where the next segment starts, in what the device's boundaries are counted in. */
static u64 cen_cut_address(const struct cen_cutter *cut, struct page *page)
{
	if (cut->limits.flags & CEN_LIMIT_IOMMU)
		return cut->offset;
	return phys_to_dma(cut->dev, page_to_phys(page));
}

static int cen_cut_run(struct cen_cutter *cut, struct page *page, u64 length)
{
	while (length) {
		u64 piece = cen_segment_next(&cut->limits, PAGE_SIZE, cen_cut_address(cut, page),
					     length);

		if (!piece)
			return -EINVAL;
		if (cut->sg) {
			sg_set_page(cut->sg, page, piece, 0);
			cut->sg = sg_next(cut->sg);
		}
		cut->nents++;
		cut->offset += piece;
		page += piece >> PAGE_SHIFT;
		length -= piece;
	}
	return 0;
}

/* Cut the storage; chunks that happen to be neighbours become one run. */
static int cen_cut_storage(struct cen_cutter *cut, const struct cen_storage *storage)
{
	u32 i = 0;
	int ret;

	while (cut->left && i < storage->nr_chunks) {
		struct page *page = storage->chunks[i].page;
		u64 pages = storage->chunks[i].nr_pages;
		u64 bytes;

		while (++i < storage->nr_chunks &&
		       page_to_pfn(storage->chunks[i].page) == page_to_pfn(page) + pages)
			pages += storage->chunks[i].nr_pages;
		bytes = pages << PAGE_SHIFT;
		if (cut->skip >= bytes) {
			cut->skip -= bytes;
			continue;
		}
		bytes = min(bytes - cut->skip, cut->left);
		ret = cen_cut_run(cut, page + (cut->skip >> PAGE_SHIFT), bytes);
		if (ret)
			return ret;
		cut->skip = 0;
		cut->left -= bytes;
	}
	return 0;
}

/*
 * The table that @cut describes, with @one in it when that is all it takes. The storage has as
 * much as is to be cut.
 */
static int cen_cut_table(const struct cen_cutter *cut, const struct cen_storage *storage,
			 struct sg_table *sgt, struct scatterlist *one)
{
	struct cen_cutter count = *cut, fill = *cut;
	int ret;

	ret = cen_cut_storage(&count, storage);
	if (ret)
		return ret;
	if (count.nents == 1 && one) {
		/* contiguous, the common case for those who ask for it: no allocation */
		sg_init_table(one, 1);
		*sgt = (struct sg_table) { .sgl = one, .nents = 1, .orig_nents = 1 };
	} else {
		ret = sg_alloc_table(sgt, count.nents, GFP_KERNEL);
		if (ret)
			return ret;
	}
	fill.sg = sgt->sgl;
	return cen_cut_storage(&fill, storage);
}

static int cen_attachment_build(struct cen_buffer *buffer, struct cen_attachment *a, bool bounces)
{
	struct cen_cutter cut = {
		.dev = a->attach->dev,
		.limits = a->use->facts.constraints,
		.left = buffer->size,
	};
	int ret;

	if (a->have_sgt && a->generation == buffer->moves)
		return 0;
	cen_attachment_drop_sgt(a);

	/* scatterlist lengths are 32 bits, and pages are what memory is made of */
	cut.limits.seg_size = min_t(u64, cut.limits.seg_size, round_down(UINT_MAX, PAGE_SIZE));
	if (bounces)
		cut.limits.seg_size = min(cut.limits.seg_size, cen_device_bounce_max(cut.dev));
	ret = cen_cut_table(&cut, &buffer->storage, &a->sgt, &a->one);
	if (ret)
		return ret;
	a->have_sgt = true;
	a->generation = buffer->moves;
	return 0;
}

void cen_attachment_drop_sgt(struct cen_attachment *a)
{
	if (a->have_sgt && a->sgt.sgl != &a->one)
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

/*
 * Does the mapped table keep to @c? 0, or CEN_WHY_*. Asked after each map, because an IOMMU
 * merges segments as far as struct device lets it, and when limits tighten.
 */
static int cen_attachment_verify(const struct cen_attachment *a, const struct cen_constraints *c,
				 u64 *wanted, u64 *offered)
{
	struct scatterlist *sg;
	int i;

	if (a->sgt.nents > c->max_segs) {
		*wanted = a->sgt.nents;
		*offered = c->max_segs;
		return CEN_WHY_SEGS;
	}
	for_each_sgtable_dma_sg((struct sg_table *)&a->sgt, sg, i) {
		u64 first = sg_dma_address(sg), last = first + sg_dma_len(sg) - 1;

		*wanted = sg_dma_len(sg);
		if (sg_dma_len(sg) > c->seg_size) {
			*offered = c->seg_size;
			return CEN_WHY_SEG_SIZE;
		}
		if ((first & ~c->seg_boundary) != (last & ~c->seg_boundary)) {
			*offered = c->seg_boundary + 1;
			return CEN_WHY_SEG_SIZE;
		}
		if (first & (c->align - 1)) {
			*wanted = c->align;
			*offered = first & -first;
			return CEN_WHY_ALIGN;
		}
	}
	return 0;
}

bool cen_use_maps_keep_locked(struct cen_buffer *buffer, const struct cen_use *use,
			      const struct cen_constraints *c)
{
	struct cen_attachment *a;
	u64 wanted, offered;

	dma_resv_assert_held(&buffer->resv);
	list_for_each_entry(a, &buffer->attachments, node) {
		if (a->use != use)
			continue;
		if (a->mapped && cen_attachment_verify(a, c, &wanted, &offered))
			return false;
		/* tables that are out of hand are as good as the limits they were cut to */
		if (a->pages && memcmp(&use->facts.constraints, c, sizeof(*c)))
			return false;
	}
	return true;
}

void cen_use_recut_locked(struct cen_buffer *buffer, const struct cen_use *use)
{
	struct cen_attachment *a;

	dma_resv_assert_held(&buffer->resv);
	list_for_each_entry(a, &buffer->attachments, node)
		if (a->use == use)
			a->generation = U64_MAX;
}

/*
 * A table of one entry is mapped as what it is, one piece of memory. Scatter-gather is
 * for drivers that set a segment size; one that never did (videobuf2's dma-contig) is
 * taken for one that wants 64 KiB, and the DMA API's debugging complains of longer entries.
 *
 * Several devices map one buffer at once, which is what it is for. To the DMA API those are
 * overlapping mappings, an error unless the caller takes care of the caches himself: so
 * the sync that mapping implies is done here.
 */
static int cen_table_map(struct device *dev, struct sg_table *sgt, enum dma_data_direction dir)
{
	struct scatterlist *sg = sgt->sgl;
	dma_addr_t addr;
	int ret;

	if (sgt->orig_nents > 1) {
		ret = dma_map_sgtable(dev, sgt, dir, DMA_ATTR_SKIP_CPU_SYNC);
		if (ret)
			return ret;
		/* as a table: when the device has it mapped twice, nothing less names this map */
		dma_sync_sgtable_for_device(dev, sgt, dir);
	} else {
		addr = dma_map_page_attrs(dev, sg_page(sg), 0, sg->length, dir,
					  DMA_ATTR_SKIP_CPU_SYNC);
		if (dma_mapping_error(dev, addr))
			return -EIO;
		sg_dma_address(sg) = addr;
		sg_dma_len(sg) = sg->length;
		sgt->nents = 1;
		dma_sync_single_for_device(dev, addr, sg->length, dir);
	}
	return 0;
}

static void cen_table_unmap(struct device *dev, struct sg_table *sgt, enum dma_data_direction dir,
			    unsigned long attrs)
{
	if (sgt->orig_nents > 1)
		dma_unmap_sgtable(dev, sgt, dir, attrs);
	else
		dma_unmap_page_attrs(dev, sg_dma_address(sgt->sgl), sg_dma_len(sgt->sgl), dir,
				     attrs);
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

	ret = cen_attachment_build(buffer, a, bounces);
	if (ret)
		return ret;
	ret = cen_table_map(dev, &a->sgt, dir);
	if (ret)
		return ret;
	why = cen_attachment_verify(a, c, &wanted, &offered);
	if (why) {
		cen_table_unmap(dev, &a->sgt, dir, DMA_ATTR_SKIP_CPU_SYNC);
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

static void cen_use_unmapped_locked(struct cen_buffer *buffer, struct cen_use *use)
{
	buffer->maps--;
	if (!--use->maps) {
		use->flags &= ~CEN_USE_MAPPED;
		use->segments = 0;
	}
}

void cen_attachment_unmap_locked(struct cen_buffer *buffer, struct cen_attachment *a)
{
	dma_resv_assert_held(&buffer->resv);
	if (WARN_ON(!a->mapped))
		return;
	cen_table_unmap(a->attach->dev, &a->sgt, a->dir, 0);
	a->mapped = false;
	if (a->sync)
		WRITE_ONCE(buffer->sync_maps, buffer->sync_maps - 1);
	cen_use_unmapped_locked(buffer, a->use);
}

/*
 * A table of pages for somebody who maps it himself. The buffer is not moved while there
 * is one: it counts as a map.
 */
int cen_attachment_pages_locked(struct cen_buffer *buffer, struct cen_attachment *a, u64 offset,
				u64 length, struct sg_table *sgt)
{
	u64 head = offset_in_page(offset), span = PAGE_ALIGN(head + length);
	struct cen_cutter cut = {
		.dev = a->attach->dev,
		.limits = a->use->facts.constraints,
		.skip = offset - head,
		.left = span,
	};
	struct scatterlist *sg, *last = NULL;
	int ret, i;

	dma_resv_assert_held(&buffer->resv);
	ret = cen_buffer_back_locked(buffer);
	if (ret)
		return ret;
	cut.limits.seg_size = min_t(u64, cut.limits.seg_size, round_down(UINT_MAX, PAGE_SIZE));
	ret = cen_cut_table(&cut, &buffer->storage, sgt, NULL);
	if (ret)
		return ret;
	/* the ends are where the range has them */
	for_each_sgtable_sg(sgt, sg, i)
		last = sg;
	last->length -= span - head - length;
	sgt->sgl->offset += head;
	sgt->sgl->length -= head;
	a->pages++;
	buffer->maps++;
	a->use->maps++;
	a->use->flags |= CEN_USE_MAPPED;
	a->use->segments = sgt->orig_nents;
	return 0;
}

void cen_attachment_pages_put_locked(struct cen_buffer *buffer, struct cen_attachment *a)
{
	dma_resv_assert_held(&buffer->resv);
	a->pages--;
	cen_use_unmapped_locked(buffer, a->use);
}
