// SPDX-License-Identifier: GPL-2.0
/*
 * Ask the solver, carry out its plan: back an EMPTY buffer, move a BACKED one.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "buffer.h"
#include "trace.h"

/**
 * struct cen_work - one run of the solver, too large for a kernel stack
 * @merged: the meet of all devices
 * @heaps: snapshot of the heaps
 * @solution: the verdict
 * @why: the reasons of a refusal
 * @list: their room
 * @set: the devices, in the order that reason indices count them
 * @nr: number of @set
 */
struct cen_work {
	struct cen_merged merged;
	struct cen_heap_props heaps[CEN_MAX_HEAPS];
	struct cen_solution solution;
	struct cen_reasons why;
	struct cen_reason list[CEN_REFUSAL_REASONS];
	const struct cen_use *set[CEN_MAX_DEVICES];
	u32 nr;
};

/*
 * A cache of its own, with a constructor: backing a small buffer takes less time than
 * clearing 13 KiB, which kernels with init_on_alloc=1 spare only caches that have one.
 * The solver writes all that it or we read.
 */
static struct kmem_cache *cen_work_cache;

static void cen_work_construct(void *object)
{
	struct cen_work *work = object;

	memset(work, 0, sizeof(*work));
	work->why.list = work->list;
	work->why.room = ARRAY_SIZE(work->list);
}

int cen_plan_init(void)
{
	/* CEN_IOC_EXPLAIN copies the reasons out from here */
	cen_work_cache = kmem_cache_create_usercopy("cen_work", sizeof(struct cen_work), 0, 0,
						    offsetof(struct cen_work, list),
						    sizeof_field(struct cen_work, list),
						    cen_work_construct);
	return cen_work_cache ? 0 : -ENOMEM;
}

void cen_plan_exit(void)
{
	kmem_cache_destroy(cen_work_cache);
}

struct cen_work *cen_work_new(void)
{
	struct cen_work *work = kmem_cache_alloc(cen_work_cache, GFP_KERNEL);

	if (work) {
		work->why.count = 0;
		work->nr = 0;
	}
	return work;
}

void cen_work_free(struct cen_work *work)
{
	if (work)
		kmem_cache_free(cen_work_cache, work);
}

const struct cen_plan *cen_work_plan(const struct cen_work *work)
{
	return &work->solution.plan;
}

const struct cen_reason *cen_work_reasons(const struct cen_work *work, u32 *nr)
{
	*nr = min(work->why.count, work->why.room);
	return work->list;
}

u32 cen_work_names(const struct cen_work *work, char (*names)[CEN_NAME_LEN], u32 room)
{
	u32 i;

	for (i = 0; i < min(work->nr, room); i++)
		strscpy(names[i], work->set[i]->name, CEN_NAME_LEN);
	return work->nr;
}

static void cen_work_say(struct cen_work *work, u32 code, u32 device, u32 heap, u64 wanted,
			 u64 offered)
{
	if (work->why.count < work->why.room) {
		work->list[work->why.count] = (struct cen_reason) {
			.code = code,
			.device = device,
			.other = CEN_NO_INDEX,
			.heap = heap,
			.wanted = wanted,
			.offered = offered,
		};
	}
	work->why.count++;
}

/* Solve for work->set. */
static int cen_work_solve(struct cen_work *work, u64 size, u64 align, u32 heap_mask)
{
	struct cen_request req = {
		.size = size,
		.align = align,
		.page = PAGE_SIZE,
		.heap_mask = heap_mask,
	};
	u32 i, nr_heaps;
	int ret;

	cen_merged_init(&work->merged);
	for (i = 0; i < work->nr; i++) {
		ret = cen_merged_add(&work->merged, &work->set[i]->facts.constraints, i);
		if (ret)
			return ret;
	}
	nr_heaps = cen_heaps_snapshot(work->heaps);
	work->why.count = 0;
	ret = cen_solve(&work->merged, work->heaps, nr_heaps, &req, &work->solution, &work->why);
	if (ret)
		trace_cen_refusal(0, size, ret, &work->list[0], min(work->why.count, work->why.room));
	else
		trace_cen_plan(size, &work->solution.plan, work->nr);
	return ret;
}

