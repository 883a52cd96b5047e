// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The backend without the module: libcen declares, plans and refuses as the
 * module would, with the same solver, and takes memory from the heaps there are.
 * What comes after the hand-over, attach and map, it does not see.
 */
#include <unistd.h>

#include "fallback.h"

struct cen_fallback_buffer {
	struct cen_device_set declared;
	struct cen_explain last;	/* .error and the counts of the last refusal */
	struct cen_reason *last_reasons;
	char (*last_names)[CEN_NAME_LEN];
	uint64_t align;
	uint32_t heap_mask;
};

/* A question to the solver and its answer. */
struct fallback_case {
	struct cen_merged merged;
	struct cen_solution solution;
	struct cen_reason list[CEN_MAX_HEAPS * 8];
	struct cen_reasons why;
	const struct cen_device *devices[2 * CEN_MAX_DEVICES];
	uint32_t device_count;
};

int cen_fallback_open(struct cen_ctx *ctx)
{
	struct cen_fallback *fb = calloc(1, sizeof(*fb));
	int error = -ENOMEM;

	if (!fb)
		return cen_say(error, "out of memory");
	error = cen_fallback_find_heaps(fb, &ctx->roots);
	if (error) {
		free(fb);
		return cen_say(error, "no module cenalloc (%s/cenalloc), and neither %s/dma_heap nor %s/udmabuf to fall back to",
			       ctx->roots.dev, ctx->roots.dev, ctx->roots.dev);
	}
	fb->rules = cen_rules_new();
	if (!fb->rules) {
		free(fb);
		return -ENOMEM;
	}
	/* No rules are no error, and one bad rule is not a reason to have no buffers. */
	(void)cen_rules_load_dir(fb->rules, ctx->roots.rules);
	ctx->fallback = fb;
	ctx->ops = &cen_fallback_ops;
	return 0;
}

static void fallback_close(struct cen_ctx *ctx)
{
	cen_rules_free(ctx->fallback->rules);
	free(ctx->fallback);
}

static int fallback_heap_info(struct cen_ctx *ctx, struct cen_heap_info *info)
{
	const struct cen_fallback *fb = ctx->fallback;
	const struct fallback_heap *heap;
	uint32_t index = info->index;

	if (index >= fb->heap_count)
		return -ENOENT;
	heap = &fb->heaps[index];
	memset(info, 0, sizeof(*info));
	info->index = index;
	info->chunk_max = heap->props.chunk_max;
	info->align_max = heap->props.align_max;
	info->capacity = heap->props.capacity == UINT64_MAX ? 0 : heap->props.capacity;
	info->addr_bits_min = cen_addr_bits(heap->props.reach[0].last);
	info->priority = heap->props.priority;
	if (heap->kind == FALLBACK_CONTIGUOUS)
		info->flags = CEN_HEAP_CONTIGUOUS;
	memcpy(info->name, heap->name, sizeof(info->name));
	return 0;
}

/* All limits of one entry, from wherever they are known. */
static int device_constraints(struct cen_ctx *ctx, const struct cen_device *device,
			      struct cen_constraints *to, bool *known)
{
	struct cen_device_info info = { .sources = 0 };
	bool iommu;
	int error;

	if (device->flags & CEN_DEVICE_ANONYMOUS) {
		*known = true;
		info.limits = device->limits;
	} else {
		memcpy(info.name, device->name, sizeof(info.name));
		error = cen_fallback_device_info(ctx, &info);
		if (error)
			return error;
		*known = info.limits.addr_max || device->limits.addr_max;
		/* No bank left: no memory either, as the module has it. */
		if (cen_limits_tighten(&info.limits, &device->limits))
			return -EINVAL;
	}
	iommu = info.limits.flags & CEN_LIMIT_IOMMU;
	/* -EINVAL is the merge's to explain: *to then reaches nothing. */
	cen_constraints_from_limits(to, &info.limits, NULL, 0, iommu ? ctx->fallback->page : 1);
	return 0;
}

