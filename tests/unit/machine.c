// SPDX-License-Identifier: GPL-2.0
#include "machine.h"

/* -------------------------------------------------------------- random machines */

static u64 atoms(struct rng *rng, u64 from, u64 nr)
{
	return (from + rng_below(rng, nr)) * ORACLE_ATOM;
}

static void random_windows(struct rng *rng, struct oracle_device *d)
{
	u32 i;

	if (rng_one_in(rng, 3))
		d->limits.addr_max = atoms(rng, rng_one_in(rng, 2) ? 160 : 8, 96) - 1;
	if (!rng_one_in(rng, 3))
		return;
	d->nr_windows = 1 + rng_below(rng, 3);
	for (i = 0; i < d->nr_windows; i++) {
		d->windows[i].first = atoms(rng, 0, rng_one_in(rng, 2) ? 20 : 230);
		d->windows[i].last = d->windows[i].first + atoms(rng, 40, 200) - 1;
		if (d->windows[i].last > ORACLE_PAGES * PAGE - 1)
			d->windows[i].last = ORACLE_PAGES * PAGE - 1;
	}
}

static void random_device(struct rng *rng, struct machine *m, struct oracle_device *d)
{
	u64 pages = m->req.size / PAGE;

	memset(d, 0, sizeof(*d));
	random_windows(rng, d);
	if (rng_one_in(rng, 3))
		d->limits.seg_size = PAGE * (1 + rng_below(rng, 6)) - rng_below(rng, 2);
	if (rng_one_in(rng, 3))
		d->limits.seg_boundary = BITS(12 + rng_below(rng, 8)) >> rng_one_in(rng, 20);
	if (rng_one_in(rng, 5))
		d->limits.align = 512ULL << rng_below(rng, 7);
	if (rng_one_in(rng, 6))
		d->limits.banks = 1 + rng_below(rng, 7);
	/* around the count that the size calls for, where it gets interesting */
	if (rng_one_in(rng, 2))
		d->limits.max_segs = 1 + rng_below(rng, pages + 2);
	if (rng_one_in(rng, 3))
		d->limits.max_segs = 1 + rng_below(rng, 4);
	if (rng_one_in(rng, 6))
		d->limits.flags |= CEN_LIMIT_NONCOHERENT;
	if (rng_one_in(rng, 6)) {
		d->limits.flags |= CEN_LIMIT_IOMMU;
		d->granule = PAGE << (rng_one_in(rng, 3) ? rng_below(rng, 3) : 0);
	}
	oracle_device_init(d);
}

static void random_heap(struct rng *rng, struct cen_heap_props *h)
{
	u32 i;

	memset(h, 0, sizeof(*h));
	h->arbitrary = rng_one_in(rng, 3);
	h->nr_reach = h->arbitrary ? 1 : 1 + rng_below(rng, 3);
	for (i = 0; i < h->nr_reach; i++) {
		h->reach[i].first = rng_one_in(rng, 2) ? 0 : atoms(rng, 0, 140);
		h->reach[i].last = h->reach[i].first + atoms(rng, 30, 200) - 1;
		if (h->reach[i].last > ORACLE_PAGES * PAGE - 1)
			h->reach[i].last = ORACLE_PAGES * PAGE - 1;
	}
	h->chunk_max = PAGE * (1 + rng_below(rng, rng_one_in(rng, 2) ? 4 : 16));
	h->align_max = PAGE << rng_below(rng, 6);
	if (rng_one_in(rng, 2)) /* as the page allocator: it aligns what it gives */
		h->align_max = 32 * PAGE;
	h->capacity = rng_one_in(rng, 5) ? PAGE * rng_below(rng, 14) : U64_MAX;
	h->banks = rng_one_in(rng, 3) ? rng_below(rng, 8) : 0;
	h->priority = rng_below(rng, 3);
	h->disabled = rng_one_in(rng, 12) ? (rng_one_in(rng, 2) ? ENODEV : ENOMEM) : 0;
}

void machine_random(struct rng *rng, struct machine *m)
{
	u32 i;

	memset(m, 0, sizeof(*m));
	m->req.page = PAGE;
	m->req.size = PAGE * (1 + rng_below(rng, ORACLE_SIZE));
	m->req.align = rng_one_in(rng, 8) ? 1024ULL << rng_below(rng, 6) : 0;
	m->nr_devices = rng_below(rng, ORACLE_DEVICES);
	m->nr_heaps = 1 + rng_below(rng, ORACLE_HEAPS);
	m->req.heap_mask = rng_one_in(rng, 10) ? 1 + rng_below(rng, 15) : 0;
	m->banks = U64_MAX;
	for (i = 0; i < m->nr_heaps; i++)
		random_heap(rng, &m->heaps[i]);
	for (i = 0; i < m->nr_devices; i++) {
		struct oracle_device *d = &m->devices[i];

		random_device(rng, m, d);
		cen_constraints_from_limits(&m->constraints[i], &d->limits,
					    d->nr_windows ? d->windows : NULL, d->nr_windows,
					    d->granule);
		if (d->limits.banks)
			m->banks &= d->limits.banks;
	}
	oracle_common(m->devices, m->nr_devices, m->common);
}

