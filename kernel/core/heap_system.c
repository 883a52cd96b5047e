// SPDX-License-Identifier: GPL-2.0
/*
 * The system heaps: pages of the page allocator, large chunks first.
 *
 * "system" reaches all memory or, when a device needs it, the zone below 4 GiB.
 * "system-dma" is the lowest zone, where there is one besides: on a PC that is
 * 16 MiB, which drivers of old devices need and which nobody else should use up, so
 * it is tried after every heap that can keep to addresses in some other way.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>

#include "heap.h"
#include "pool.h"
#include "zones.h"

/* Chunks that nobody asked for to be large are at most that. */
#define CEN_CHUNK_ORDER		min_t(unsigned int, CEN_PAGE_ORDER_MAX, get_order(SZ_4M))

/* cen_storage.priv: how to give it back */
#define CEN_STORAGE_ZONE	0x0fUL
#define CEN_STORAGE_FRESH	0x10UL	/* not to the pool */
#define CEN_STORAGE_SPLIT	0x20UL	/* the last chunk consists of single pages */

/**
 * struct cen_system - a heap of zones
 * @heap: for the registry
 * @zones: what its reach[] means
 * @nr_zones: number of @zones
 * @priority: see struct cen_heap_props
 * @pooled: keeps freed chunks
 */
struct cen_system {
	struct cen_heap heap;
	enum cen_zone zones[2];
	unsigned int nr_zones;
	unsigned int priority;
	bool pooled;
};

/**
 * struct cen_ladder - the state of one allocation
 * @req: what is asked for
 * @storage: what there is so far
 * @zone: where from
 * @gfp: without the flags that depend on how badly a chunk is needed
 * @min_order: smallest chunk that will do
 * @max_order: largest one worth trying
 * @pooled: from the pool, if it has some
 */
struct cen_ladder {
	const struct cen_alloc_request *req;
	struct cen_storage *storage;
	enum cen_zone zone;
	gfp_t gfp;
	unsigned int min_order;
	unsigned int max_order;
	bool pooled;
};

static struct cen_system *to_cen_system(struct cen_heap *heap)
{
	return container_of(heap, struct cen_system, heap);
}

static struct page *cen_ladder_chunk(const struct cen_ladder *l, unsigned int order)
{
	bool pooled = l->pooled && order <= CEN_CHUNK_ORDER;
	struct page *page = NULL;
	gfp_t gfp = l->gfp | __GFP_NOWARN;

	if (pooled)
		page = cen_pool_take(l->zone, order, false);
	if (page)
		return page;

	/*
	 * A larger chunk than needed is taken when it is there for the asking. The
	 * smallest is worth reclaim and compaction, but no process has to die for it:
	 * there may be another heap.
	 */
	if (order > l->min_order)
		gfp = (gfp | __GFP_NORETRY) & ~__GFP_RECLAIM;
	else
		gfp |= __GFP_RETRY_MAYFAIL;
	/* compound, so that those who look for memory to compact see how long it is */
	page = alloc_pages(gfp | __GFP_COMP, order);
	if (!page && pooled)
		page = cen_pool_take(l->zone, order, true);
	return page;
}

/* One chunk of at most @pages, as large as can be had. */
static int cen_ladder_step(struct cen_ladder *l, u64 pages)
{
	unsigned int order = min_t(unsigned int, l->max_order, ilog2(pages));
	struct page *page;
	int ret;

	for (;; order--) {
		page = cen_ladder_chunk(l, order);
		if (page)
			break;
		if (order == l->min_order)
			return -ENOMEM;
		/* what failed once fails again */
		l->max_order = order - 1;
	}

	ret = cen_storage_add(l->storage, page, 1U << order);
	if (ret)
		__free_pages(page, order);
	return ret;
}

/* The rest, smaller than a chunk has to be, in one piece: cut from a larger one. */
static int cen_ladder_rest(struct cen_ladder *l, u64 pages)
{
	unsigned int order = max_t(unsigned int, get_order(pages << PAGE_SHIFT),
				   get_order(cen_request_align(l->req)));
	struct page *page;
	u64 i;
	int ret;

	page = alloc_pages(l->gfp | __GFP_NOWARN | __GFP_RETRY_MAYFAIL, order);
	if (!page)
		return -ENOMEM;

	split_page(page, order);
	for (i = pages; i < 1ULL << order; i++)
		__free_page(page + i);

	ret = cen_storage_add(l->storage, page, pages);
	if (!ret) {
		l->storage->priv = (void *)((unsigned long)l->storage->priv | CEN_STORAGE_SPLIT);
		return 0;
	}
	for (i = 0; i < pages; i++)
		__free_page(page + i);
	return ret;
}

static void cen_system_free(struct cen_heap *heap, struct cen_storage *storage)
{
	unsigned long how = (unsigned long)storage->priv;
	u32 i, j;

	for (i = 0; i < storage->nr_chunks; i++) {
		struct cen_chunk *chunk = &storage->chunks[i];
		unsigned int order = ilog2(chunk->nr_pages);

		if ((how & CEN_STORAGE_SPLIT) && i + 1 == storage->nr_chunks) {
			for (j = 0; j < chunk->nr_pages; j++)
				__free_page(chunk->page + j);
		} else if ((how & CEN_STORAGE_FRESH) || order > CEN_CHUNK_ORDER ||
			   !cen_pool_put(how & CEN_STORAGE_ZONE, order, chunk->page)) {
			__free_pages(chunk->page, order);
		}
		if (i % 256 == 255)
			cond_resched();
	}
}

