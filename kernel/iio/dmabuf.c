// SPDX-License-Identifier: GPL-2.0
/*
 * IIO_BUFFER_DMABUF_*: blocks are dma-bufs. The IIO core attaches, maps and makes
 * the fence; here they meet the port.
 */
#include <linux/dma-buf.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "iio.h"

/* The IIO core only hands the block back to us. */
static struct iio_dma_buffer_block *cen_iio_to_core(struct cen_iio_block *block)
{
	return (struct iio_dma_buffer_block *)block;
}

static struct cen_iio_block *cen_iio_from_core(struct iio_dma_buffer_block *block)
{
	return (struct cen_iio_block *)block;
}

/* Context: reservation held. The map is known at the first enqueue. */
struct iio_dma_buffer_block *cen_iio_attach(struct iio_buffer *buffer,
					    struct dma_buf_attachment *attach)
{
	struct cen_iio_buffer *ib = cen_iio_from(buffer);
	struct cen_iio_block *block;
	struct cen_port *port = READ_ONCE(ib->port);

	if (!port)
		return ERR_PTR(-ENODEV);
	block = kzalloc(sizeof(*block), GFP_KERNEL);
	if (!block)
		return ERR_PTR(-ENOMEM);
	block->owner = ib;
	block->pa = cen_port_buffer_add(port, attach, NULL);
	if (IS_ERR(block->pa)) {
		int ret = PTR_ERR(block->pa);

		kfree(block);
		return ERR_PTR(ret);
	}
	/* the core lets go of a block from a work item, which may come after the device's end */
	iio_buffer_get(buffer);
	spin_lock_irq(&ib->lock);
	list_add_tail(&block->node, &ib->blocks);
	ib->nr_blocks++;
	spin_unlock_irq(&ib->lock);
	return cen_iio_to_core(block);
}

/*
 * Context: may sleep; every fence of the block has been signalled. The last block of a
 * device that is gone takes the buffer along.
 */
void cen_iio_detach(struct iio_buffer *buffer, struct iio_dma_buffer_block *core)
{
	struct cen_iio_block *block = cen_iio_from_core(core);
	struct cen_iio_buffer *ib = block->owner;

	spin_lock_irq(&ib->lock);
	list_del(&block->node);
	ib->nr_blocks--;
	spin_unlock_irq(&ib->lock);
	cen_port_buffer_put(block->pa);
	kfree(block);
	iio_buffer_put(buffer);
}

/* Context: any. The fence is the last thing: it lets go of the block. */
static void cen_iio_done(void *ctx, int status, u64 actual)
{
	struct cen_iio_job *job = ctx;
	struct dma_fence *fence = job->fence;

	kfree(job);
	iio_buffer_signal_dmabuf_done(fence, status);
}

static int cen_iio_submit(struct cen_iio_job *job)
{
	return cen_port_buffer_submit(job->block->pa, 0, job->length, job->cyclic,
				      cen_iio_done, job);
}

/*
 * Context: fence signalling section. While the buffer is disabled, blocks are parked.
 * On error the core signals the fence.
 */
int cen_iio_enqueue(struct iio_buffer *buffer, struct iio_dma_buffer_block *core,
		    struct dma_fence *fence, struct sg_table *sgt, size_t size, bool cyclic)
{
	struct cen_iio_block *block = cen_iio_from_core(core);
	struct cen_iio_buffer *ib = block->owner;
	struct cen_iio_job *job;
	bool gone, park;
	int ret;

	job = kzalloc(sizeof(*job), GFP_NOWAIT | __GFP_NOWARN);
	if (!job)
		return -ENOMEM;
	job->block = block;
	job->fence = fence;
	job->length = size;
	job->cyclic = cyclic;
	cen_port_buffer_set_map(block->pa, sgt);

	/* whoever disables the buffer waits until what found it enabled is on the port */
	rcu_read_lock();
	spin_lock_irq(&ib->lock);
	gone = !ib->port;
	park = !gone && !ib->enabled;
	if (park)
		list_add_tail(&job->node, &ib->parked);
	spin_unlock_irq(&ib->lock);
	ret = 0;
	if (!park)
		ret = gone ? -ENODEV : cen_iio_submit(job);
	rcu_read_unlock();
	if (ret)
		kfree(job);
	return ret;
}

/* The buffer was enabled: what was enqueued before goes first. */
void cen_iio_start_parked(struct cen_iio_buffer *ib)
{
	struct cen_iio_job *job;
	int ret;

	for (;;) {
		spin_lock_irq(&ib->lock);
		job = list_first_entry_or_null(&ib->parked, struct cen_iio_job, node);
		if (job)
			list_del(&job->node);
		else
			ib->enabled = true;
		spin_unlock_irq(&ib->lock);
		if (!job)
			return;
		ret = cen_iio_submit(job);
		if (ret)
			cen_iio_done(job, ret, 0);
	}
}

/* The buffer was disabled: everything ends, parked or running. */
void cen_iio_cancel_all(struct cen_iio_buffer *ib)
{
	struct cen_iio_job *job, *next;
	struct cen_iio_block *block;
	LIST_HEAD(parked);

	spin_lock_irq(&ib->lock);
	ib->enabled = false;
	list_splice_init(&ib->parked, &parked);
	spin_unlock_irq(&ib->lock);
	synchronize_rcu();	/* cen_iio_enqueue() */
	list_for_each_entry_safe(job, next, &parked, node)
		cen_iio_done(job, -ECANCELED, 0);

	/*
	 * Blocks go when their last fence is signalled, which cancelling causes: look each up
	 * anew, and hold the port's buffer meanwhile.
	 */
	for (;;) {
		struct cen_pa *pa = NULL;

		spin_lock_irq(&ib->lock);
		list_for_each_entry(block, &ib->blocks, node) {
			if (cen_port_buffer_busy(block->pa)) {
				pa = cen_port_buffer_get(block->pa);
				break;
			}
		}
		spin_unlock_irq(&ib->lock);
		if (!pa)
			break;
		cen_port_buffer_cancel(pa);
		cen_port_buffer_wait(pa);
		cen_port_buffer_put(pa);
	}
}
