// SPDX-License-Identifier: GPL-2.0
/*
 * Bank heaps: reserved ranges, named when the module is loaded.
 *
 *	banks=NAME:BANK:SOURCE[,NAME:BANK:SOURCE…]
 *
 * makes a heap NAME whose memory lies in memory bank BANK (0 … 63). A device that
 * accepts certain banks only is served from them; for all others they come last.
 * SOURCE is told in bank_memory.c.
 */
#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/ctype.h>
#include <linux/genalloc.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "bank.h"
#include "zero.h"

static char *cen_bank_specs;
/* not for everybody to read: it holds addresses */
module_param_named(banks, cen_bank_specs, charp, 0400);
MODULE_PARM_DESC(banks, "reserved ranges as heaps: NAME:BANK:mem=SIZE@ADDRESS or NAME:BANK:reserve=NAME, separated by commas");

static struct cen_bank *cen_banks[CEN_MAX_HEAPS];
static unsigned int cen_nr_banks;
static char *cen_bank_strings;	/* a copy of the parameter that the banks point into */

static struct cen_bank *to_cen_bank(struct cen_heap *heap)
{
	return container_of(heap, struct cen_bank, heap);
}

/* The lowest place from @from on for @nr pages, beyond @size when there is none. */
static unsigned long cen_bank_place(unsigned long *map, unsigned long size, unsigned long from,
				    unsigned int nr, const struct cen_alloc_request *req,
				    u64 base)
{
	unsigned long align = cen_request_align(req) >> PAGE_SHIFT;
	unsigned long at;

	if (req->window.first > base)
		from = max_t(u64, from, (req->window.first - base) >> PAGE_SHIFT);
	if (req->window.last < base + ((u64)size << PAGE_SHIFT) - 1)
		size = req->window.last < base ? 0 : (req->window.last - base + 1) >> PAGE_SHIFT;

	at = bitmap_find_next_zero_area_off(map, size, from, nr, align - 1, base >> PAGE_SHIFT);
	return at < size && nr <= size - at ? at : ULONG_MAX;
}

/*
 * The smallest gap that takes an aligned piece inside the window: large gaps are for
 * those that need them.
 */
static unsigned long cen_bank_fit(unsigned long *map, unsigned long size, unsigned long start,
				  unsigned int nr, void *data, struct gen_pool *pool,
				  unsigned long start_addr)
{
	const struct cen_alloc_request *req = data;
	u64 base = (u64)start_addr << PAGE_SHIFT;
	unsigned long best = size, least = ULONG_MAX, at, end;

	for (at = cen_bank_place(map, size, start, nr, req, base); at < size;
	     at = cen_bank_place(map, size, end, nr, req, base)) {
		end = find_next_bit(map, size, at + nr);
		if (end - at < least) {
			best = at;
			least = end - at;
		}
	}
	return best;
}

static struct page *cen_bank_take(struct cen_bank *bank, const struct cen_alloc_request *req,
				  u64 nr_pages)
{
	unsigned long pfn;

	pfn = gen_pool_alloc_algo(bank->pool, nr_pages, cen_bank_fit, (void *)req);
	return pfn ? pfn_to_page(pfn) : NULL;
}

/* The longest gap that a request could have. */
struct cen_bank_gap {
	const struct cen_alloc_request *req;
	u64 longest;
};

static void cen_bank_look(struct gen_pool *pool, struct gen_pool_chunk *chunk, void *data)
{
	struct cen_bank_gap *gap = data;
	const struct cen_window *w = &gap->req->window;
	unsigned long size = chunk->end_addr - chunk->start_addr + 1, at, end;

	for_each_clear_bitrange(at, end, chunk->bits, size) {
		u64 first = max((u64)(chunk->start_addr + at) << PAGE_SHIFT, w->first);
		u64 last = min(((u64)(chunk->start_addr + end) << PAGE_SHIFT) - 1, w->last);

		first = ALIGN(first, cen_request_align(gap->req));
		if (first <= last)
			gap->longest = max(gap->longest, round_down(last - first + 1, PAGE_SIZE));
	}
}

