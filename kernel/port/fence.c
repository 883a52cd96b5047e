// SPDX-License-Identifier: GPL-2.0
/*
 * The fence of a transfer. It may outlive the transfer, the port and the wish to
 * unload this module: it has a lock and a name of its own and pins the module.
 */
#include <linux/dma-fence.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "port.h"

struct cen_fence {
	struct dma_fence base;
	spinlock_t lock;
	char name[CEN_PORT_NAME_LEN];
};

static const char *cen_fence_driver_name(struct dma_fence *fence)
{
	return "cen_port";
}

static const char *cen_fence_timeline_name(struct dma_fence *fence)
{
	return container_of(fence, struct cen_fence, base)->name;
}

/* The module's exit waits for this with rcu_barrier(). */
static void cen_fence_free_rcu(struct rcu_head *rcu)
{
	struct dma_fence *fence = container_of(rcu, struct dma_fence, rcu);

	kfree(container_of(fence, struct cen_fence, base));
	module_put(THIS_MODULE);
}

static void cen_fence_release(struct dma_fence *fence)
{
	call_rcu(&fence->rcu, cen_fence_free_rcu);
}

static const struct dma_fence_ops cen_fence_ops = {
	.get_driver_name = cen_fence_driver_name,
	.get_timeline_name = cen_fence_timeline_name,
	.release = cen_fence_release,
};

/*
 * A new fence with one reference. Each is a context of its own: a cancelled transfer ends
 * before an older one that still runs, and fences of one context must not do that.
 */
struct dma_fence *cen_fence_new(const struct cen_port *port)
{
	struct cen_fence *fence = kzalloc(sizeof(*fence), GFP_KERNEL_ACCOUNT);

	if (!fence)
		return NULL;
	__module_get(THIS_MODULE);
	spin_lock_init(&fence->lock);
	strscpy(fence->name, port->name, sizeof(fence->name));
	dma_fence_init(&fence->base, &cen_fence_ops, &fence->lock,
		       dma_fence_context_alloc(1), 1);
	return &fence->base;
}
