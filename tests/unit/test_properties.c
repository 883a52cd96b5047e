// SPDX-License-Identifier: GPL-2.0
/*
 * Random devices and heaps on a machine of 64 pages, solver against oracle.
 *
 *   sound      whatever a heap builds within a plan serves every device
 *   complete   where there is a plan, the solver finds it, with the smallest chunk
 *   honest     a refusal's reasons hold: mend the one limit named and the heap will do
 */
#include "oracle.h"

struct machine {
	struct oracle_device devices[ORACLE_DEVICES];
	struct cen_constraints constraints[ORACLE_DEVICES];
	u32 nr_devices;
	struct cen_heap_props heaps[ORACLE_HEAPS];
	u32 nr_heaps;
	struct cen_request req;
	bool common[ORACLE_ATOMS + 1];
	u64 banks;
};

static struct machine machine;
static struct cen_merged merged, other;
static struct cen_solution solution, again;
static struct cen_reason list[256], other_list[256];

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

static void random_machine(struct rng *rng, struct machine *m)
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

/* What failed, to be read beside the seed. */
static void describe(const struct machine *m)
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

static bool heap_is_out(const struct machine *m, u32 h)
{
	const struct cen_heap_props *heap = &m->heaps[h];

	return heap->disabled || heap->capacity < m->req.size ||
	       (m->req.heap_mask && !(m->req.heap_mask >> h & 1)) ||
	       (m->banks != U64_MAX && !(m->banks & heap->banks));
}

/* A window of heap @h between boundaries, where all whole ones fail: will any do? */
static bool oracle_heap_narrowed(const struct machine *m, u32 h, const struct oracle_window *w,
				 u32 nr)
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

#define ANY_CHUNK	1	/* feasible, with a chunk that depends on a choice of windows */

/* Smallest chunk that would do in the best choice of heap @h; 0: none will. */
static u64 oracle_heap(const struct machine *m, u32 h)
{
	struct oracle_window w[ORACLE_ATOMS];
	u32 i, nr;
	u64 chunk, size, best = 0, best_size = 0;

	if (heap_is_out(m, h))
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
	if (!best && m->heaps[h].arbitrary && oracle_heap_narrowed(m, h, w, nr))
		return ANY_CHUNK;
	return best;
}

/* Is there memory anywhere that these devices could use, had a heap all of it? */
static bool oracle_possible(const struct machine *m)
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

/* -------------------------------------------------------------- sound */

/*
 * Build memory as a heap might within choice @n of the solution, anywhere, without overlap.
 * Returns the number of pieces; 0 when it did not come together.
 */
static u32 random_storage(struct rng *rng, const struct machine *m, u32 n,
			  struct oracle_piece *pieces)
{
	u64 chunk = solution.order_chunk[n], align = solution.order_align[n];
	const struct cen_window *w = &solution.order_window[n];
	bool taken[ORACLE_PAGES] = { false };
	u64 left = m->req.size;
	u32 nr = 0, tries, i;

	while (left) {
		u64 size = chunk * (1 + (rng_one_in(rng, 2) ? rng_below(rng, 3) : 0));
		bool found = false;

		if (size >= left || rng_one_in(rng, 10))
			size = left;
		for (tries = 0; tries < 60 && !found; tries++) {
			struct oracle_piece p = { .pages = size / PAGE };
			u64 at = rng_below(rng, (ORACLE_PAGES * PAGE + align - 1) / align) * align;

			if (nr && rng_one_in(rng, 3)) /* neighbours are worth a look */
				at = (pieces[nr - 1].first + pieces[nr - 1].pages) * PAGE;
			p.first = at / PAGE;
			found = at % align == 0 && at >= w->first && at + size - 1 <= w->last;
			for (i = 0; found && i < p.pages; i++)
				found = !taken[p.first + i];
			for (i = 0; found && i < p.pages; i++)
				taken[p.first + i] = true;
			if (found)
				pieces[nr++] = p;
		}
		if (!found)
			return 0;
		left -= size;
	}
	return nr;
}

