// SPDX-License-Identifier: GPL-2.0
/*
 * The contiguous heap: large pieces, and pieces in windows that no zone stands for.
 *
 * In the order of what it costs: the page allocator, when it happens to give memory
 * inside the window; the contiguous memory area of the most constrained device;
 * clearing a range. Pieces of one buffer may come from different sources.
 */
#include <linux/err.h>
#include <linux/io.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "contig.h"
#include "heap.h"
#include "pool.h"
#include "zero.h"
#include "zones.h"

/*
 * A piece larger than it has to be is taken when it is free. Memory is moved away
 * for pieces that are needed, but not page by page.
 */
#define CEN_CONTIG_WORTH	SZ_2M

static unsigned int cen_contig_mib;

static int cen_contig_mib_set(const char *val, const struct kernel_param *kp)
{
	int ret = param_set_uint(val, kp);

	cen_heaps_changed();
	return ret;
}

static const struct kernel_param_ops cen_contig_mib_ops = {
	.set = cen_contig_mib_set,
	.get = param_get_uint,
};
module_param_cb(contig_mib, &cen_contig_mib_ops, &cen_contig_mib, 0644);
MODULE_PARM_DESC(contig_mib, "largest piece the contiguous heap says it can give, MiB (0, the default: half of the largest memory zone)");

/**
 * struct cen_contig_piece - a chunk that is not made of single pages
 * @node: in the list that is the storage's priv
 * @page: the chunk
 * @nr_pages: its length
 * @cma: for cen_cma_free()
 */
struct cen_contig_piece {
	struct list_head node;
	struct page *page;
	unsigned long nr_pages;
	void *cma;
};

static void cen_contig_free_pages(struct page *page, unsigned long nr_pages)
{
	unsigned long i;

	for (i = 0; i < nr_pages; i++) {
		__free_page(page + i);
		if (i % 1024 == 1023)
			cond_resched();
	}
}

/* From the page allocator, by luck or because the window ends where a zone does. */
static struct page *cen_contig_buddy(const struct cen_alloc_request *req, enum cen_zone zone,
				     unsigned long nr_pages)
{
	u64 bytes = (u64)nr_pages << PAGE_SHIFT;
	unsigned int order = get_order(max(bytes, cen_request_align(req)));
	struct cen_zone_facts facts;
	struct page *page;
	gfp_t gfp;

	if (order > CEN_PAGE_ORDER_MAX || !cen_zone_facts(zone, &facts))
		return NULL;
	if (facts.window.first > req->window.last || facts.window.last < req->window.first)
		return NULL;

	gfp = cen_zone_gfp(zone) | __GFP_NOWARN;
	if (facts.window.first >= req->window.first && facts.window.last <= req->window.last)
		gfp |= __GFP_RETRY_MAYFAIL;
	else
		gfp = (gfp | __GFP_NORETRY) & ~__GFP_RECLAIM;
	if (req->account)
		gfp |= __GFP_ACCOUNT;

	page = alloc_pages(gfp, order);
	if (!page)
		return NULL;
	split_page(page, order);
	cen_contig_free_pages(page + nr_pages, (1UL << order) - nr_pages);
	if (cen_request_admits(req, page_to_phys(page), bytes))
		return page;
	cen_contig_free_pages(page, nr_pages);
	return NULL;
}

static struct page *cen_contig_zones(const struct cen_alloc_request *req, unsigned long nr_pages)
{
	enum cen_zone zone;
	struct page *page;

	for (zone = CEN_ZONE_ANY; zone < CEN_NR_ZONES; zone++) {
		if (zone == CEN_ZONE_DMA && cen_zone_scarce())
			continue;
		page = cen_contig_buddy(req, zone, nr_pages);
		if (page)
			return page;
	}
	return ERR_PTR(-ENOMEM);
}

/* Pieces that need more than freeing their pages are remembered. */
static struct page *cen_contig_area(const struct cen_alloc_request *req, unsigned long nr_pages,
				    struct list_head *pieces)
{
	struct cen_contig_piece *piece = kmalloc(sizeof(*piece), GFP_KERNEL);
	struct page *page;

	if (!piece)
		return ERR_PTR(-ENOMEM);
	page = cen_cma_alloc(req, nr_pages, &piece->cma);
	if (IS_ERR(page)) {
		kfree(piece);
		return page;
	}
	piece->page = page;
	piece->nr_pages = nr_pages;
	list_add(&piece->node, pieces);
	return page;
}

static void cen_contig_free_piece(struct list_head *pieces, struct page *page,
				  unsigned long nr_pages)
{
	struct cen_contig_piece *piece;

	list_for_each_entry(piece, pieces, node) {
		if (piece->page == page) {
			cen_cma_free(page, nr_pages, piece->cma);
			list_del(&piece->node);
			kfree(piece);
			return;
		}
	}
	cen_contig_free_pages(page, nr_pages);
}