static int case_add(struct fallback_case *c, struct cen_ctx *ctx,
		    const struct cen_device *devices, size_t count, uint32_t *failed)
{
	for (size_t i = 0; i < count; i++) {
		struct cen_constraints constraints;
		bool known;
		int error;

		error = device_constraints(ctx, &devices[i], &constraints, &known);
		if (!error)
			error = cen_merged_add(&c->merged, &constraints, c->device_count);
		if (error) {
			*failed = (uint32_t)i;
			return error;
		}
		c->devices[c->device_count++] = &devices[i];
	}
	return 0;
}

/* Devices of @declared that @fresh names again are replaced by it. */
static void set_replace(struct cen_device_set *declared, const struct cen_device *fresh)
{
	size_t kept = 0;

	for (size_t i = 0; i < declared->count; i++)
		if (strcmp(declared->entries[i].name, fresh->name) != 0)
			declared->entries[kept++] = declared->entries[i];
	declared->count = kept;
}

static struct fallback_case *case_new(void)
{
	struct fallback_case *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	cen_merged_init(&c->merged);
	c->why.list = c->list;
	c->why.room = CEN_ARRAY_SIZE(c->list);
	return c;
}

static void case_solve(struct fallback_case *c, struct cen_ctx *ctx,
		       const struct cen_buffer *buf, uint64_t size, uint64_t align)
{
	const struct cen_fallback *fb = ctx->fallback;
	struct cen_heap_props props[CEN_MAX_HEAPS] = { 0 };
	struct cen_request request = { .size = size, .align = align, .page = fb->page };

	if (buf) {
		request.heap_mask = buf->fallback->heap_mask;
		if (buf->fd >= 0)
			request.heap_mask = 1U << buf->plan.heap;
	}
	for (uint32_t i = 0; i < fb->heap_count; i++) {
		props[i] = fb->heaps[i].props;
		/* Asked for explicitly, a heap of unknown nature may serve. */
		if (props[i].disabled == EOPNOTSUPP && request.heap_mask & (1U << i))
			props[i].disabled = 0;
	}
	cen_solve(&c->merged, props, fb->heap_count, &request, &c->solution, &c->why);
	/* Memory that is handed out cannot be moved from here. */
	if (c->solution.error == -ENODEV && buf && buf->fd >= 0)
		c->solution.error = -EBUSY;
}

/* The verdict of a case in the kernel's form. */
static int case_tell(const struct fallback_case *c, struct cen_explain *arg)
{
	char (*names)[CEN_NAME_LEN] = (void *)(uintptr_t)arg->names;
	struct cen_reason *reasons = (void *)(uintptr_t)arg->reasons;
	uint32_t count = c->why.count < c->why.room ? c->why.count : c->why.room;

	arg->error = c->solution.error;
	arg->plan = c->solution.plan;
	if (!c->solution.error)
		count = 0;
	for (uint32_t i = 0; i < count && i < arg->reasons_count; i++)
		reasons[i] = c->list[i];
	for (uint32_t i = 0; i < c->device_count && i < arg->names_count; i++)
		memcpy(names[i], c->devices[i]->name, CEN_NAME_LEN);
	arg->reasons_count = count;
	arg->names_count = c->device_count;
	return 0;
}

static void forget_last(struct cen_fallback_buffer *fbuf)
{
	free(fbuf->last_reasons);
	free(fbuf->last_names);
	fbuf->last_reasons = NULL;
	fbuf->last_names = NULL;
	memset(&fbuf->last, 0, sizeof(fbuf->last));
}

/* Without memory the refusal goes unremembered, but stays a refusal. */
static void keep_last(struct cen_fallback_buffer *fbuf, const struct fallback_case *c, int error)
{
	forget_last(fbuf);
	fbuf->last_reasons = calloc(CEN_ARRAY_SIZE(c->list), sizeof(*fbuf->last_reasons));
	fbuf->last_names = calloc(CEN_ARRAY_SIZE(c->devices), sizeof(*fbuf->last_names));
	if (!fbuf->last_reasons || !fbuf->last_names) {
		forget_last(fbuf);
		return;
	}
	fbuf->last.reasons = (uintptr_t)fbuf->last_reasons;
	fbuf->last.names = (uintptr_t)fbuf->last_names;
	fbuf->last.reasons_count = CEN_ARRAY_SIZE(c->list);
	fbuf->last.names_count = CEN_ARRAY_SIZE(c->devices);
	case_tell(c, &fbuf->last);
	fbuf->last.error = error;
}

