// SPDX-License-Identifier: GPL-2.0
/*
 * cen_heap_register() and cen_heap_unregister(): a heap of a driver's own. Its
 * memory is ordinary pages below 4 GiB that we call bank 9.
 */
#include <linux/atomic.h>
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/iosys-map.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

#include "../../../kernel/compat/compat.h"
#include "kapi.h"

#define KAPI_CHUNK	SZ_64K

static atomic_long_t kapi_pages;	/* out of the heap */
static bool kapi_heap_lies;		/* it gives less than it was asked for */
static bool kapi_heap_released;

static void kapi_heap_props(struct cen_heap *heap, struct cen_heap_props *props)
{
	props->reach[0] = (struct cen_window) { .first = 0, .last = DMA_BIT_MASK(32) };
	props->nr_reach = 1;
	props->chunk_max = KAPI_CHUNK;
	props->align_max = PAGE_SIZE;
	props->capacity = U64_MAX;
	props->banks = KAPI_BANK;
	props->priority = 1000;
}

static void kapi_heap_free(struct cen_heap *heap, struct cen_storage *storage)
{
	u32 i;

	for (i = 0; i < storage->nr_chunks; i++) {
		struct cen_chunk *chunk = &storage->chunks[i];

		__free_pages(chunk->page, get_order((u64)chunk->nr_pages << PAGE_SHIFT));
		atomic_long_sub(chunk->nr_pages, &kapi_pages);
	}
}

static int kapi_heap_alloc(struct cen_heap *heap, const struct cen_alloc_request *req,
			   struct cen_storage *storage)
{
	u64 left = kapi_heap_lies ? req->size / 2 : req->size;
	gfp_t gfp = GFP_KERNEL | GFP_DMA32 | __GFP_ZERO | __GFP_NOWARN;

	if (req->account)
		gfp |= __GFP_ACCOUNT;
	while (left) {
		u64 bytes = min_t(u64, left, KAPI_CHUNK);
		struct page *page = alloc_pages(gfp, get_order(bytes));

		if (!page)
			goto err_free;
		if (cen_storage_add(storage, page, bytes >> PAGE_SHIFT)) {
			__free_pages(page, get_order(bytes));
			goto err_free;
		}
		atomic_long_add(bytes >> PAGE_SHIFT, &kapi_pages);
		left -= bytes;
	}
	return 0;

err_free:
	kapi_heap_free(heap, storage);
	return -ENOMEM;
}

static void kapi_heap_release(struct cen_heap *heap)
{
	kapi_heap_released = true;
}

static const struct cen_heap_ops kapi_heap_ops = {
	.props = kapi_heap_props,
	.alloc = kapi_heap_alloc,
	.free = kapi_heap_free,
};

/* Without @release, unregistering waits for the last buffer. */
static const struct cen_heap_ops kapi_heap_release_ops = {
	.props = kapi_heap_props,
	.alloc = kapi_heap_alloc,
	.free = kapi_heap_free,
	.release = kapi_heap_release,
};

static struct cen_heap kapi_heap = {
	.name = "kapi-bank",
	.ops = &kapi_heap_ops,
	.owner = THIS_MODULE,
};

int kapi_heap_add(void)
{
	return cen_heap_register(&kapi_heap);
}

void kapi_heap_remove(void)
{
	cen_heap_unregister(&kapi_heap);
}

/* A buffer that only bank 9 will do for. */
static struct dma_buf *kapi_bank_buffer(u64 size, int want, const char *what)
{
	const struct cen_limits bank = { .banks = KAPI_BANK };
	struct dma_buf *dmabuf = cen_buffer_create(size, 0, 0);
	int ret;

	if (IS_ERR(dmabuf)) {
		kapi_errptr(dmabuf, 0, what);
		return NULL;
	}
	ret = cen_buffer_declare(dmabuf, kapi_dev(KAPI_WIDE), &bank);
	kapi_errno(ret, want, what);
	if (ret) {
		kapi_release(dmabuf);
		return NULL;
	}
	return dmabuf;
}

static void kapi_test_register(void)
{
	static struct cen_heap nameless = { .ops = &kapi_heap_ops, .owner = THIS_MODULE };
	static struct cen_heap twin = {
		.name = "kapi-bank",
		.ops = &kapi_heap_ops,
		.owner = THIS_MODULE,
	};

	kapi_errno(cen_heap_register(&nameless), -EINVAL, "heap: without a name");
	kapi_errno(kapi_heap_add(), 0, "heap: registered");
	kapi_errno(cen_heap_register(&twin), -EEXIST, "heap: a name that is taken");
	kapi_heap_remove();
	kapi_bank_buffer(SZ_64K, -ENODEV, "heap: gone, nobody has its bank");
	kapi_errno(kapi_heap_add(), 0, "heap: registered again");
	kapi_heap_remove();
}

