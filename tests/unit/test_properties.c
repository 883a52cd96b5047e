// SPDX-License-Identifier: GPL-2.0
/*
 * Random devices and heaps on a machine of 64 pages, solver against oracle.
 *
 *   sound      whatever a heap builds within a plan serves every device
 *   complete   where there is a plan, the solver finds it, with the smallest chunk
 *   honest     a refusal's reasons hold: mend the one limit named and the heap will do
 */
#include "machine.h"

static struct machine machine;
static struct cen_merged merged, other;
static struct cen_solution solution, again;
static struct cen_reason list[256], other_list[256];

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

		assert_false(machine_heap_is_out(m, solution.order[n]));
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
		u64 chunk = machine_chunk(m, h);

		for (n = 0; n < solution.nr_order && solution.order[n] != h; n++)
			;
		if (!oracle_exact(m->devices, m->nr_devices, heap->chunk_max, heap->align_max)) {
			/* never more than there is */
			assert_true(n == solution.nr_order || chunk);
			continue;
		}
		exact++;
		assert_int_equal(n < solution.nr_order, !!chunk);
		if (chunk > MACHINE_ANY_CHUNK)
			assert_int_equal(solution.order_chunk[n], chunk);
	}
	for (n = 1; n < solution.nr_order; n++) {
		u32 a = solution.order[n - 1], b = solution.order[n];

		assert_true(m->heaps[a].priority < m->heaps[b].priority ||
			    (m->heaps[a].priority == m->heaps[b].priority && a < b));
	}
	if (solution.error == -EINVAL)
		assert_false(machine_possible(m));
	if (solution.error == -ENODEV && exact == m->nr_heaps)
		for (h = 0; h < m->nr_heaps; h++)
			assert_int_equal(machine_chunk(m, h), 0);
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
		machine_describe(&machine);
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

		machine_random(&rng, &machine);
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

		machine_random(&rng, &machine);
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

		machine_random(&rng, &machine);
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