/* The segments that cen_segment_next() makes of the pieces, as the exporter does. */
static u64 cut_pieces(const struct cen_constraints *c, const struct oracle_piece *pieces, u32 nr)
{
	bool iommu = c->flags & CEN_LIMIT_IOMMU;
	u64 count = 0, offset = 0, length;
	u32 i;

	for (i = 0; i < nr;) {
		u64 at = pieces[i].first * PAGE, end = at + pieces[i].pages * PAGE;

		while (++i < nr && pieces[i].first * PAGE == end)
			end += pieces[i].pages * PAGE;
		for (; at < end; at += length, offset += length) {
			length = cen_segment_next(c, PAGE, iommu ? offset : at, end - at);
			assert_true(length);
			count++;
		}
	}
	return count;
}

static u32 check_sound(struct rng *rng, const struct machine *m)
{
	struct oracle_piece pieces[ORACLE_SIZE];
	struct oracle_window w;
	struct cen_fit fit;
	u32 n, nr, i, j, round, built = 0;

	for (n = 0; n < solution.nr_order; n++) {
		const struct cen_heap_props *heap = &m->heaps[solution.order[n]];

		assert_false(heap_is_out(m, solution.order[n]));
		assert_true(solution.order_chunk[n] <= heap->chunk_max);
		assert_true(solution.order_align[n] <= heap->align_max);
		assert_int_equal(solution.plan.heaps >> solution.order[n] & 1, 1);
		w.first = solution.order_window[n].first;
		w.last = solution.order_window[n].last;
		assert_true(w.first >= heap->reach[solution.order_reach[n]].first &&
			    w.last <= heap->reach[solution.order_reach[n]].last);
		assert_true(oracle_plan_holds(m->devices, m->nr_devices, &m->req, &w,
					      solution.order_chunk[n], solution.order_align[n]));
		for (round = 0; round < 3; round++) {
			nr = random_storage(rng, m, n, pieces);
			built += !!nr;
			for (i = 0; nr && i < m->nr_devices; i++) {
				assert_true(oracle_serves(&m->devices[i], pieces, nr));
				cen_fit_begin(&fit, &m->constraints[i], PAGE, heap->banks, i, NULL);
				for (j = 0; j < nr; j++) {
					u64 at = pieces[j].first * PAGE;

					cen_fit_chunk(&fit, at, at + pieces[j].pages * PAGE - 1);
				}
				assert_int_equal(cen_fit_end(&fit), 0);
				if (m->constraints[i].flags & CEN_LIMIT_IOMMU)
					continue;
				assert_true(cut_pieces(&m->constraints[i], pieces, nr) <=
					    solution.plan.max_segs);
			}
		}
	}
	return built;
}

/* -------------------------------------------------------------- complete */

static void check_complete(const struct machine *m)
{
	u32 h, n, exact = 0;

	for (h = 0; h < m->nr_heaps; h++) {
		const struct cen_heap_props *heap = &m->heaps[h];
		u64 chunk = oracle_heap(m, h);

		for (n = 0; n < solution.nr_order && solution.order[n] != h; n++)
			;
		if (!oracle_exact(m->devices, m->nr_devices, heap->chunk_max, heap->align_max)) {
			/* never more than there is */
			assert_true(n == solution.nr_order || chunk);
			continue;
		}
		exact++;
		assert_int_equal(n < solution.nr_order, !!chunk);
		if (chunk > ANY_CHUNK)
			assert_int_equal(solution.order_chunk[n], chunk);
	}
	for (n = 1; n < solution.nr_order; n++) {
		u32 a = solution.order[n - 1], b = solution.order[n];

		assert_true(m->heaps[a].priority < m->heaps[b].priority ||
			    (m->heaps[a].priority == m->heaps[b].priority && a < b));
	}
	if (solution.error == -EINVAL)
		assert_false(oracle_possible(m));
	if (solution.error == -ENODEV && exact == m->nr_heaps)
		for (h = 0; h < m->nr_heaps; h++)
			assert_int_equal(oracle_heap(m, h), 0);
}

/* Contradictions must be called that: no heap is to be blamed for them. */
static void check_contradictions(const struct machine *m)
{
	bool any = false;
	u32 i;

	for (i = 0; i <= ORACLE_ATOMS; i++)
		any |= m->common[i];
	if (!any || !m->banks)
		assert_int_equal(solution.error, -EINVAL);
	for (i = 0; i < m->nr_devices; i++) {
		const struct oracle_device *d = &m->devices[i];

		if (d->limits.flags & CEN_LIMIT_IOMMU && !oracle_iova_serves(d, m->req.size / PAGE))
			assert_int_equal(solution.error, -EINVAL);
	}
}