int cen_plan_uses(const struct cen_create_args *args, struct cen_use **uses, u32 nr,
		  struct cen_work *work)
{
	if (nr > CEN_MAX_DEVICES)
		return -E2BIG;
	memcpy(work->set, uses, nr * sizeof(*uses));
	work->nr = nr;
	return cen_work_solve(work, PAGE_ALIGN(args->size), args->align, args->heap_mask);
}

/* Does the memory that @buffer has serve @use? */
static int cen_buffer_fits_locked(struct cen_buffer *buffer, const struct cen_use *use,
				  u32 index, struct cen_work *work)
{
	struct cen_fit fit;
	u32 i;

	cen_fit_begin(&fit, &use->facts.constraints, PAGE_SIZE, buffer->banks, index, &work->why);
	for (i = 0; i < buffer->storage.nr_chunks; i++) {
		const struct cen_chunk *chunk = &buffer->storage.chunks[i];
		u64 first = page_to_phys(chunk->page);

		cen_fit_chunk(&fit, first, first + ((u64)chunk->nr_pages << PAGE_SHIFT) - 1);
	}
	return cen_fit_end(&fit);
}

int cen_buffer_check_locked(struct cen_buffer *buffer, struct cen_use **fresh, u32 nr,
			    struct cen_work *work, bool *move)
{
	bool fits = true, recut = false;
	struct cen_use *use;
	u32 i, first;

	dma_resv_assert_held(&buffer->resv);
	*move = false;
	work->nr = 0;
	work->why.count = 0;

	/* The uses the buffer has, without those that @fresh replaces, then @fresh. */
	list_for_each_entry(use, &buffer->uses, node) {
		for (i = 0; i < nr && !cen_use_same(use, fresh[i]); i++)
			;
		if (i == nr)
			work->set[work->nr++] = use;
	}
	first = work->nr;
	for (i = 0; i < nr; i++) {
		if (work->nr == CEN_MAX_DEVICES)
			return -E2BIG;
		work->set[work->nr++] = fresh[i];
	}

	if (!cen_buffer_backed(buffer))
		return cen_work_solve(work, buffer->size, buffer->align, buffer->heap_mask);

	work->solution.plan = buffer->plan;
	for (i = first; i < work->nr; i++) {
		const struct cen_use *old = cen_use_find_locked(buffer, work->set[i]);

		if (cen_buffer_fits_locked(buffer, work->set[i], i, work))
			fits = false;
		/* the memory would do, but the table in use is cut too large */
		else if (old && !cen_use_maps_keep_locked(buffer, old,
							  &work->set[i]->facts.constraints))
			recut = true;
	}
	if (fits && !recut)
		return 0;

	if (recut || buffer->maps || buffer->vmap.users) {
		cen_work_say(work, CEN_WHY_MAPPED, CEN_NO_INDEX, CEN_NO_INDEX, 0,
			     buffer->maps + buffer->vmap.users);
		return -EBUSY;
	}
	*move = true;
	return cen_work_solve(work, buffer->size, buffer->align, buffer->heap_mask);
}

/* The device that leaves the DMA API least room: heaps ask in its name. */
static struct device *cen_work_narrowest(const struct cen_work *work)
{
	struct device *dev = NULL;
	u64 least = U64_MAX;
	u32 i;

	for (i = 0; i < work->nr; i++) {
		const struct cen_constraints *c = &work->set[i]->facts.constraints;
		u64 last = c->nr_windows ? c->windows[c->nr_windows - 1].last : 0;

		if (work->set[i]->dev && (!dev || last < least)) {
			dev = work->set[i]->dev;
			least = last;
		}
	}
	return dev;
}