static int tell_last(const struct cen_fallback_buffer *fbuf, struct cen_explain *arg)
{
	char (*names)[CEN_NAME_LEN] = (void *)(uintptr_t)arg->names;
	struct cen_reason *reasons = (void *)(uintptr_t)arg->reasons;

	if (!fbuf->last.error)
		return -ENODATA;
	arg->error = fbuf->last.error;
	for (uint32_t i = 0; i < fbuf->last.reasons_count && i < arg->reasons_count; i++)
		reasons[i] = fbuf->last_reasons[i];
	for (uint32_t i = 0; i < fbuf->last.names_count && i < arg->names_count; i++)
		memcpy(names[i], fbuf->last_names[i], CEN_NAME_LEN);
	arg->reasons_count = fbuf->last.reasons_count;
	arg->names_count = fbuf->last.names_count;
	return 0;
}

static int round_up(const struct cen_fallback *fb, uint64_t *size)
{
	if (!*size || *size > (uint64_t)INT64_MAX - fb->page)
		return -EINVAL;
	*size = (*size + fb->page - 1) & ~(fb->page - 1);
	return 0;
}

static int fallback_explain(struct cen_ctx *ctx, struct cen_buffer *buf,
			    struct cen_explain *arg)
{
	const struct cen_device *fresh = (const void *)(uintptr_t)arg->devices;
	uint64_t size = buf ? buf->size : arg->size;
	uint64_t align = buf ? buf->fallback->align : arg->align;
	struct cen_device_set declared = { .count = 0 };
	struct fallback_case *c;
	uint32_t failed;
	int error;

	if (buf && arg->flags & CEN_EXPLAIN_LAST)
		return tell_last(buf->fallback, arg);
	error = round_up(ctx->fallback, &size);
	if (error || align & (align - 1))
		return -EINVAL;
	c = case_new();
	if (!c)
		return -ENOMEM;
	if (buf)
		declared = buf->fallback->declared;
	for (uint32_t i = 0; i < arg->count; i++)
		set_replace(&declared, &fresh[i]);
	error = case_add(c, ctx, declared.entries, declared.count, &failed);
	if (!error)
		error = case_add(c, ctx, fresh, arg->count, &failed);
	if (!error) {
		case_solve(c, ctx, buf, size, align);
		error = case_tell(c, arg);
	}
	free(c);
	return error;
}

static int fallback_create(struct cen_buffer *buf, uint64_t align, uint32_t heap_mask,
			   uint32_t flags)
{
	const struct cen_fallback *fb = buf->ctx->fallback;
	uint32_t there = fb->heap_count == 32 ? ~0U : (1U << fb->heap_count) - 1;
	int error;

	if (flags & ~CEN_CREATE_FLAGS || align & (align - 1) || heap_mask & ~there)
		return -EINVAL;
	/* The heaps here charge nobody, and nothing may pretend they do. */
	if (flags & CEN_CREATE_ACCOUNT)
		return -EOPNOTSUPP;
	error = round_up(fb, &buf->size);
	if (error)
		return error;
	buf->fallback = calloc(1, sizeof(*buf->fallback));
	if (!buf->fallback)
		return -ENOMEM;
	buf->fallback->align = align;
	buf->fallback->heap_mask = heap_mask;
	return 0;
}