/* -------------------------------------------------------------- honest */

/* Does it say what can be true of any machine? */
static void check_reason(const struct machine *m, const struct cen_reason *r)
{
	if (r->device != CEN_NO_INDEX)
		assert_true(r->device < m->nr_devices);
	if (r->heap != CEN_NO_INDEX)
		assert_true(r->heap < m->nr_heaps && m->heaps[r->heap].disabled != ENODEV);
	assert_int_equal(r->heap == CEN_NO_INDEX, solution.error == -EINVAL);
	switch (r->code) {
	case CEN_WHY_ADDR:
		assert_true(r->wanted < r->offered && r->offered <= 64);
		break;
	case CEN_WHY_WINDOW:
		assert_true(r->wanted <= 64 && r->offered <= 64);
		break;
	case CEN_WHY_CONTIG:
	case CEN_WHY_SEGS:
	case CEN_WHY_SEG_SIZE:
	case CEN_WHY_ALIGN:
	case CEN_WHY_SIZE:
	case CEN_WHY_IOVA:
		assert_true(r->wanted > r->offered);
		break;
	case CEN_WHY_BANK:
	case CEN_WHY_HEAP_FLAGS:
		assert_int_equal(r->wanted & r->offered, 0);
		break;
	case CEN_WHY_INVALID:
		assert_int_equal(m->constraints[r->device].nr_windows, 0);
		break;
	case CEN_WHY_DISABLED:
		assert_int_equal(r->offered, m->heaps[r->heap].disabled);
		break;
	default:
		fail_msg("reason code %u", r->code);
	}
}

/* Give heap @r->heap what the reason asks for. False: it is not the heap's to give. */
static bool mend(struct machine *m, const struct cen_reason *r)
{
	struct cen_heap_props *heap = &m->heaps[r->heap];

	switch (r->code) {
	case CEN_WHY_CONTIG:
		heap->chunk_max = r->wanted;
		return true;
	case CEN_WHY_ALIGN:
		heap->align_max = r->wanted;
		return true;
	case CEN_WHY_BANK:
		heap->banks = r->wanted;
		return true;
	case CEN_WHY_HEAP_FLAGS:
		m->req.heap_mask |= r->offered;
		return true;
	case CEN_WHY_SIZE:
		if (heap->capacity != r->offered)
			return false;
		heap->capacity = r->wanted;
		return true;
	case CEN_WHY_DISABLED:
		heap->disabled = 0;
		return true;
	}
	return false;
}

/* Mend all that @reasons say of heap @h. False: something is not the heap's to give. */
static bool mend_all(struct machine *m, u32 h, const struct cen_reason *reasons, u32 nr)
{
	bool all = true;
	u32 i, said = 0;

	for (i = 0; i < nr; i++) {
		if (reasons[i].heap != h)
			continue;
		said++;
		all &= mend(m, &reasons[i]);
	}
	/* every heap that is there has a reason, and one that is not has none */
	assert_int_equal(!said, m->heaps[h].disabled == ENODEV);
	return said && all;
}

/*
 * Mend a heap until nothing is said of it any more: then it must be the one that will do. What
 * is disabled, or not asked for, has only that said of it at first, so it takes a few rounds;
 * but each must say something new.
 */
static u32 check_mending(const struct machine *m, u32 nr_reasons)
{
	struct machine mended;
	u32 h, round, done = 0;

	for (h = 0; h < m->nr_heaps; h++) {
		struct cen_reasons why = { .list = other_list, .room = COUNT(other_list) };
		int ret = -ENODEV;

		mended = *m;
		if (!mend_all(&mended, h, list, nr_reasons))
			continue;
		for (round = 0; round < 5; round++) {
			why.count = 0;
			ret = cen_solve(&merged, mended.heaps, m->nr_heaps, &mended.req, &again,
					&why);
			if (!ret || !mend_all(&mended, h, other_list, why.count))
				break;
		}
		assert_true(round < 5);
		if (!ret)
			assert_int_equal(again.plan.heaps, 1U << h);
		done += !ret;
	}
	return done;
}

/* -------------------------------------------------------------- the properties */

static bool passed;

static int begin(void **state)
{
	(void)state;
	passed = false;
	return 0;
}

static int end(void **state)
{
	(void)state;
	if (!passed)
		describe(&machine);
	return 0;
}