/* How heap @i of the solution's order is asked, and what the plan is then. */
static void cen_work_place(const struct cen_work *work, u32 i, u64 size,
			   struct cen_place *place)
{
	const struct cen_solution *s = &work->solution;

	place->plan = s->plan;
	place->plan.heap = s->order[i];
	place->plan.chunk = s->order_chunk[i];
	place->plan.align = s->order_align[i];
	place->plan.addr_bits = cen_addr_bits(s->order_window[i].last);
	if (place->plan.chunk < size)
		place->plan.flags &= ~CEN_PLAN_CONTIGUOUS;
	else
		place->plan.flags |= CEN_PLAN_CONTIGUOUS;
	place->window = s->order_window[i];
	place->reach = s->order_reach[i];
	place->banks = work->heaps[s->order[i]].banks;
}

/*
 * Allocate what the solution says, falling back to the next heap that would do
 * when one is out of memory. On success @place tells which one served; when all are out of
 * memory, why lists what each had.
 */
static int cen_work_alloc(struct cen_work *work, const struct cen_buffer *buffer,
			  struct cen_storage *storage, struct cen_place *place)
{
	struct device *dev = cen_work_narrowest(work);
	int ret = -ENOMEM;
	u32 i;

	work->why.count = 0;
	for (i = 0; i < work->solution.nr_order; i++) {
		cen_work_place(work, i, buffer->size, place);
		ret = cen_place_alloc(place, buffer, dev, storage);
		/* a heap that went away meanwhile is as good as an empty one */
		if (ret != -ENOMEM && ret != -ENODEV)
			return ret;
		cen_work_say(work, place->plan.flags & CEN_PLAN_CONTIGUOUS ? CEN_WHY_PIECE :
			     CEN_WHY_MEMORY, CEN_NO_INDEX, place->plan.heap, buffer->size,
			     storage->had);
		ret = -ENOMEM;
	}
	trace_cen_refusal(buffer->id, buffer->size, ret, work->list,
			  min(work->why.count, work->why.room));
	return ret;
}

/* The storage of @buffer is what @place gave. */
static void cen_buffer_adopt_locked(struct cen_buffer *buffer, const struct cen_place *place)
{
	u64 last = 0;
	u32 i;

	buffer->plan = place->plan;
	buffer->banks = place->banks;
	for (i = 0; i < buffer->storage.nr_chunks; i++) {
		const struct cen_chunk *chunk = &buffer->storage.chunks[i];

		last = max_t(u64, last, page_to_phys(chunk->page) +
			     ((u64)chunk->nr_pages << PAGE_SHIFT) - 1);
	}
	buffer->addr_bits = cen_addr_bits(last);
}

/* As the last buffer without devices that was like it. Whatever fails is told the long way. */
static bool cen_buffer_back_alike_locked(struct cen_buffer *buffer, struct cen_place *place)
{
	if (buffer->nr_uses || !cen_place_recall(buffer, place))
		return false;
	if (cen_user_charge(buffer->user, buffer->size))
		return false;
	if (cen_place_alloc(place, buffer, NULL, &buffer->storage)) {
		/* those that come next need not try twice */
		cen_place_keep(buffer, 0, place);
		cen_user_uncharge(buffer->user, buffer->size);
		return false;
	}
	trace_cen_plan(buffer->size, &place->plan, 0);
	cen_buffer_adopt_locked(buffer, place);
	trace_cen_back(buffer);
	return true;
}

/*
 * EMPTY → BACKED; nothing to do when BACKED. -EINVAL, -ENODEV (refusal, kept for
 * explanation), -EDQUOT, -ENOMEM, -EINTR.
 */