static int cen_system_alloc(struct cen_heap *heap, const struct cen_alloc_request *req,
			    struct cen_storage *storage)
{
	struct cen_system *system = to_cen_system(heap);
	u64 chunk = max(req->chunk, cen_request_align(req));
	u64 pages = req->size >> PAGE_SHIFT;
	struct cen_zone_facts facts;
	struct cen_ladder l = {
		.req = req,
		.storage = storage,
		.pooled = system->pooled && !req->account,
	};
	int ret = 0;

	if (req->reach >= system->nr_zones)
		return -EINVAL;
	l.zone = system->zones[req->reach];
	/* what is sure to fail must not drive everybody else into swap before it does */
	if (!cen_zone_facts(l.zone, &facts) || pages > facts.pages)
		return -ENOMEM;

	if (chunk > (u64)PAGE_SIZE << CEN_PAGE_ORDER_MAX)
		return -ENOMEM;
	l.min_order = get_order(chunk);
	l.max_order = max(l.min_order, CEN_CHUNK_ORDER);
	l.gfp = cen_zone_gfp(l.zone) | __GFP_ZERO;
	if (req->account)
		l.gfp |= __GFP_ACCOUNT;
	storage->priv = (void *)((unsigned long)l.zone | (l.pooled ? 0 : CEN_STORAGE_FRESH));

	while (pages && !ret) {
		if (fatal_signal_pending(current))
			ret = -EINTR;
		else if (pages >> l.min_order)
			ret = cen_ladder_step(&l, pages);
		else
			ret = cen_ladder_rest(&l, pages);
		if (!ret)
			pages -= storage->chunks[storage->nr_chunks - 1].nr_pages;
	}
	if (ret)
		cen_system_free(heap, storage);
	return ret;
}

static void cen_system_props(struct cen_heap *heap, struct cen_heap_props *props)
{
	struct cen_system *system = to_cen_system(heap);
	struct cen_zone_facts facts;
	unsigned int i;

	props->chunk_max = (u64)PAGE_SIZE << CEN_PAGE_ORDER_MAX;
	props->align_max = props->chunk_max;
	props->priority = system->priority;
	props->capacity = system->zones[0] == CEN_ZONE_ANY ? U64_MAX : 0;

	/* best first; a narrower choice that is no narrower here ends the list */
	for (i = 0; i < system->nr_zones; i++) {
		if (!cen_zone_facts(system->zones[i], &facts))
			break;
		if (i && facts.window.last == props->reach[i - 1].last)
			break;
		props->reach[i] = facts.window;
		props->nr_reach++;
		props->capacity = max(props->capacity, facts.pages << PAGE_SHIFT);
	}
	if (!props->nr_reach)
		props->disabled = ENODEV;
}

static u64 cen_system_pooled(struct cen_heap *heap)
{
	struct cen_system *system = to_cen_system(heap);
	u64 bytes = 0;
	unsigned int i;

	for (i = 0; i < system->nr_zones; i++)
		bytes += cen_pool_bytes(system->zones[i]);
	return bytes;
}

static const struct cen_heap_ops cen_system_ops = {
	.props = cen_system_props,
	.alloc = cen_system_alloc,
	.free = cen_system_free,
	.pooled = cen_system_pooled,
};

static struct cen_system cen_system = {
	.heap = {
		.name = "system",
		.ops = &cen_system_ops,
		.owner = THIS_MODULE,
		.flags = CEN_HEAP_POOLED,
	},
	.zones = { CEN_ZONE_ANY, CEN_ZONE_DMA32 },
	.nr_zones = 2,
	.priority = 0,
	.pooled = true,
};

static struct cen_system cen_system_dma = {
	.heap = {
		.name = "system-dma",
		.ops = &cen_system_ops,
		.owner = THIS_MODULE,
	},
	.zones = { CEN_ZONE_DMA },
	.nr_zones = 1,
	.priority = 200,
};

static bool cen_have_system_dma;

/* Is there a lowest zone besides those "system" already offers? */
static bool cen_system_dma_init(void)
{
	struct cen_zone_facts dma, other;

	if (!cen_zone_facts(CEN_ZONE_DMA, &dma))
		return false;
	if (!cen_zone_facts(CEN_ZONE_DMA32, &other))
		cen_zone_facts(CEN_ZONE_ANY, &other);
	if (dma.window.last == other.window.last)
		return false;

	if (!cen_zone_scarce()) {
		cen_system_dma.priority = 10;
		cen_system_dma.pooled = true;
		cen_system_dma.heap.flags |= CEN_HEAP_POOLED;
	}
	return true;
}

int cen_heap_system_init(void)
{
	int ret;

	ret = cen_pool_init();
	if (ret)
		return ret;

	ret = cen_heap_register(&cen_system.heap);
	if (ret)
		goto err_pool;

	cen_have_system_dma = cen_system_dma_init();
	if (cen_have_system_dma) {
		ret = cen_heap_register(&cen_system_dma.heap);
		if (ret)
			goto err_system;
	}
	return 0;

err_system:
	cen_heap_unregister(&cen_system.heap);
err_pool:
	cen_pool_exit();
	return ret;
}

void cen_heap_system_exit(void)
{
	if (cen_have_system_dma)
		cen_heap_unregister(&cen_system_dma.heap);
	cen_heap_unregister(&cen_system.heap);
	cen_pool_exit();
}