/* One piece, zeroed, in @storage. @move: it is worth moving others' memory away. */
static int cen_contig_piece(const struct cen_alloc_request *req, unsigned long nr_pages,
			    bool move, struct cen_storage *storage)
{
	struct list_head *pieces = storage->priv;
	struct page *page;
	int ret;

	page = cen_contig_zones(req, nr_pages);
	/*
	 * Only the page allocator charges. What could be had elsewhere would escape the
	 * limit that the caller asked for.
	 */
	if (page == ERR_PTR(-ENOMEM) && !req->account)
		page = cen_contig_area(req, nr_pages, pieces);
	if (page == ERR_PTR(-ENOMEM) && !req->account)
		page = cen_range_alloc(req, nr_pages, move);
	if (IS_ERR(page))
		return PTR_ERR(page);

	cen_zero_pages(page, nr_pages, false);
	ret = cen_storage_add(storage, page, nr_pages);
	if (ret)
		cen_contig_free_piece(pieces, page, nr_pages);
	return ret;
}

static void cen_contig_free(struct cen_heap *heap, struct cen_storage *storage)
{
	u32 i;

	for (i = 0; i < storage->nr_chunks; i++)
		cen_contig_free_piece(storage->priv, storage->chunks[i].page,
				      storage->chunks[i].nr_pages);
	kfree(storage->priv);
}

/*
 * The next smaller piece worth trying, a multiple of the chunk; 0: none. A chunk that is no
 * power of two is all of the buffer.
 */
static u64 cen_contig_smaller(u64 piece, u64 chunk)
{
	return piece > chunk ? max(chunk, round_down(piece / 2, chunk)) : 0;
}

static int cen_contig_alloc(struct cen_heap *heap, const struct cen_alloc_request *req,
			    struct cen_storage *storage)
{
	u64 chunk = max_t(u64, req->chunk, PAGE_SIZE);
	u64 left = req->size, piece = req->size;
	struct list_head *pieces;
	int ret = 0;

	if (req->size >> PAGE_SHIFT > min_t(u64, totalram_pages(), U32_MAX))
		return -ENOMEM;

	pieces = kmalloc(sizeof(*pieces), GFP_KERNEL);
	if (!pieces)
		return -ENOMEM;
	INIT_LIST_HEAD(pieces);
	storage->priv = pieces;

	while (left && !ret) {
		u64 bytes = min(piece, left);
		bool move = bytes <= max_t(u64, chunk, CEN_CONTIG_WORTH);

		if (fatal_signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		ret = cen_contig_piece(req, bytes >> PAGE_SHIFT, move, storage);
		if (!ret) {
			left -= bytes;
		} else if (ret == -ENOMEM) {
			/* the last piece holds the rest, however small, but in one piece */
			piece = cen_contig_smaller(bytes, chunk);
			if (piece)
				ret = 0;
		}
	}
	if (ret == -ENOMEM && !req->account && chunk >= req->size)
		storage->had = (u64)cen_range_longest(req) << PAGE_SHIFT;
	if (ret)
		cen_contig_free(heap, storage);
	return ret;
}

/* Half of what there is in one piece at best is a lot to ask for. */
static u64 cen_contig_max(void)
{
	unsigned int mib = READ_ONCE(cen_contig_mib);

	return mib ? (u64)mib << 20 : cen_zone_largest() / 2 << PAGE_SHIFT;
}

static void cen_contig_props(struct cen_heap *heap, struct cen_heap_props *props)
{
	struct cen_zone_facts facts;

	if (!cen_zone_facts(CEN_ZONE_ANY, &facts)) {
		props->disabled = ENODEV;
		return;
	}
	props->reach[0] = facts.window;
	props->nr_reach = 1;
	props->arbitrary = true;
	props->capacity = U64_MAX;
	props->priority = 100;
	props->chunk_max = cen_contig_max();
	props->align_max = 1ULL << (fls64(props->chunk_max) - 1);
}

static const struct cen_heap_ops cen_contig_ops = {
	.props = cen_contig_props,
	.alloc = cen_contig_alloc,
	.free = cen_contig_free,
};

static struct cen_heap cen_contig = {
	.name = "contiguous",
	.ops = &cen_contig_ops,
	.owner = THIS_MODULE,
};

int cen_heap_contig_init(void)
{
	int ret = cen_cma_init();

	if (ret)
		return ret;
	ret = cen_heap_register(&cen_contig);
	if (ret)
		cen_cma_exit();
	return ret;
}

void cen_heap_contig_exit(void)
{
	cen_heap_unregister(&cen_contig);
	cen_cma_exit();
}