int cen_buffer_back_locked(struct cen_buffer *buffer)
{
	struct cen_place place;
	struct cen_work *work;
	bool move;
	u64 heaps;
	int ret;

	dma_resv_assert_held(&buffer->resv);
	if (cen_buffer_backed(buffer) || cen_buffer_back_alike_locked(buffer, &place))
		return 0;

	work = cen_work_new();
	if (!work)
		return -ENOMEM;
	heaps = cen_heaps_stamp();
	ret = cen_buffer_check_locked(buffer, NULL, 0, work, &move);
	if (ret)
		goto err_refuse;
	ret = cen_user_charge(buffer->user, buffer->size);
	if (ret)
		goto err_refuse;
	ret = cen_work_alloc(work, buffer, &buffer->storage, &place);
	if (ret)
		goto err_uncharge;

	cen_buffer_adopt_locked(buffer, &place);
	trace_cen_back(buffer);
	if (heaps && !buffer->nr_uses && place.plan.heap == work->solution.order[0])
		cen_place_keep(buffer, heaps, &place);
	cen_work_free(work);
	return 0;

err_uncharge:
	cen_user_uncharge(buffer->user, buffer->size);
err_refuse:
	cen_buffer_refuse_locked(buffer, ret, work);
	cen_work_free(work);
	return ret;
}

static void cen_storage_copy(struct cen_storage *to, const struct cen_storage *from)
{
	struct cen_chunk *t = to->chunks;
	const struct cen_chunk *f = from->chunks;
	u32 ti = 0, fi = 0;
	u64 left;

	for (left = from->size >> PAGE_SHIFT; left; left--) {
		copy_highpage(t->page + ti, f->page + fi);
		if (++ti == t->nr_pages) {
			t++;
			ti = 0;
		}
		if (++fi == f->nr_pages) {
			f++;
			fi = 0;
		}
		cond_resched();
	}
}

/*
 * Move a BACKED buffer that nothing maps to where @work's solution says, keeping
 * its contents. User maps are zapped first: a CPU that touches the buffer meanwhile
 * faults and waits for the reservation.
 */
int cen_buffer_move_locked(struct cen_buffer *buffer, struct cen_work *work)
{
	struct cen_storage fresh = {}, old;
	struct cen_place place;
	int ret;

	dma_resv_assert_held(&buffer->resv);
	if (WARN_ON(buffer->maps || buffer->vmap.users))
		return -EBUSY;

	ret = cen_work_alloc(work, buffer, &fresh, &place);
	if (ret) {
		cen_buffer_refuse_locked(buffer, ret, work);
		return ret;
	}
	cen_buffer_zap_locked(buffer);
	cen_storage_move(&old, &buffer->storage);
	cen_storage_copy(&fresh, &old);
	cen_storage_move(&buffer->storage, &fresh);
	cen_buffer_adopt_locked(buffer, &place);
	buffer->moves++;
	trace_cen_move(buffer, old.heap->index);
	cen_storage_free(&old);
	return 0;
}

void cen_buffer_refuse_locked(struct cen_buffer *buffer, int error, struct cen_work *work)
{
	struct cen_refusal *refusal;

	dma_resv_assert_held(&buffer->resv);
	refusal = kzalloc(sizeof(*refusal), GFP_KERNEL | __GFP_NOWARN);
	if (!refusal)
		return;
	refusal->error = error;
	refusal->nr_reasons = min(work->why.count, work->why.room);
	memcpy(refusal->reasons, work->list, refusal->nr_reasons * sizeof(work->list[0]));
	refusal->nr_names = cen_work_names(work, refusal->names, CEN_MAX_DEVICES);
	kfree(buffer->last);
	buffer->last = refusal;
}

/* A refusal with a single reason, that of @use. */
void cen_buffer_refuse_one_locked(struct cen_buffer *buffer, int error, struct cen_use *use,
				  u32 code, u64 wanted, u64 offered)
{
	struct cen_work *work = cen_work_new();

	dma_resv_assert_held(&buffer->resv);
	if (!work)
		return;
	work->set[0] = use;
	work->nr = 1;
	cen_work_say(work, code, 0, CEN_NO_INDEX, wanted, offered);
	trace_cen_refusal(buffer->id, buffer->size, error, work->list, 1);
	cen_buffer_refuse_locked(buffer, error, work);
	cen_work_free(work);
}
