// SPDX-License-Identifier: GPL-2.0
/*
 * The registry of heaps: numbered slots, references, accounting.
 */
#include <linux/atomic.h>
#include <linux/module.h>
#include <linux/rwsem.h>
#include <linux/string.h>

#include "../compat/compat.h"
#include "heap.h"
#include "zones.h"

/* Guards the slots and cen_heap.gone. Never held while memory is allocated or freed. */
static DECLARE_RWSEM(cen_heaps_lock);
static struct cen_heap *cen_heaps[CEN_MAX_HEAPS];
static u32 cen_heaps_end;	/* no heap in this slot or beyond */
static u32 cen_heaps_foreign;	/* usable ones of other modules */
static atomic64_t cen_heaps_changes;

static bool cen_heap_usable(const struct cen_heap *heap)
{
	return heap && !heap->gone;
}

static bool cen_heap_foreign(const struct cen_heap *heap)
{
	return heap->owner != THIS_MODULE;
}

void cen_heaps_changed(void)
{
	/* after what has changed, before who asks for it next */
	atomic64_inc_return(&cen_heaps_changes);
}

u64 cen_heaps_stamp(void)
{
	return READ_ONCE(cen_heaps_foreign) ? 0 :
	       atomic64_read_acquire(&cen_heaps_changes) + cen_zones_changes();
}

/**
 * cen_heap_register - offer a heap
 * @heap: with @name, @ops, @flags and @owner set; the rest is the registry's
 *
 * From here on buffers may be placed in it.
 *
 * Context: May sleep. Not from @ops.
 * Return: 0; -EINVAL: no or too long a name, or an operation is missing; -EEXIST: the name
 * is taken; -ENOSPC: there are CEN_MAX_HEAPS already.
 */
int cen_heap_register(struct cen_heap *heap)
{
	int slot = -1;
	int ret = 0;
	int i;

	might_sleep();
	if (!heap->name || !*heap->name || strlen(heap->name) >= CEN_HEAP_NAME_LEN)
		return -EINVAL;
	if (!heap->ops || !heap->ops->props || !heap->ops->alloc || !heap->ops->free)
		return -EINVAL;

	down_write(&cen_heaps_lock);
	for (i = CEN_MAX_HEAPS - 1; i >= 0; i--) {
		if (!cen_heaps[i])
			slot = i;
		else if (!cen_heaps[i]->gone && !strcmp(cen_heaps[i]->name, heap->name))
			ret = -EEXIST;
	}
	if (!ret && slot < 0)
		ret = -ENOSPC;
	if (!ret) {
		heap->index = slot;
		heap->gone = false;
		refcount_set(&heap->refs, 1);
		atomic64_set(&heap->used, 0);
		init_completion(&heap->released);
		cen_heaps[slot] = heap;
		cen_heaps_end = max_t(u32, cen_heaps_end, slot + 1);
		WRITE_ONCE(cen_heaps_foreign, cen_heaps_foreign + cen_heap_foreign(heap));
		cen_heaps_changed();
	}
	up_write(&cen_heaps_lock);
	return ret;
}
CEN_EXPORT(cen_heap_register);

static void cen_heap_put(struct cen_heap *heap)
{
	if (!refcount_dec_and_test(&heap->refs))
		return;

	down_write(&cen_heaps_lock);
	cen_heaps[heap->index] = NULL;
	while (cen_heaps_end && !cen_heaps[cen_heaps_end - 1])
		cen_heaps_end--;
	up_write(&cen_heaps_lock);

	/* after either of these @heap may be no more */
	if (heap->ops->release)
		heap->ops->release(heap);
	else
		complete(&heap->released);
}

/**
 * cen_heap_unregister - withdraw a heap
 * @heap: registered
 *
 * Nothing is allocated from it afterwards. Without ops->release this waits until its last
 * buffer is gone, which is at once when called from the owner's module_exit: buffers hold
 * the owner. With ops->release it returns at once, and @heap stays valid until that is called.
 *
 * Context: May sleep. Without ops->release, holding nothing that the release of a buffer needs.
 */
void cen_heap_unregister(struct cen_heap *heap)
{
	bool wait = !heap->ops->release;

	down_write(&cen_heaps_lock);
	heap->gone = true;
	WRITE_ONCE(cen_heaps_foreign, cen_heaps_foreign - cen_heap_foreign(heap));
	cen_heaps_changed();
	up_write(&cen_heaps_lock);

	cen_heap_put(heap);
	if (wait)
		wait_for_completion(&heap->released);
}
CEN_EXPORT(cen_heap_unregister);

/* Of our own module every buffer has a reference already. */
static bool cen_heap_get_module(struct cen_heap *heap)
{
	return !cen_heap_foreign(heap) || try_module_get(heap->owner);
}

