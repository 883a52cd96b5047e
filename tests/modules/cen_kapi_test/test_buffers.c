// SPDX-License-Identifier: GPL-2.0
/*
 * cen_buffer_create(), _declare(), _commit(), cen_buffer_is(), and what a driver
 * does with the dma-buf afterwards.
 */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

#include "../../../kernel/compat/compat.h"
#include "kapi.h"

static void kapi_test_create(void)
{
	struct dma_buf *dmabuf;

	kapi_errptr(cen_buffer_create(0, 0, 0), -EINVAL, "create: no size");
	kapi_errptr(cen_buffer_create(U64_MAX, 0, 0), -EINVAL, "create: every size there is");
	kapi_errptr(cen_buffer_create(PAGE_SIZE, 3, 0), -EINVAL, "create: alignment of 3");
	kapi_errptr(cen_buffer_create(PAGE_SIZE, 0, ~CEN_CREATE_FLAGS), -EINVAL,
		    "create: unknown flags");

	dmabuf = cen_buffer_create(1, 0, 0);
	if (!kapi_errptr(dmabuf, 0, "create: one byte"))
		return;
	kapi_equal(dmabuf->size, PAGE_SIZE, "create: whole pages");
	kapi_ok(cen_buffer_is(dmabuf), "create: it is one of ours");
	kapi_release(dmabuf);
}

static void kapi_test_foreign(void)
{
	struct dma_buf *dmabuf = kapi_foreign(false);

	if (!kapi_errptr(dmabuf, 0, "foreign: a dma-buf"))
		return;
	kapi_ok(!cen_buffer_is(dmabuf), "foreign: it is none of ours");
	kapi_errno(cen_buffer_declare(dmabuf, kapi_dev(KAPI_WIDE), NULL), -EINVAL,
		   "foreign: declare");
	kapi_errno(cen_buffer_commit(dmabuf, NULL), -EINVAL, "foreign: commit");
	kapi_release(dmabuf);
}

static void kapi_test_declare(void)
{
	struct cen_limits one = { .banks = BIT(3) };
	struct cen_limits other = { .banks = BIT(4) };
	struct cen_limits bad = { .align = 3 };
	struct cen_limits iommu = { .flags = CEN_LIMIT_IOMMU };
	struct dma_buf *dmabuf = cen_buffer_create(SZ_64K, 0, 0);

	if (!kapi_errptr(dmabuf, 0, "declare: a buffer"))
		return;
	kapi_errno(cen_buffer_declare(dmabuf, kapi_dev(KAPI_WIDE), &bad), -EINVAL,
		   "declare: malformed limits");
	kapi_errno(cen_buffer_declare(dmabuf, kapi_dev(KAPI_WIDE), &iommu), -EINVAL,
		   "declare: an IOMMU that is not there");
	kapi_errno(cen_buffer_declare(dmabuf, kapi_dev(KAPI_WIDE), &one), -ENODEV,
		   "declare: a bank no heap has");
	kapi_errno(cen_buffer_declare(dmabuf, kapi_dev(KAPI_WIDE), NULL), 0,
		   "declare: a device that takes anything");
	kapi_errno(cen_buffer_declare(dmabuf, kapi_dev(KAPI_NARROW), &other), -ENODEV,
		   "declare: with another that does not");
	cen_device_limit(kapi_dev(KAPI_WIDE), &one);
	cen_device_limit(kapi_dev(KAPI_NARROW), &other);
	kapi_errno(cen_buffer_declare(dmabuf, kapi_dev(KAPI_NARROW), NULL), -ENODEV,
		   "declare: what a buffer knows of a device stays");
	kapi_release(dmabuf);

	kapi_errno(kapi_heap_add(), 0, "declare: a heap that has a bank");
	one.banks |= KAPI_BANK;
	cen_device_limit(kapi_dev(KAPI_WIDE), &one);
	dmabuf = cen_buffer_create(SZ_64K, 0, 0);
	if (kapi_errptr(dmabuf, 0, "declare: another buffer")) {
		kapi_errno(cen_buffer_declare(dmabuf, kapi_dev(KAPI_WIDE), NULL), 0,
			   "declare: one of its banks will do");
		kapi_errno(cen_buffer_declare(dmabuf, kapi_dev(KAPI_NARROW), NULL), -EINVAL,
			   "declare: two devices that want different banks");
		kapi_release(dmabuf);
	}
	kapi_heap_remove();
	cen_device_unlimit(kapi_dev(KAPI_WIDE));
	cen_device_unlimit(kapi_dev(KAPI_NARROW));
}

