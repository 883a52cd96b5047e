// SPDX-License-Identifier: GPL-2.0
/*
 * The buffer object: creation, lifetime and the list of all buffers.
 */
#include <linux/cred.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "buffer.h"

static DEFINE_SPINLOCK(cen_buffers_lock);
/* Sorted by id, which only grows. P: cen_buffers_lock */
static LIST_HEAD(cen_buffers);
static u64 cen_last_id;		/* P: cen_buffers_lock */

static void cen_buffer_free(struct kref *ref)
{
	struct cen_buffer *buffer = container_of(ref, struct cen_buffer, ref);

	dma_resv_fini(&buffer->resv);
	put_pid(buffer->creator);
	cen_user_put(buffer->user);
	kfree(buffer->last);
	kfree(buffer);
}

void cen_buffer_put(struct cen_buffer *buffer)
{
	kref_put(&buffer->ref, cen_buffer_free);
}

/*
 * An EMPTY buffer, not yet exported: no memory but its own structure. Listings
 * find it from here on. Released with cen_buffer_release().
 */
struct cen_buffer *cen_buffer_new(const struct cen_create_args *args)
{
	struct cen_buffer *buffer;
	u64 size;

	if (args->flags & ~CEN_CREATE_FLAGS)
		return ERR_PTR(-EINVAL);
	if (args->align && !is_power_of_2(args->align))
		return ERR_PTR(-EINVAL);
	if (!args->size || args->size > S64_MAX - PAGE_SIZE)
		return ERR_PTR(-EINVAL);
	size = PAGE_ALIGN(args->size);
	/* dma-buf sizes are size_t, page counts of chunks and vmap are 32 bits */
	if (size > SIZE_MAX || size >> PAGE_SHIFT > U32_MAX)
		return ERR_PTR(-EINVAL);
	if (size > cen_quota_bytes())
		return ERR_PTR(-EDQUOT);

	buffer = kzalloc(sizeof(*buffer), GFP_KERNEL_ACCOUNT);
	if (!buffer)
		return ERR_PTR(-ENOMEM);

	buffer->user = cen_user_get(current_uid());
	if (IS_ERR(buffer->user)) {
		struct cen_user *err = buffer->user;

		kfree(buffer);
		return ERR_CAST(err);
	}

	kref_init(&buffer->ref);
	dma_resv_init(&buffer->resv);
	INIT_LIST_HEAD(&buffer->uses);
	INIT_LIST_HEAD(&buffer->attachments);
	buffer->size = size;
	buffer->align = args->align;
	buffer->flags = args->flags;
	buffer->heap_mask = args->heap_mask;
	buffer->creator = get_pid(task_tgid(current));
	/* our own name, which ends with a zero at any time: nothing to lock */
	memcpy(buffer->comm, current->comm, sizeof(buffer->comm));

	spin_lock(&cen_buffers_lock);
	buffer->id = ++cen_last_id;
	list_add_tail(&buffer->node, &cen_buffers);
	spin_unlock(&cen_buffers_lock);
	return buffer;
}

/*
 * The last file is gone (or export failed): nothing maps, mmaps or attaches any
 * more. Give everything back but what a listing may still look at.
 */
void cen_buffer_release(struct cen_buffer *buffer)
{
	struct cen_use *use, *next;

	spin_lock(&cen_buffers_lock);
	list_del(&buffer->node);
	spin_unlock(&cen_buffers_lock);

	dma_resv_lock(&buffer->resv, NULL);
	WARN_ON(buffer->maps || buffer->vmap.users || !list_empty(&buffer->attachments));
	buffer->dmabuf = NULL;
	if (cen_buffer_backed(buffer)) {
		cen_storage_free(&buffer->storage);
		cen_user_uncharge(buffer->user, buffer->size);
	}
	list_for_each_entry_safe(use, next, &buffer->uses, node) {
		list_del(&use->node);
		cen_use_free(use);
	}
	buffer->nr_uses = 0;
	dma_resv_unlock(&buffer->resv);

	cen_buffer_put(buffer);
}

struct cen_buffer *cen_buffer_from_dmabuf(const struct dma_buf *dmabuf)
{
	if (dmabuf->ops != &cen_dma_buf_ops)
		return ERR_PTR(-EINVAL);
	return dmabuf->priv;
}

struct cen_buffer *cen_buffer_next(u64 id)
{
	struct cen_buffer *buffer, *found = NULL;

	spin_lock(&cen_buffers_lock);
	list_for_each_entry(buffer, &cen_buffers, node) {
		if (buffer->id > id) {
			kref_get(&buffer->ref);
			found = buffer;
			break;
		}
	}
	spin_unlock(&cen_buffers_lock);
	return found;
}