static u64 cen_bank_longest(struct cen_bank *bank, const struct cen_alloc_request *req)
{
	struct cen_bank_gap gap = { .req = req };

	gen_pool_for_each_chunk(bank->pool, cen_bank_look, &gap);
	return gap.longest;
}

static void cen_bank_free(struct cen_heap *heap, struct cen_storage *storage)
{
	struct cen_bank *bank = to_cen_bank(heap);
	u32 i;

	for (i = 0; i < storage->nr_chunks; i++)
		gen_pool_free(bank->pool, page_to_pfn(storage->chunks[i].page),
			      storage->chunks[i].nr_pages);
}

/*
 * In one piece when there is one, else in the fewest that halving finds. A chunk that is no
 * power of two is all of the buffer.
 */
static int cen_bank_alloc(struct cen_heap *heap, const struct cen_alloc_request *req,
			  struct cen_storage *storage)
{
	struct cen_bank *bank = to_cen_bank(heap);
	u64 least = max_t(u64, req->chunk, PAGE_SIZE) >> PAGE_SHIFT;
	u64 left = req->size >> PAGE_SHIFT, piece = left;
	u64 avail = (u64)gen_pool_avail(bank->pool) << PAGE_SHIFT;
	int ret = 0;

	if (req->size > avail) {
		storage->had = avail;
		ret = -ENOMEM;
	}

	while (left && !ret) {
		struct page *page;

		if (fatal_signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		piece = min(piece, left);
		page = cen_bank_take(bank, req, piece);
		if (!page) {
			if (piece <= least)
				ret = -ENOMEM;
			else
				piece = max(least, round_down(piece / 2, least));
			continue;
		}
		cen_zero_pages(page, piece, false);
		ret = cen_storage_add(storage, page, piece);
		if (ret)
			gen_pool_free(bank->pool, page_to_pfn(page), piece);
		else
			left -= piece;
	}
	if (ret == -ENOMEM && req->chunk >= req->size)
		storage->had = cen_bank_longest(bank, req);
	if (ret)
		cen_bank_free(heap, storage);
	return ret;
}

static void cen_bank_props(struct cen_heap *heap, struct cen_heap_props *props)
{
	struct cen_bank *bank = to_cen_bank(heap);
	u64 last = bank->start + bank->size - 1;

	props->reach[0].first = bank->start;
	props->reach[0].last = last;
	props->nr_reach = 1;
	props->arbitrary = true;
	props->chunk_max = bank->size;
	/* the strongest alignment that an address inside has */
	props->align_max = PAGE_SIZE;
	while (props->align_max <= U64_MAX / 4 &&
	       round_up((u64)bank->start, props->align_max * 2) <= last)
		props->align_max *= 2;
	props->capacity = bank->size;
	props->banks = BIT_ULL(bank->bank);
	props->priority = 300;
}

static const struct cen_heap_ops cen_bank_ops = {
	.props = cen_bank_props,
	.alloc = cen_bank_alloc,
	.free = cen_bank_free,
};

static void cen_bank_destroy(struct cen_bank *bank)
{
	gen_pool_destroy(bank->pool);
	cen_bank_unclaim(bank);
	kfree(bank);
}

static bool cen_bank_name_ok(const char *name)
{
	size_t len = strlen(name);

	if (!len || len >= CEN_HEAP_NAME_LEN)
		return false;
	for (; *name; name++)
		if (!isalnum(*name) && !strchr("-_.", *name))
			return false;
	return true;
}

/* Two ranges of the same memory under different names. */
static struct cen_bank *cen_bank_overlapping(const struct cen_bank *bank)
{
	unsigned int i;