static void merge_in_order(const struct machine *m, struct cen_merged *to)
{
	u32 i;

	cen_merged_init(to);
	for (i = 0; i < m->nr_devices; i++)
		assert_int_equal(cen_merged_add(to, &m->constraints[i], i), 0);
}

static void plans_and_refusals(void **state)
{
	struct rng rng = { unit_seed() };
	u64 n, cases = unit_cases(20000);
	u64 plans = 0, nodev = 0, inval = 0, built = 0, mended = 0;

	(void)state;
	for (n = 0; n < cases; n++) {
		struct cen_reasons why = { .list = list, .room = COUNT(list) };
		u32 i;

		random_machine(&rng, &machine);
		merge_in_order(&machine, &merged);
		cen_solve(&merged, machine.heaps, machine.nr_heaps, &machine.req, &solution, &why);

		check_complete(&machine);
		check_contradictions(&machine);
		if (!solution.error) {
			plans++;
			assert_int_equal(why.count, 0);
			built += check_sound(&rng, &machine);
			continue;
		}
		assert_true(why.count <= COUNT(list));
		for (i = 0; i < why.count; i++)
			check_reason(&machine, &list[i]);
		if (solution.error == -EINVAL) {
			inval++;
			assert_true(why.count);
		} else {
			nodev++;
			mended += check_mending(&machine, why.count);
		}
	}
	printf("# %llu plans, %llu without a heap, %llu contradictions\n", plans, nodev, inval);
	printf("# %llu storages, %llu heaps mended\n", built, mended);
	/* the generator must not have gone stale */
	assert_true(plans > cases / 5 && nodev > cases / 10 && inval > cases / 20);
	assert_true(built > plans && mended > nodev / 10);
	passed = true;
}

/* Explanations included. */
static void order_does_not_matter(void **state)
{
	struct rng rng = { unit_seed() };
	u64 n, cases = unit_cases(20000);

	(void)state;
	for (n = 0; n < cases; n++) {
		struct cen_reasons why = { .list = list, .room = COUNT(list) };
		struct cen_reasons too = { .list = other_list, .room = COUNT(other_list) };
		u32 order[ORACLE_DEVICES], i, j;

		random_machine(&rng, &machine);
		merge_in_order(&machine, &merged);
		for (i = 0; i < machine.nr_devices; i++) {
			j = rng_below(&rng, i + 1);
			order[i] = order[j];
			order[j] = i;
		}
		cen_merged_init(&other);
		for (i = 0; i < machine.nr_devices; i++)
			assert_int_equal(cen_merged_add(&other, &machine.constraints[order[i]],
							order[i]), 0);
		assert_true(cen_merged_equal(&merged, &other));
		memset(&solution, 0, sizeof(solution));
		memset(&again, 0, sizeof(again));
		cen_solve(&merged, machine.heaps, machine.nr_heaps, &machine.req, &solution, &why);
		cen_solve(&other, machine.heaps, machine.nr_heaps, &machine.req, &again, &too);
		assert_memory_equal(&solution, &again, sizeof(solution));
		assert_int_equal(why.count, too.count);
		assert_memory_equal(list, other_list, why.count * sizeof(list[0]));
	}
	passed = true;
}

/* One device more never helps. */
static void devices_only_take_away(void **state)
{
	struct rng rng = { unit_seed() };
	u64 n, cases = unit_cases(20000);

	(void)state;
	for (n = 0; n < cases; n++) {
		u32 i, heaps = U32_MAX;

		random_machine(&rng, &machine);
		cen_merged_init(&merged);
		for (i = 0; i <= machine.nr_devices; i++) {
			cen_solve(&merged, machine.heaps, machine.nr_heaps, &machine.req, &solution,
				  NULL);
			assert_int_equal(solution.plan.heaps & ~heaps, 0);
			heaps = solution.plan.heaps;
			if (i < machine.nr_devices)
				assert_int_equal(cen_merged_add(&merged, &machine.constraints[i],
								i), 0);
		}
	}
	passed = true;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(plans_and_refusals, begin, end),
		cmocka_unit_test_setup_teardown(order_does_not_matter, begin, end),
		cmocka_unit_test_setup_teardown(devices_only_take_away, begin, end),
	};

	return unit_run("properties", tests, COUNT(tests));
}
