// SPDX-License-Identifier: GPL-2.0
/*
 * cen_attachment_get_pages(): a part of a buffer as a table of pages, for who maps it himself.
 */
#include <linux/iosys-map.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/string.h>

#include "../../../kernel/compat/compat.h"
#include "kapi.h"

#define KAPI_PAGES_SIZE		(SZ_8M + 3 * PAGE_SIZE)

/* Does the table hold what the kernel's map of the buffer has there, and no more of it? */
static bool kapi_same(struct sg_table *sgt, const u8 *cpu, u64 offset, u64 length, u64 largest)
{
	struct scatterlist *sg;
	int i;

	for_each_sgtable_sg(sgt, sg, i) {
		if (sg->length > largest || sg->length > length)
			return false;
		if (memcmp(sg_virt(sg), cpu + offset, sg->length))
			return false;
		offset += sg->length;
		length -= sg->length;
	}
	return !length;
}

static void kapi_test_parts(struct dma_buf_attachment *attach, const u8 *cpu)
{
	static const struct {
		u64 offset;
		u64 length;
	} parts[] = {
		{ 0, KAPI_PAGES_SIZE }, { 0, 1 }, { PAGE_SIZE - 1, 2 }, { KAPI_PAGES_SIZE - 1, 1 },
		{ 17, PAGE_SIZE }, { SZ_4M - 5, 10 }, { SZ_1M + 3, SZ_4M }, { PAGE_SIZE, SZ_8M },
	};
	struct sg_table sgt;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		u64 offset = parts[i].offset, length = parts[i].length;

		if (!kapi_errno(cen_attachment_get_pages(attach, offset, length, &sgt), 0,
				"pages: a part"))
			continue;
		kapi_ok(kapi_same(&sgt, cpu, offset, length, SZ_4M),
			"pages: %llu bytes at %llu, cut to the device's segments", length, offset);
		cen_attachment_put_pages(attach, &sgt);
	}
}

static void kapi_test_refused_parts(struct dma_buf_attachment *attach)
{
	struct sg_table sgt;

	kapi_errno(cen_attachment_get_pages(attach, 0, 0, &sgt), -ERANGE, "pages: nothing");
	kapi_errno(cen_attachment_get_pages(attach, KAPI_PAGES_SIZE, 1, &sgt), -ERANGE,
		   "pages: behind the end");
	kapi_errno(cen_attachment_get_pages(attach, 1, KAPI_PAGES_SIZE, &sgt), -ERANGE,
		   "pages: across the end");
	kapi_errno(cen_attachment_get_pages(attach, U64_MAX, U64_MAX, &sgt), -ERANGE,
		   "pages: around the end");
}

/* A table that is out keeps the buffer where it is. */
static void kapi_test_stays(struct dma_buf *dmabuf, struct dma_buf_attachment *attach)
{
	/* other architectures may have no memory as low as x86 has it */
	static const struct cen_limits one = {
		.max_segs = 1, .addr_max = IS_ENABLED(CONFIG_X86) ? 0xffffff : S32_MAX,
	};
	struct sg_table sgt;

	if (!kapi_errno(cen_attachment_get_pages(attach, 0, PAGE_SIZE, &sgt), 0, "pages: one"))
		return;
	kapi_errno(cen_buffer_declare(dmabuf, kapi_dev(KAPI_SILENT), &one), -EBUSY,
		   "pages: the buffer is not moved under a table");
	cen_attachment_put_pages(attach, &sgt);
	kapi_errno(cen_buffer_declare(dmabuf, kapi_dev(KAPI_SILENT), &one), 0,
		   "pages: it is once the table is back");
}

static void kapi_test_own_pages(void)
{
	struct dma_buf *dmabuf = cen_buffer_create(KAPI_PAGES_SIZE, 0, 0);
	struct dma_buf_attachment *attach;
	struct iosys_map map;
	u32 i;

	if (!kapi_errptr(dmabuf, 0, "pages: a buffer"))
		return;
	attach = dma_buf_attach(dmabuf, kapi_dev(KAPI_WIDE));
	if (!kapi_errptr(attach, 0, "pages: attach"))
		goto release;
	if (!kapi_errno(dma_buf_vmap_unlocked(dmabuf, &map), 0, "pages: vmap"))
		goto detach;
	for (i = 0; i < KAPI_PAGES_SIZE / sizeof(u32); i++)
		((u32 *)map.vaddr)[i] = i;
	kapi_test_parts(attach, map.vaddr);
	kapi_test_refused_parts(attach);
	dma_buf_vunmap_unlocked(dmabuf, &map);
detach:
	dma_buf_detach(dmabuf, attach);
release:
	kapi_release(dmabuf);
}

static void kapi_test_small_pages(void)
{
	struct dma_buf *dmabuf = cen_buffer_create(SZ_64K, 0, 0);
	struct dma_buf_attachment *attach;

	if (!kapi_errptr(dmabuf, 0, "pages: a small buffer"))
		return;
	attach = dma_buf_attach(dmabuf, kapi_dev(KAPI_WIDE));
	if (kapi_errptr(attach, 0, "pages: attach to it")) {
		kapi_test_stays(dmabuf, attach);
		dma_buf_detach(dmabuf, attach);
	}
	kapi_release(dmabuf);
}

static void kapi_test_foreign_pages(void)
{
	struct dma_buf *dmabuf = kapi_foreign(false);
	struct dma_buf_attachment *attach;
	struct sg_table sgt;

	if (!kapi_errptr(dmabuf, 0, "pages: a foreign dma-buf"))
		return;
	attach = dma_buf_attach(dmabuf, kapi_dev(KAPI_WIDE));
	if (kapi_errptr(attach, 0, "pages: attach to that")) {
		kapi_errno(cen_attachment_get_pages(attach, 0, PAGE_SIZE, &sgt), -EINVAL,
			   "pages: those of a foreign buffer are nobody's business");
		dma_buf_detach(dmabuf, attach);
	}
	kapi_release(dmabuf);
}

void kapi_test_pages(void)
{
	kapi_test_own_pages();
	kapi_test_small_pages();
	kapi_test_foreign_pages();
}