	for (i = 0; i < cen_nr_banks; i++)
		if (bank->start < cen_banks[i]->start + cen_banks[i]->size &&
		    cen_banks[i]->start < bank->start + bank->size)
			return cen_banks[i];
	return NULL;
}

/* NAME:BANK:SOURCE into @bank. */
static int cen_bank_parse(struct cen_bank *bank, char *spec)
{
	char *name = strsep(&spec, ":");
	char *number = strsep(&spec, ":");

	if (!spec) {
		pr_err("cenalloc: banks: \"%s\": want NAME:BANK:SOURCE\n", name);
		return -EINVAL;
	}
	if (!cen_bank_name_ok(name)) {
		pr_err("cenalloc: banks: \"%s\" is no name for a heap: 1 to %d of a-z A-Z 0-9 - _ .\n",
		       name, CEN_HEAP_NAME_LEN - 1);
		return -EINVAL;
	}
	if (kstrtouint(number, 10, &bank->bank) || bank->bank > 63) {
		pr_err("cenalloc: banks: %s: \"%s\" is no bank: 0 to 63\n", name, number);
		return -EINVAL;
	}
	strscpy(bank->name, name, sizeof(bank->name));
	bank->source = spec;
	return 0;
}

static int cen_bank_add(char *spec)
{
	struct cen_bank *bank, *other;
	int ret;

	if (cen_nr_banks == ARRAY_SIZE(cen_banks)) {
		pr_err("cenalloc: banks: more than %zu\n", ARRAY_SIZE(cen_banks));
		return -E2BIG;
	}
	bank = kzalloc(sizeof(*bank), GFP_KERNEL);
	if (!bank)
		return -ENOMEM;
	ret = cen_bank_parse(bank, spec);
	if (ret)
		goto err_free;
	ret = cen_bank_claim(bank);
	if (ret)
		goto err_free;
	other = cen_bank_overlapping(bank);
	if (other) {
		pr_err("cenalloc: banks: %s overlaps %s\n", bank->name, other->name);
		ret = -EBUSY;
		goto err_unclaim;
	}

	ret = -ENOMEM;
	bank->pool = gen_pool_create(0, NUMA_NO_NODE);
	if (!bank->pool)
		goto err_unclaim;
	/* in page frames: whole pages, and zero means none */
	ret = gen_pool_add(bank->pool, PHYS_PFN(bank->start), PHYS_PFN(bank->size), NUMA_NO_NODE);
	if (ret)
		goto err_pool;

	bank->heap.name = bank->name;
	bank->heap.ops = &cen_bank_ops;
	bank->heap.owner = THIS_MODULE;
	ret = cen_heap_register(&bank->heap);
	if (ret) {
		pr_err("cenalloc: banks: %s: %s\n", bank->name,
		       ret == -EEXIST ? "there is a heap of that name" : "no more heaps");
		/* from module_init, -EEXIST would say that the module is there already */
		ret = -EINVAL;
		goto err_pool;
	}
	cen_banks[cen_nr_banks++] = bank;
	pr_info("cenalloc: heap %s: %llu MiB in bank %u\n", bank->name,
		(u64)bank->size >> 20, bank->bank);
	return 0;

err_pool:
	gen_pool_destroy(bank->pool);
err_unclaim:
	cen_bank_unclaim(bank);
err_free:
	kfree(bank);
	return ret;
}

int cen_heap_bank_init(void)
{
	char *rest, *spec;
	int ret;

	if (!cen_bank_specs || !*cen_bank_specs)
		return 0;

	cen_bank_strings = kstrdup(cen_bank_specs, GFP_KERNEL);
	if (!cen_bank_strings)
		return -ENOMEM;

	rest = cen_bank_strings;
	while ((spec = strsep(&rest, ","))) {
		ret = cen_bank_add(spec);
		if (ret) {
			cen_heap_bank_exit();
			return ret;
		}
	}
	return 0;
}

void cen_heap_bank_exit(void)
{
	while (cen_nr_banks) {
		struct cen_bank *bank = cen_banks[--cen_nr_banks];

		cen_heap_unregister(&bank->heap);
		cen_bank_destroy(bank);
	}
	kfree(cen_bank_strings);
	cen_bank_strings = NULL;
}
