// SPDX-License-Identifier: GPL-2.0
/*
 * cen_begin_access() and cen_end_access(): around transfers of a device that we
 * play ourselves, by writing where the bus address leads. With swiotlb=force and
 * bounce=sync that is a bounce buffer, and a sync that is missing loses data.
 */
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/iosys-map.h>
#include <linux/scatterlist.h>
#include <linux/string.h>

#include "../../../kernel/compat/compat.h"
#include "kapi.h"

/* Where a device of ours, which no IOMMU stands before, would read and write. */
static void *kapi_device_view(struct device *dev, struct sg_table *sgt)
{
	return phys_to_virt(dma_to_phys(dev, sg_dma_address(sgt->sgl)));
}

static bool kapi_filled(const void *where, u8 value, size_t size)
{
	return !memchr_inv(where, value, size);
}

static void kapi_test_transfers(struct dma_buf *dmabuf, struct dma_buf_attachment *attach,
				struct sg_table *sgt, void *cpu)
{
	void *device = kapi_device_view(attach->dev, sgt);
	size_t size = sg_dma_len(sgt->sgl);

	memset(cpu, 0x11, size);
	kapi_errno(cen_begin_access(attach, sgt, 0, size, DMA_TO_DEVICE), 0,
		   "access: begin a read");
	kapi_ok(kapi_filled(device, 0x11, size), "access: the device sees what the CPU wrote");
	cen_end_access(attach, sgt, 0, size, DMA_TO_DEVICE);

	kapi_errno(cen_begin_access(attach, sgt, 0, size, DMA_FROM_DEVICE), 0,
		   "access: begin a write");
	memset(device, 0x22, size);
	cen_end_access(attach, sgt, 0, size, DMA_FROM_DEVICE);
	kapi_ok(kapi_filled(cpu, 0x22, size), "access: the CPU sees what the device wrote");

	kapi_errno(cen_begin_access(attach, sgt, 0, size, DMA_BIDIRECTIONAL), 0,
		   "access: begin both");
	memset(device, 0x33, size / 2);
	cen_end_access(attach, sgt, 0, size, DMA_BIDIRECTIONAL);
	kapi_ok(kapi_filled(cpu, 0x33, size / 2) &&
		kapi_filled(cpu + size / 2, 0x22, size - size / 2),
		"access: half a transfer leaves the other half alone");

	/* a short transfer into the second half, while the CPU works in the first */
	kapi_errno(cen_begin_access(attach, sgt, size / 2, size / 2, DMA_FROM_DEVICE), 0,
		   "access: begin a part");
	memset(cpu, 0x44, size / 2);
	memset(device + size / 2, 0x55, size / 4);
	cen_end_access(attach, sgt, size / 2, size / 4, DMA_FROM_DEVICE);
	kapi_ok(kapi_filled(cpu, 0x44, size / 2), "access: what the CPU wrote beside it stays");
	kapi_ok(kapi_filled(cpu + size / 2, 0x55, size / 4), "access: the part is there");
	kapi_ok(kapi_filled(cpu + size / 4 * 3, 0x22, size / 4), "access: and no more than it");

	kapi_errno(cen_begin_access(attach, sgt, 0, size, DMA_NONE), -EINVAL,
		   "access: no direction");
	kapi_errno(cen_begin_access(attach, sgt, 1, dmabuf->size, DMA_TO_DEVICE), -EINVAL,
		   "access: beyond the end");
	kapi_errno(cen_begin_access(attach, sgt, U64_MAX, 2, DMA_TO_DEVICE), -EINVAL,
		   "access: around the end");
}

static void kapi_test_own(void)
{
	struct dma_buf *dmabuf = cen_buffer_create(SZ_64K, 0, 0);
	struct dma_buf_attachment *attach;
	struct iosys_map map;
	struct sg_table *sgt;

	if (!kapi_errptr(dmabuf, 0, "access: a buffer"))
		return;
	attach = dma_buf_attach(dmabuf, kapi_dev(KAPI_NARROW));
	if (!kapi_errptr(attach, 0, "access: attach"))
		goto release;
	sgt = dma_buf_map_attachment_unlocked(attach, DMA_BIDIRECTIONAL);
	if (!kapi_errptr(sgt, 0, "access: map"))
		goto detach;
	if (!kapi_errno(dma_buf_vmap_unlocked(dmabuf, &map), 0, "access: vmap"))
		goto unmap;
	kapi_test_transfers(dmabuf, attach, sgt, map.vaddr);
	dma_buf_vunmap_unlocked(dmabuf, &map);
unmap:
	dma_buf_unmap_attachment_unlocked(attach, sgt, DMA_BIDIRECTIONAL);
detach:
	dma_buf_detach(dmabuf, attach);
release:
	kapi_release(dmabuf);
}

static void kapi_test_foreign(bool dynamic, int want, const char *what)
{
	struct dma_buf *dmabuf = kapi_foreign(dynamic);
	struct dma_buf_attachment *attach;
	struct sg_table *sgt;
	int ret;

	if (!kapi_errptr(dmabuf, 0, "access: a foreign dma-buf"))
		return;
	attach = dma_buf_attach(dmabuf, kapi_dev(KAPI_NARROW));
	if (!kapi_errptr(attach, 0, "access: attach to it"))
		goto release;
	sgt = dma_buf_map_attachment_unlocked(attach, DMA_BIDIRECTIONAL);
	if (!kapi_errptr(sgt, 0, "access: map it"))
		goto detach;
	ret = cen_begin_access(attach, sgt, 0, dmabuf->size, DMA_TO_DEVICE);
	kapi_errno(ret, want, what);
	if (!ret)
		cen_end_access(attach, sgt, 0, dmabuf->size, DMA_TO_DEVICE);
	dma_buf_unmap_attachment_unlocked(attach, sgt, DMA_BIDIRECTIONAL);
detach:
	dma_buf_detach(dmabuf, attach);
release:
	kapi_release(dmabuf);
}

void kapi_test_access(void)
{
	kapi_test_own();
	kapi_test_foreign(false, 0, "access: a foreign exporter with ordinary memory");
	kapi_test_foreign(true, -EOPNOTSUPP, "access: one that may move its memory");
}
