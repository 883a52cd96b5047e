// SPDX-License-Identifier: GPL-2.0
/*
 * Fences that a test signals when it likes.
 */
#include <linux/dma-fence.h>
#include <linux/dma-resv.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "importer.h"

/* Holds the module: a fence outlives the file when a sync_file knows it. */
struct cti_dma_fence {
	struct dma_fence base;
	spinlock_t lock;
};

static const char *cti_fence_driver_name(struct dma_fence *fence)
{
	return "cen_test_importer";
}

static const char *cti_fence_timeline_name(struct dma_fence *fence)
{
	return "test";
}

static void cti_fence_free(struct dma_fence *base)
{
	kfree_rcu(container_of(base, struct cti_dma_fence, base), base.rcu);
	/* a module that goes waits for read sections of RCU before its code does */
	rcu_read_lock();
	module_put(THIS_MODULE);
	rcu_read_unlock();
}

static const struct dma_fence_ops cti_fence_ops = {
	.get_driver_name = cti_fence_driver_name,
	.get_timeline_name = cti_fence_timeline_name,
	.release = cti_fence_free,
};

static struct dma_fence *cti_fence_new(void)
{
	struct cti_dma_fence *f = kzalloc(sizeof(*f), GFP_KERNEL);

	if (!f)
		return NULL;
	__module_get(THIS_MODULE);
	spin_lock_init(&f->lock);
	/* one timeline each: nothing promises that tests signal in order */
	dma_fence_init(&f->base, &cti_fence_ops, &f->lock, dma_fence_context_alloc(1), 1);
	return &f->base;
}

struct cti_fence_object {
	struct cti_object object;
	struct dma_fence *fence;
};

static void cti_fence_signal(struct dma_fence *fence, int error)
{
	if (dma_fence_is_signaled(fence))
		return;
	if (error)
		dma_fence_set_error(fence, error);
	dma_fence_signal(fence);
}

static void cti_fence_object_release(struct cti_object *object)
{
	struct cti_fence_object *f = container_of(object, struct cti_fence_object, object);

	cti_fence_signal(f->fence, -ECANCELED);
	dma_fence_put(f->fence);
	kfree(f);
}

static const struct cti_object_ops cti_fence_object_ops = {
	.release = cti_fence_object_release,
};

static int cti_fence_add(struct dma_buf *dmabuf, struct dma_fence *fence, bool write)
{
	int ret;

	ret = dma_resv_lock_interruptible(dmabuf->resv, NULL);
	if (ret)
		return ret;
	ret = dma_resv_reserve_fences(dmabuf->resv, 1);
	if (!ret)
		dma_resv_add_fence(dmabuf->resv, fence,
				   write ? DMA_RESV_USAGE_WRITE : DMA_RESV_USAGE_READ);
	dma_resv_unlock(dmabuf->resv);
	return ret;
}

int cti_fence(struct cti_file *file, struct cti_fence *arg)
{
	struct cti_fence_object *f;
	struct dma_buf *dmabuf;
	int ret = -ENOMEM;

	if (arg->pad || arg->write > 1)
		return -EINVAL;
	dmabuf = dma_buf_get(arg->fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);

	f = kzalloc(sizeof(*f), GFP_KERNEL);
	if (!f)
		goto out_put;
	f->fence = cti_fence_new();
	if (!f->fence)
		goto err_free;
	ret = cti_object_add(file, &f->object, &cti_fence_object_ops);
	if (ret)
		goto err_put_fence;
	arg->id = f->object.id;
	/* From here on the fence is waited for; when this fails nobody ever saw it. */
	ret = cti_fence_add(dmabuf, f->fence, arg->write);
	if (!ret)
		goto out_put;

	xa_erase(&file->ids, f->object.id);
	list_del(&f->object.node);
err_put_fence:
	cti_fence_signal(f->fence, ret);
	dma_fence_put(f->fence);
err_free:
	kfree(f);
out_put:
	dma_buf_put(dmabuf);
	return ret;
}

int cti_signal(struct cti_file *file, const struct cti_signal *arg)
{
	struct cti_object *object = cti_object_find(file, arg->id, &cti_fence_object_ops);

	if (!object)
		return -ENOENT;
	if (arg->error > 0 || arg->error < -MAX_ERRNO)
		return -EINVAL;
	cti_fence_signal(container_of(object, struct cti_fence_object, object)->fence,
			 arg->error);
	return 0;
}
