// SPDX-License-Identifier: GPL-2.0
/*
 * cenalloc,* properties: see kapi_firmware[] in devices.c.
 */
#include <linux/dma-mapping.h>

#include "kapi.h"

void kapi_test_firmware(void)
{
	struct cen_limits limits = {};
	struct dma_buf *dmabuf;

	kapi_errno(cen_device_get_limits(kapi_dev(KAPI_FIRMWARE), &limits), 0,
		   "firmware: limits can be read");
	kapi_equal(limits.max_segs, 3, "firmware: max-segments");
	kapi_equal(limits.seg_size, SZ_2M, "firmware: max-segment-size, 64 bits wide");
	kapi_equal(limits.seg_boundary, SZ_16M - 1, "firmware: segment-boundary");
	kapi_equal(limits.align, SZ_64K, "firmware: alignment");
	kapi_equal(limits.addr_max, DMA_BIT_MASK(30), "firmware: address-bits");
	kapi_equal(limits.banks, BIT_ULL(40) | KAPI_BANK, "firmware: banks");
	kapi_equal(limits.flags, CEN_LIMIT_NONCOHERENT, "firmware: non-coherent");

	limits = (struct cen_limits) { .max_segs = 2, .seg_size = SZ_4M };
	cen_device_limit(kapi_dev(KAPI_FIRMWARE), &limits);
	cen_device_get_limits(kapi_dev(KAPI_FIRMWARE), &limits);
	cen_device_unlimit(kapi_dev(KAPI_FIRMWARE));
	kapi_equal(limits.max_segs, 2, "firmware: the driver's fewer segments count");
	kapi_equal(limits.seg_size, SZ_2M, "firmware: its larger segments do not");

	kapi_errno(cen_device_get_limits(kapi_dev(KAPI_MALFORMED), &limits), -EINVAL,
		   "firmware: a malformed property is no limit to ignore");
	dmabuf = cen_buffer_create(PAGE_SIZE, 0, 0);
	if (!kapi_errptr(dmabuf, 0, "firmware: a buffer"))
		return;
	kapi_errno(cen_buffer_declare(dmabuf, kapi_dev(KAPI_MALFORMED), NULL), -EINVAL,
		   "firmware: its device cannot be declared");
	kapi_errptr(dma_buf_attach(dmabuf, kapi_dev(KAPI_MALFORMED)), -EINVAL,
		    "firmware: nor attach");
	kapi_release(dmabuf);
}