void machine_describe(const struct machine *m)
{
	u32 i, j;

	printf("# %llu pages, align %#llx, mask %#x\n", m->req.size / PAGE, m->req.align,
	       m->req.heap_mask);
	for (i = 0; i < m->nr_devices; i++) {
		const struct oracle_device *d = &m->devices[i];
		const struct cen_limits *l = &d->limits;

		printf("# device %u: addr %#llx segs %u of %llu boundary %#llx align %#llx\n",
		       i, l->addr_max, l->max_segs, l->seg_size, l->seg_boundary, l->align);
		printf("#   banks %#llx flags %u granule %#llx\n", l->banks, l->flags, d->granule);
		for (j = 0; j < d->nr_windows; j++)
			printf("#   [%#llx, %#llx]\n", d->windows[j].first, d->windows[j].last);
	}
	for (i = 0; i < m->nr_heaps; i++) {
		const struct cen_heap_props *h = &m->heaps[i];

		printf("# heap %u: chunk %llu align %llu pages, capacity %#llx\n", i,
		       h->chunk_max / PAGE, h->align_max / PAGE, h->capacity);
		printf("#   banks %#llx arbitrary %u disabled %u priority %u\n", h->banks,
		       h->arbitrary, h->disabled, h->priority);
		for (j = 0; j < h->nr_reach; j++)
			printf("#   [%#llx, %#llx]\n", h->reach[j].first, h->reach[j].last);
	}
}

/* -------------------------------------------------------------- the oracle's verdict */

bool machine_heap_is_out(const struct machine *m, u32 h)
{
	const struct cen_heap_props *heap = &m->heaps[h];

	return heap->disabled || heap->capacity < m->req.size ||
	       (m->req.heap_mask && !(m->req.heap_mask >> h & 1)) ||
	       (m->banks != U64_MAX && !(m->banks & heap->banks));
}

/* A window of heap @h between boundaries, where all whole ones fail: will any do? */
static bool heap_narrowed(const struct machine *m, u32 h, const struct oracle_window *w, u32 nr)
{
	struct oracle_window blocks[2 * ORACLE_PAGES + 7];
	u32 i, j, nr_blocks;

	for (i = 0; i < nr; i++) {
		nr_blocks = oracle_blocks(&w[i], blocks, COUNT(blocks));
		for (j = 0; j < nr_blocks; j++) {
			if (oracle_chunk(m->devices, m->nr_devices, &m->req, &blocks[j],
					 m->heaps[h].chunk_max, m->heaps[h].align_max))
				return true;
		}
	}
	return false;
}

u64 machine_chunk(const struct machine *m, u32 h)
{
	struct oracle_window w[ORACLE_ATOMS];
	u32 i, nr;
	u64 chunk, size, best = 0, best_size = 0;

	if (machine_heap_is_out(m, h))
		return 0;
	nr = oracle_windows(m->common, &m->heaps[h], w, ORACLE_ATOMS);
	for (i = 0; i < nr; i++) {
		chunk = oracle_chunk(m->devices, m->nr_devices, &m->req, &w[i],
				     m->heaps[h].chunk_max, m->heaps[h].align_max);
		if (!chunk)
			continue;
		if (!m->heaps[h].arbitrary)
			return chunk;
		/* the roomiest; windows rise, and of two as large the higher is taken */
		size = w[i].last - w[i].first;
		if (size >= best_size) {
			best_size = size;
			best = chunk;
		}
	}
	if (!best && m->heaps[h].arbitrary && heap_narrowed(m, h, w, nr))
		return MACHINE_ANY_CHUNK;
	return best;
}

bool machine_possible(const struct machine *m)
{
	struct cen_heap_props all = { .arbitrary = 1, .nr_reach = 1,
				      .reach = { { 0, ORACLE_PAGES * PAGE - 1 } } };
	struct oracle_window w[ORACLE_ATOMS];
	u32 i, nr;

	if (!m->banks)
		return false;
	nr = oracle_windows(m->common, &all, w, ORACLE_ATOMS - 1);
	if (m->common[ORACLE_BEYOND]) {
		w[nr].first = 0;
		w[nr++].last = 1024 * ORACLE_PAGES * PAGE - 1;
	}
	for (i = 0; i < nr; i++) {
		if (oracle_chunk(m->devices, m->nr_devices, &m->req, &w[i], U64_MAX, U64_MAX))
			return true;
	}
	return false;
}