static void kapi_test_commit(void)
{
	const struct cen_limits contiguous = { .max_segs = 1 };
	struct dma_buf *dmabuf = cen_buffer_create(SZ_1M, 0, 0);
	struct cen_plan plan = {}, again = {};

	if (!kapi_errptr(dmabuf, 0, "commit: a buffer"))
		return;
	cen_device_limit(kapi_dev(KAPI_NARROW), &contiguous);
	kapi_errno(cen_buffer_declare(dmabuf, kapi_dev(KAPI_NARROW), NULL), 0,
		   "commit: a device that needs one segment");
	kapi_errno(cen_buffer_declare(dmabuf, kapi_dev(KAPI_WIDE), NULL), 0,
		   "commit: and one that does not");
	kapi_errno(cen_buffer_commit(dmabuf, &plan), 0, "commit: both can be served");
	kapi_ok(plan.addr_bits && plan.addr_bits <= 32, "commit: within 32 bits (%u)",
		plan.addr_bits);
	kapi_equal(plan.flags & CEN_PLAN_CONTIGUOUS, CEN_PLAN_CONTIGUOUS, "commit: in one piece");
	kapi_errno(cen_buffer_commit(dmabuf, &again), 0, "commit: twice is no error");
	kapi_equal(memcmp(&plan, &again, sizeof(plan)), 0, "commit: and no other plan");
	cen_device_unlimit(kapi_dev(KAPI_NARROW));
	kapi_release(dmabuf);
}

/* What every importing driver does; the sg_table must obey the device's limits. */
static void kapi_test_map(void)
{
	const struct cen_limits limits = { .max_segs = 8, .seg_size = SZ_16K };
	struct device *dev = kapi_dev(KAPI_NARROW);
	struct dma_buf *dmabuf = cen_buffer_create(SZ_128K, 0, 0);
	struct dma_buf_attachment *attach;
	struct scatterlist *sg;
	struct sg_table *sgt;
	u64 size = 0;
	int i;

	if (!kapi_errptr(dmabuf, 0, "map: a buffer"))
		return;
	cen_device_limit(dev, &limits);
	attach = dma_buf_attach(dmabuf, dev);
	cen_device_unlimit(dev);
	if (!kapi_errptr(attach, 0, "map: attach"))
		goto release;
	sgt = dma_buf_map_attachment_unlocked(attach, DMA_BIDIRECTIONAL);
	if (!kapi_errptr(sgt, 0, "map: map"))
		goto detach;
	kapi_ok(sgt->nents <= 8, "map: at most 8 segments (%u)", sgt->nents);
	for_each_sgtable_dma_sg(sgt, sg, i) {
		size += sg_dma_len(sg);
		if (sg_dma_len(sg) > SZ_16K ||
		    sg_dma_address(sg) + sg_dma_len(sg) - 1 > DMA_BIT_MASK(32))
			break;
	}
	kapi_ok(i == sgt->nents, "map: of at most 16 KiB, within 32 bits");
	kapi_equal(size, dmabuf->size, "map: that make up the buffer");
	dma_buf_unmap_attachment_unlocked(attach, sgt, DMA_BIDIRECTIONAL);
detach:
	dma_buf_detach(dmabuf, attach);
release:
	kapi_release(dmabuf);
}

void kapi_test_buffers(void)
{
	kapi_test_create();
	kapi_test_foreign();
	kapi_test_declare();
	kapi_test_commit();
	kapi_test_map();
}