/* A usable heap with references on it and its module, or NULL. */
static struct cen_heap *cen_heap_get(u32 index)
{
	struct cen_heap *heap = NULL;

	if (index >= CEN_MAX_HEAPS)
		return NULL;

	down_read(&cen_heaps_lock);
	if (cen_heap_usable(cen_heaps[index]) && cen_heap_get_module(cen_heaps[index])) {
		heap = cen_heaps[index];
		refcount_inc(&heap->refs);
	}
	up_read(&cen_heaps_lock);
	return heap;
}

static void cen_heap_put_module(struct cen_heap *heap)
{
	struct module *owner = heap->owner;

	cen_heap_put(heap);
	if (owner != THIS_MODULE)
		module_put(owner);
}

u32 cen_heaps_snapshot(struct cen_heap_props *props)
{
	u32 nr, i;

	down_read(&cen_heaps_lock);
	nr = cen_heaps_end;
	memset(props, 0, nr * sizeof(*props));
	for (i = 0; i < nr; i++) {
		if (cen_heap_usable(cen_heaps[i]))
			cen_heaps[i]->ops->props(cen_heaps[i], &props[i]);
		else
			props[i].disabled = ENODEV;
	}
	up_read(&cen_heaps_lock);
	return nr;
}

int cen_heap_alloc(u32 index, const struct cen_alloc_request *req,
		   struct cen_storage *storage)
{
	struct cen_heap *heap;
	u64 had;
	int ret;

	might_sleep();

	memset(storage, 0, sizeof(*storage));
	heap = cen_heap_get(index);
	if (!heap)
		return -ENODEV;

	storage->heap = heap;
	storage->size = req->size;
	ret = heap->ops->alloc(heap, req, storage);
	if (ret)
		goto err_reset;

	/*
	 * The plan rests on this: a heap must not be trusted with it. Memory that was
	 * added while the properties were being read can be beyond what they told, too.
	 */
	if (!cen_storage_fits(storage, req)) {
		ret = -ENOMEM;
		goto err_free;
	}
	atomic64_add(req->size, &heap->used);
	return 0;

err_free:
	heap->ops->free(heap, storage);
err_reset:
	had = storage->had ?: cen_storage_sum(storage);
	cen_storage_reset(storage);
	storage->had = had;
	cen_heap_put_module(heap);
	return ret;
}

void cen_storage_free(struct cen_storage *storage)
{
	struct cen_heap *heap = storage->heap;
	u64 size = storage->size;

	if (!heap)
		return;

	might_sleep();
	heap->ops->free(heap, storage);
	cen_storage_reset(storage);
	atomic64_sub(size, &heap->used);
	cen_heap_put_module(heap);
}

static void cen_heap_tell(struct cen_heap *heap, struct cen_heap_info *info)
{
	struct cen_heap_props props = {};
	u32 i;

	heap->ops->props(heap, &props);
	info->chunk_max = props.chunk_max;
	info->align_max = props.align_max;
	info->capacity = props.capacity == U64_MAX ? 0 : props.capacity;
	info->used = atomic64_read(&heap->used);
	info->pooled = heap->ops->pooled ? heap->ops->pooled(heap) : 0;
	info->banks = props.banks;
	info->flags = heap->flags;
	info->priority = props.priority;
	info->addr_bits_min = cen_addr_bits(U64_MAX);
	for (i = 0; i < props.nr_reach; i++) {
		/* one that takes any window can be asked for its lowest page alone */
		u64 last = props.arbitrary ? props.reach[i].first + PAGE_SIZE - 1 :
					     props.reach[i].last;

		info->addr_bits_min = min(info->addr_bits_min, cen_addr_bits(last));
	}
	strscpy_pad(info->name, heap->name, sizeof(info->name));
}

int cen_heap_get_info(struct cen_heap_info *info)
{
	int ret = -ENOENT;

	if (info->index >= CEN_MAX_HEAPS)
		return -EINVAL;

	down_read(&cen_heaps_lock);
	if (cen_heap_usable(cen_heaps[info->index])) {
		cen_heap_tell(cen_heaps[info->index], info);
		ret = 0;
	}
	up_read(&cen_heaps_lock);
	return ret;
}

void cen_heap_name(u32 index, char name[CEN_HEAP_NAME_LEN])
{
	down_read(&cen_heaps_lock);
	if (index < CEN_MAX_HEAPS && cen_heaps[index])
		strscpy_pad(name, cen_heaps[index]->name, CEN_HEAP_NAME_LEN);
	else
		strscpy_pad(name, "?", CEN_HEAP_NAME_LEN);
	up_read(&cen_heaps_lock);
}