static int fallback_declare(struct cen_buffer *buf, const struct cen_device_set *set,
			    uint32_t *failed)
{
	struct cen_fallback_buffer *fbuf = buf->fallback;
	struct cen_device_set all = fbuf->declared;
	struct fallback_case *c;
	int error;

	for (size_t i = 0; i < set->count; i++)
		set_replace(&all, &set->entries[i]);
	if (all.count + set->count > CEN_MAX_DEVICES)
		return -E2BIG;
	c = case_new();
	if (!c)
		return -ENOMEM;
	error = case_add(c, buf->ctx, all.entries, all.count, failed);
	*failed = CEN_NO_INDEX;
	if (!error)
		error = case_add(c, buf->ctx, set->entries, set->count, failed);
	if (error)
		goto out;
	case_solve(c, buf->ctx, buf, buf->size, fbuf->align);
	error = c->solution.error;
	if (error) {
		keep_last(fbuf, c, error);
		goto out;
	}
	for (size_t i = 0; i < set->count; i++)
		all.entries[all.count++] = set->entries[i];
	fbuf->declared = all;
out:
	free(c);
	return error;
}

/* What kept a heap that would do from serving. */
static void case_failed(struct fallback_case *c, uint32_t heap, int error, uint64_t chunk,
			uint64_t size)
{
	struct cen_reason reason = {
		.code = error != -ENOMEM ? CEN_WHY_DISABLED :
			chunk < size ? CEN_WHY_MEMORY : CEN_WHY_PIECE,
		.device = CEN_NO_INDEX,
		.other = CEN_NO_INDEX,
		.heap = heap,
		.wanted = error == -ENOMEM ? size : 0,
		.offered = error == -ENOMEM ? 0 : -error,
	};

	if (c->why.count < c->why.room)
		c->why.list[c->why.count] = reason;
	c->why.count++;
}

/* Heaps in the solver's order, the next when one is out of memory. */
static int commit_from(struct cen_buffer *buf, struct fallback_case *c, struct cen_plan *plan)
{
	const struct cen_solution *solution = &c->solution;
	const struct cen_fallback *fb = buf->ctx->fallback;
	int fd = -ENODEV;

	c->why.count = 0;
	for (uint32_t i = 0; i < solution->nr_order; i++) {
		uint32_t heap = solution->order[i];

		fd = cen_fallback_alloc(&fb->heaps[heap], &buf->ctx->roots, buf->size);
		if (fd >= 0) {
			buf->fd = fd;
			*plan = solution->plan;
			plan->heap = heap;
			return 0;
		}
		case_failed(c, heap, fd, solution->order_chunk[i], buf->size);
		if (fd != -ENOMEM && fd != -EACCES && fd != -EPERM)
			break;
	}
	return fd;
}

static int fallback_commit(struct cen_buffer *buf, struct cen_plan *plan)
{
	struct cen_fallback_buffer *fbuf = buf->fallback;
	struct fallback_case *c;
	uint32_t failed;
	int error;

	if (buf->fd >= 0)
		return 0;
	c = case_new();
	if (!c)
		return -ENOMEM;
	error = case_add(c, buf->ctx, fbuf->declared.entries, fbuf->declared.count, &failed);
	if (!error) {
		case_solve(c, buf->ctx, buf, buf->size, fbuf->align);
		error = c->solution.error;
		if (!error) {
			error = commit_from(buf, c, plan);
			c->solution.error = error;
		}
		if (error)
			keep_last(fbuf, c, error);
	}
	free(c);
	return error;
}

static void fallback_release(struct cen_buffer *buf)
{
	if (!buf->fallback)
		return;
	forget_last(buf->fallback);
	free(buf->fallback);
}

bool cen_fallback_placed(const struct cen_buffer *buf)
{
	const struct cen_device_set *set = &buf->fallback->declared;

	for (size_t i = 0; i < set->count; i++) {
		struct cen_constraints constraints;
		bool known = false;

		if (device_constraints(buf->ctx, &set->entries[i], &constraints, &known) || !known)
			return false;
	}
	return true;
}

const struct cen_backend_ops cen_fallback_ops = {
	.close = fallback_close,
	.heap_info = fallback_heap_info,
	.device_info = cen_fallback_device_info,
	.explain = fallback_explain,
	.create = fallback_create,
	.declare = fallback_declare,
	.commit = fallback_commit,
	.release = fallback_release,
};
