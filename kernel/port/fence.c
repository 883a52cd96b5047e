// SPDX-License-Identifier: GPL-2.0
/*
 * The fence of a transfer, in the transfer's memory. It may outlive the engine's interest in it,
 * the port and the wish to unload this module: it has a lock and a name of its own and pins
 * the module.
 */
#include <linux/dma-fence.h>
#include <linux/module.h>

#include "port.h"

static const char *cen_fence_driver_name(struct dma_fence *fence)
{
	return "cen_port";
}

static const char *cen_fence_timeline_name(struct dma_fence *fence)
{
	return container_of(fence, struct cen_xfer, fence)->fence_name;
}

/* The module's exit waits for this with rcu_barrier(). */
static void cen_fence_free_rcu(struct rcu_head *rcu)
{
	struct dma_fence *fence = container_of(rcu, struct dma_fence, rcu);

	cen_xfer_free(container_of(fence, struct cen_xfer, fence));
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
 * From here on the transfer's memory is its fence's, of which the engine has one reference. Each
 * is a context of its own: a cancelled transfer ends before an older one that still runs, and
 * fences of one context must not do that.
 */
void cen_xfer_add_fence(struct cen_xfer *xfer)
{
	__module_get(THIS_MODULE);
	spin_lock_init(&xfer->fence_lock);
	strscpy(xfer->fence_name, xfer->port->name, sizeof(xfer->fence_name));
	dma_fence_init(&xfer->fence, &cen_fence_ops, &xfer->fence_lock,
		       dma_fence_context_alloc(1), 1);
	xfer->fenced = true;
}
