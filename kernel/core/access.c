// SPDX-License-Identifier: GPL-2.0
/*
 * Coherency: CPU access (begin/end_cpu_access, ranged) and device access
 * (cen_begin_access/cen_end_access around each transfer).
 */
#include <linux/cenalloc.h>
#include <linux/dma-mapping.h>
#include <linux/export.h>
#include <linux/scatterlist.h>

#include "../compat/compat.h"
#include "buffer.h"

enum cen_sync_to { CEN_SYNC_TO_CPU, CEN_SYNC_TO_DEVICE };

/*
 * Sync [offset, offset + length) of a mapped table. By bus address only, so it does for any
 * exporter's table: struct pages are none of an importer's business.
 */
static void cen_sync_range(struct device *dev, struct sg_table *sgt, u64 offset, u64 length,
			   enum dma_data_direction dir, enum cen_sync_to to)
{
	u64 step = cen_device_sync_step(dev);
	struct scatterlist *sg;
	int i;

	for_each_sgtable_dma_sg(sgt, sg, i) {
		u64 len = sg_dma_len(sg);
		u64 left;

		if (!length)
			break;
		if (offset >= len) {
			offset -= len;
			continue;
		}
		left = min(len - offset, length);
		length -= left;
		while (left) {
			dma_addr_t at = sg_dma_address(sg) + offset;
			u64 piece = min(left, step - (at & (step - 1)));

			if (to == CEN_SYNC_TO_CPU)
				dma_sync_single_for_cpu(dev, at, piece, dir);
			else
				dma_sync_single_for_device(dev, at, piece, dir);
			offset += piece;
			left -= piece;
		}
		offset = 0;
	}
}

static int cen_buffer_sync_cpu(struct cen_buffer *buffer, enum dma_data_direction dir,
			       u64 offset, u64 length, enum cen_sync_to to)
{
	struct cen_attachment *a;
	int ret;

	/*
	 * Coherent devices only, the common case: nothing to do, no lock. A map that
	 * races with this brings its own sync.
	 */
	if (!READ_ONCE(buffer->sync_maps))
		return 0;

	ret = dma_resv_lock_interruptible(&buffer->resv, NULL);
	if (ret)
		return ret;
	list_for_each_entry(a, &buffer->attachments, node) {
		if (!a->mapped || !a->sync)
			continue;
		/* a device that only reads leaves nothing for the CPU to see, and vice versa */
		if (to == CEN_SYNC_TO_CPU && a->dir == DMA_TO_DEVICE)
			continue;
		cen_sync_range(a->attach->dev, &a->sgt, offset, length, a->dir, to);
	}
	dma_resv_unlock(&buffer->resv);
	return 0;
}

int cen_buffer_begin_cpu(struct cen_buffer *buffer, enum dma_data_direction dir,
			 u64 offset, u64 length)
{
	return cen_buffer_sync_cpu(buffer, dir, offset, length, CEN_SYNC_TO_CPU);
}

int cen_buffer_end_cpu(struct cen_buffer *buffer, enum dma_data_direction dir,
		       u64 offset, u64 length)
{
	return cen_buffer_sync_cpu(buffer, dir, offset, length, CEN_SYNC_TO_DEVICE);
}

/* Is there anything to do for this attachment? Foreign exporters: the DMA API decides. */
static bool cen_access_idle(const struct dma_buf_attachment *attach)
{
	const struct cen_buffer *buffer = cen_buffer_from_dmabuf(attach->dmabuf);
	const struct cen_attachment *a = attach->priv;

	return !IS_ERR(buffer) && !a->sync;
}

/**
 * cen_access_needed - does a device need cen_begin_access() and cen_end_access() at all?
 * @attach: its attachment, mapped; the answer is good as long as it is
 *
 * For who transfers often and would rather not ask each time.
 *
 * Context: Any. Return: false when the two would do nothing.
 */
bool cen_access_needed(const struct dma_buf_attachment *attach)
{
	return !cen_access_idle(attach);
}
CEN_EXPORT(cen_access_needed);

static bool cen_access_bus_address(struct sg_table *sgt)
{
	return sg_dma_is_bus_address(sgt->sgl);
}

/**
 * cen_begin_access - a device is about to transfer
 * @attach: the device's attachment, mapped
 * @sgt: what dma_buf_map_attachment() returned for it
 * @offset: where the transfer begins, bytes
 * @length: bytes
 * @dir: direction of this transfer, seen from the device
 *
 * Makes what other devices and the CPU wrote there visible to the device. Does
 * nothing when the device is coherent and reaches the memory itself. To be
 * balanced with cen_end_access(). The map must outlive the pair.
 *
 * Context: Any that may not sleep, fence signalling sections included: takes no
 * lock, allocates nothing. Linear in the number of segments.
 * Return: 0; -EOPNOTSUPP for an exporter that may move its memory (dynamic) or that
 * is not backed by ordinary memory (peer-to-peer), where there is nothing this could
 * maintain; -EINVAL for no direction or a range that is not inside the buffer.
 */
int cen_begin_access(struct dma_buf_attachment *attach, struct sg_table *sgt, u64 offset,
		     u64 length, enum dma_data_direction dir)
{
	u64 size = attach->dmabuf->size;

	if (!valid_dma_direction(dir) || dir == DMA_NONE)
		return -EINVAL;
	if (offset > size || length > size - offset)
		return -EINVAL;
	if (attach->dmabuf->ops->pin || cen_access_bus_address(sgt))
		return -EOPNOTSUPP;
	if (!cen_access_idle(attach))
		cen_sync_range(attach->dev, sgt, offset, length, dir, CEN_SYNC_TO_DEVICE);
	return 0;
}
CEN_EXPORT(cen_begin_access);

/**
 * cen_end_access - a device's transfer is over
 * @attach: as given to cen_begin_access()
 * @sgt: as given to cen_begin_access()
 * @offset: as given to cen_begin_access()
 * @length: bytes that the device really moved, at most as many as given to cen_begin_access()
 * @dir: as given to cen_begin_access()
 *
 * Makes what the device wrote visible to the CPU and thereby to the next device. Whatever lies
 * outside of the range is left alone: a CPU that works there meanwhile loses nothing.
 *
 * Context: As cen_begin_access(); interrupt context is fine.
 */
void cen_end_access(struct dma_buf_attachment *attach, struct sg_table *sgt, u64 offset, u64 length,
		    enum dma_data_direction dir)
{
	if (!cen_access_idle(attach))
		cen_sync_range(attach->dev, sgt, offset, length, dir, CEN_SYNC_TO_CPU);
}
CEN_EXPORT(cen_end_access);