static void kapi_test_use(void)
{
	/* not a multiple of the chunk */
	const u64 size = 3 * KAPI_CHUNK + PAGE_SIZE;
	struct cen_plan plan = {};
	struct dma_buf *dmabuf;
	struct iosys_map map;

	kapi_errno(kapi_heap_add(), 0, "heap: registered for use");
	dmabuf = kapi_bank_buffer(size, 0, "heap: its bank is wanted");
	if (!dmabuf)
		goto remove;
	kapi_equal(atomic_long_read(&kapi_pages), 0, "heap: no memory before commit");
	kapi_errno(cen_buffer_commit(dmabuf, &plan), 0, "heap: commit");
	kapi_equal(plan.heap, kapi_heap.index, "heap: the plan names it");
	kapi_equal(plan.heaps, BIT(kapi_heap.index), "heap: no other would do");
	kapi_equal(atomic_long_read(&kapi_pages), size >> PAGE_SHIFT, "heap: its memory it is");
	if (kapi_errno(dma_buf_vmap_unlocked(dmabuf, &map), 0, "heap: vmap")) {
		kapi_ok(!memchr_inv(map.vaddr, 0, size), "heap: zeroed");
		dma_buf_vunmap_unlocked(dmabuf, &map);
	}
	kapi_release(dmabuf);
	kapi_equal(atomic_long_read(&kapi_pages), 0, "heap: all given back");
remove:
	kapi_heap_remove();
}

/* What would do for a buffer that nobody has declared a device for. */
static u32 kapi_plain_heaps(const char *what)
{
	struct dma_buf *dmabuf = cen_buffer_create(KAPI_CHUNK, 0, 0);
	struct cen_plan plan = {};

	if (IS_ERR(dmabuf)) {
		kapi_errptr(dmabuf, 0, what);
		return 0;
	}
	kapi_errno(cen_buffer_commit(dmabuf, &plan), 0, what);
	kapi_release(dmabuf);
	return plan.heaps;
}

/* Buffers that are alike all see a heap come and go. */
static void kapi_test_plain(void)
{
	u32 before = kapi_plain_heaps("heap: a plain buffer before it comes");
	u32 i, with;

	for (i = 0; i < 2; i++) {
		kapi_errno(kapi_heap_add(), 0, "heap: registered beside others");
		with = kapi_plain_heaps("heap: a plain buffer with it");
		kapi_equal(with, before | BIT(kapi_heap.index), "heap: it would do as well");
		with = kapi_plain_heaps("heap: another");
		kapi_equal(with, before | BIT(kapi_heap.index), "heap: for that, too");
		kapi_heap_remove();
		kapi_equal(kapi_plain_heaps("heap: a plain buffer without it"), before,
			   "heap: it would do no more");
	}
}

static void kapi_test_lies(void)
{
	struct dma_buf *dmabuf;

	kapi_errno(kapi_heap_add(), 0, "heap: registered to lie");
	dmabuf = kapi_bank_buffer(4 * KAPI_CHUNK, 0, "heap: a buffer to lie about");
	if (dmabuf) {
		kapi_heap_lies = true;
		kapi_errno(cen_buffer_commit(dmabuf, NULL), -ENOMEM, "heap: caught lying");
		kapi_equal(atomic_long_read(&kapi_pages), 0, "heap: what it gave is given back");
		kapi_heap_lies = false;
		kapi_errno(cen_buffer_commit(dmabuf, NULL), 0, "heap: the truth will do");
		kapi_release(dmabuf);
	}
	kapi_heap_remove();
}

static void kapi_test_gone(void)
{
	static struct cen_heap leaving = {
		.name = "kapi-leaving",
		.ops = &kapi_heap_release_ops,
		.owner = THIS_MODULE,
	};
	struct dma_buf *dmabuf, *late;

	kapi_heap_released = false;
	kapi_errno(cen_heap_register(&leaving), 0, "heap: one that will leave");
	late = kapi_bank_buffer(SZ_64K, 0, "heap: a buffer that comes too late");
	dmabuf = kapi_bank_buffer(SZ_64K, 0, "heap: a buffer in it");
	if (dmabuf)
		kapi_errno(cen_buffer_commit(dmabuf, NULL), 0, "heap: committed");
	cen_heap_unregister(&leaving);
	kapi_ok(!kapi_heap_released, "heap: left, but its buffer lives");
	if (late)
		kapi_errno(cen_buffer_commit(late, NULL), -ENODEV, "heap: nothing new from it");
	kapi_release(late);
	kapi_release(dmabuf);
	kapi_ok(kapi_heap_released, "heap: released with its last buffer");
	kapi_equal(atomic_long_read(&kapi_pages), 0, "heap: and its memory");
}

void kapi_test_heaps(void)
{
	kapi_test_register();
	kapi_test_use();
	kapi_test_plain();
	kapi_test_lies();
	kapi_test_gone();
}
