// SPDX-License-Identifier: GPL-2.0
/*
 * One direction of the SDR: a thread is the hardware, irq_work or an IPI its interrupt.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "../compat/compat.h"
#include "master.h"
#include "sdr.h"

static int hw_cpu = -1;
module_param(hw_cpu, int, 0444);
MODULE_PARM_DESC(hw_cpu, "CPU that plays the hardware (-1: any): keep it off the CPU you measure");

static int irq_cpu = -1;
module_param(irq_cpu, int, 0444);
MODULE_PARM_DESC(irq_cpu, "CPU that is interrupted (-1: the hardware's own): what completions cost shows there");

#define CEN_SDR_NAP	(10 * NSEC_PER_MSEC)

/* What the channel keeps of a transfer. */
struct cen_sdr_job {
	struct list_head node;
	struct cen_transfer *transfer;
	bool cancel;
	int status;
	u64 actual;
};

/* The interrupt: tell the port what ended. */
static void cen_sdr_interrupt(struct cen_sdr_channel *channel)
{
	struct cen_sdr_job *job;
	unsigned long flags;

	for (;;) {
		struct cen_transfer *transfer;
		int status;
		u64 actual;

		spin_lock_irqsave(&channel->lock, flags);
		job = list_first_entry_or_null(&channel->ended, struct cen_sdr_job, node);
		if (job)
			list_del(&job->node);
		spin_unlock_irqrestore(&channel->lock, flags);
		if (!job)
			break;
		transfer = job->transfer;
		status = job->status;
		actual = job->actual;
		kfree(job);
		cen_transfer_done(transfer, status, actual);
	}
}

static void cen_sdr_irq(struct irq_work *irq)
{
	cen_sdr_interrupt(container_of(irq, struct cen_sdr_channel, irq));
}

static void cen_sdr_ipi(void *data)
{
	struct cen_sdr_channel *channel = data;

	cen_sdr_interrupt(channel);
	atomic_dec(&channel->ipis);
}

/*
 * Raise the interrupt. One that is still on its way finds what ended meanwhile. Who cancels and
 * the hardware must not send it at once. On this very CPU an IPI would be a call, and the lock
 * is held.
 */
static void cen_sdr_raise(struct cen_sdr_channel *channel)
{
	unsigned long flags;

	spin_lock_irqsave(&channel->lock, flags);
	if (irq_cpu < 0 || irq_cpu == smp_processor_id()) {
		irq_work_queue(&channel->irq);
	} else {
		atomic_inc(&channel->ipis);
		if (smp_call_function_single_async(irq_cpu, &channel->ipi))
			atomic_dec(&channel->ipis);
	}
	spin_unlock_irqrestore(&channel->lock, flags);
}

/* None is on its way any more, and none runs. */
static void cen_sdr_irq_sync(struct cen_sdr_channel *channel)
{
	irq_work_sync(&channel->irq);
	while (atomic_read(&channel->ipis))
		usleep_range(100, 200);
	synchronize_rcu();
}

/* Compare what was transmitted with the pattern. */
static void cen_sdr_check(struct cen_sdr_channel *channel, const void *got, void *want,
			  size_t length)
{
	const u32 *g = got;
	u32 *w = want;
	size_t i;

	cen_sdr_source_fill(&channel->source, want, length);
	for (i = 0; i < length / sizeof(u32); i++)
		channel->mismatches += g[i] != w[i];
}

/* Move one page's worth between air and memory. */
static int cen_sdr_move(struct cen_sdr_channel *channel, dma_addr_t addr, size_t length)
{
	int ret;

	length = cen_sdr_source_moved(&channel->source, length);
	if (channel->transmit) {
		ret = cen_sim_read(channel->dev, addr, channel->work, length);
		if (!ret)
			cen_sdr_check(channel, channel->work, channel->work + PAGE_SIZE, length);
		return ret;
	}
	cen_sdr_source_fill(&channel->source, channel->work, length);
	return cen_sim_write(channel->dev, addr, channel->work, length);
}

static bool cen_sdr_job_cancelled(struct cen_sdr_channel *channel, struct cen_sdr_job *job)
{
	bool cancel;

	spin_lock_irq(&channel->lock);
	cancel = job->cancel;
	spin_unlock_irq(&channel->lock);
	return cancel;
}

/* Walk the transfer's segments as a DMA engine does. Returns 0 or what stopped it. */
static int cen_sdr_run(struct cen_sdr_channel *channel, struct cen_sdr_job *job)
{
	struct cen_transfer *t = job->transfer;
	u64 skip = t->offset, left = t->length;
	struct scatterlist *sg;
	int i, ret;

	for_each_sgtable_dma_sg(t->sgt, sg, i) {
		dma_addr_t addr = sg_dma_address(sg);
		u64 len = sg_dma_len(sg);

		if (skip >= len) {
			skip -= len;
			continue;
		}
		addr += skip;
		len = min(len - skip, left);
		skip = 0;
		while (len) {
			size_t piece = min_t(u64, len, PAGE_SIZE);

			ret = cen_sdr_move(channel, addr, piece);
			if (ret)
				return ret;
			job->actual += piece;
			addr += piece;
			len -= piece;
			left -= piece;
			if (cen_sdr_job_cancelled(channel, job))
				return -ECANCELED;
		}
		if (!left)
			break;
	}
	return left ? -EFAULT : 0;
}

/* Keep to the sample rate: the hardware does not wait for memory. */
static void cen_sdr_pace(struct cen_sdr_channel *channel, struct cen_sdr_job *job)
{
	u64 now = ktime_get_ns();
	u32 rate = READ_ONCE(channel->rate);

	if (!rate) {
		channel->next_due = 0;
		return;
	}
	if (!channel->next_due)
		channel->next_due = now;
	channel->next_due += div_u64(job->actual / CEN_SDR_SAMPLE * NSEC_PER_SEC, rate);
	/* in naps: who takes it back does not wait for the end of a slow block */
	while (channel->next_due > now && !cen_sdr_job_cancelled(channel, job)) {
		u64 us = div_u64(min(channel->next_due - now, (u64)CEN_SDR_NAP), 1000);

		usleep_range_state(us + 1, us + 50, TASK_IDLE);
		now = ktime_get_ns();
	}
	channel->next_due = min(channel->next_due, now);
}

/* P: lock */
static void cen_sdr_end_locked(struct cen_sdr_channel *channel, struct cen_sdr_job *job, int status)
{
	if (channel->current_job == job)
		channel->current_job = NULL;
	job->status = status;
	list_move_tail(&job->node, &channel->ended);
}

static void cen_sdr_end(struct cen_sdr_channel *channel, struct cen_sdr_job *job, int status)
{
	spin_lock_irq(&channel->lock);
	cen_sdr_end_locked(channel, job, status);
	spin_unlock_irq(&channel->lock);
	cen_sdr_raise(channel);
}

/*
 * What to do next: the first transfer, unless the hardware hangs. A receiver with a rate that
 * finds none overruns.
 */
static struct cen_sdr_job *cen_sdr_next(struct cen_sdr_channel *channel)
{
	struct cen_sdr_job *job;

	spin_lock_irq(&channel->lock);
	job = list_first_entry_or_null(&channel->queue, struct cen_sdr_job, node);
	if (channel->hang)
		job = NULL;
	if (!job && channel->next_due && ktime_get_ns() > channel->next_due) {
		channel->overruns++;
		channel->next_due = 0;
	}
	channel->current_job = job;
	spin_unlock_irq(&channel->lock);
	return job;
}

static int cen_sdr_thread(void *data)
{
	struct cen_sdr_channel *channel = data;
	struct cen_sdr_job *job;
	int status;
	u32 fail;

	while (!kthread_should_stop()) {
		wait_event_idle(channel->wait, (job = cen_sdr_next(channel)) ||
				kthread_should_stop());
		if (!job)
			continue;

		status = 0;
		fail = READ_ONCE(channel->fail);
		if (cen_sdr_job_cancelled(channel, job)) {
			status = -ECANCELED;
		} else if (fail) {
			/* whoever takes it back meanwhile has the last word */
			cmpxchg(&channel->fail, fail, fail - 1);
			status = -EIO;
		}
		while (!status) {
			job->actual = 0;
			status = cen_sdr_run(channel, job);
			channel->bytes += job->actual;
			cen_sdr_pace(channel, job);
			if (status || !job->transfer->cyclic)
				break;
			cen_transfer_period(job->transfer, job->actual);
			cond_resched();
		}
		cen_sdr_end(channel, job, status);
	}
	return 0;
}

static int cen_sdr_submit(struct cen_port *port, struct cen_transfer *transfer)
{
	struct cen_sdr_channel *channel = cen_port_priv(port);
	struct cen_sdr_job *job = kzalloc(sizeof(*job), GFP_ATOMIC);
	unsigned long flags;
	bool hang;

	if (!job)
		return -ENOMEM;
	job->transfer = transfer;
	spin_lock_irqsave(&channel->lock, flags);
	list_add_tail(&job->node, &channel->queue);
	hang = channel->hang;
	spin_unlock_irqrestore(&channel->lock, flags);
	/* hardware that hangs hears no doorbell; it looks when it goes on */
	if (!hang)
		wake_up(&channel->wait);
	return 0;
}

static void cen_sdr_cancel(struct cen_port *port, struct cen_transfer *transfer)
{
	struct cen_sdr_channel *channel = cen_port_priv(port);
	struct cen_sdr_job *job, *next;

	/*
	 * Only what is still on the queue is ours: the job may have ended meanwhile. What is not
	 * running yet does not wait for what is, which may be cyclic and somebody else's.
	 */
	spin_lock_irq(&channel->lock);
	list_for_each_entry_safe(job, next, &channel->queue, node) {
		if (job->transfer != transfer)
			continue;
		job->cancel = true;
		if (channel->current_job != job)
			cen_sdr_end_locked(channel, job, -ECANCELED);
	}
	spin_unlock_irq(&channel->lock);
	cen_sdr_raise(channel);
}

static const struct cen_port_ops cen_sdr_port_ops = {
	.submit = cen_sdr_submit,
	.cancel = cen_sdr_cancel,
};

void cen_sdr_channel_poke(struct cen_sdr_channel *channel)
{
	wake_up(&channel->wait);
}

int cen_sdr_channel_start(struct cen_sdr_channel *channel, struct device *dev, const char *name,
			  bool transmit, u32 policy)
{
	struct cen_port_desc desc = {
		.name = name,
		.dev = dev,
		.ops = &cen_sdr_port_ops,
		.owner = THIS_MODULE,
		.priv = channel,
		.granule = CEN_SDR_SAMPLE,
		.direction = transmit ? CEN_PORT_SINK : CEN_PORT_SOURCE,
		.flags = CEN_PORT_CYCLIC,
		.policy = policy,
		.depth_hw = 4,
	};
	int ret;

	channel->dev = dev;
	channel->transmit = transmit;
	spin_lock_init(&channel->lock);
	INIT_LIST_HEAD(&channel->queue);
	INIT_LIST_HEAD(&channel->ended);
	init_waitqueue_head(&channel->wait);
	init_irq_work(&channel->irq, cen_sdr_irq);
	INIT_CSD(&channel->ipi, cen_sdr_ipi, channel);
	if (irq_cpu >= 0 && (irq_cpu >= nr_cpu_ids || !cpu_online(irq_cpu)))
		return -EINVAL;
	cen_sdr_source_reset(&channel->source, CEN_SDR_RAMP);
	channel->work = kmalloc(2 * PAGE_SIZE, GFP_KERNEL);
	if (!channel->work)
		return -ENOMEM;

	channel->thread = kthread_create(cen_sdr_thread, channel, "%s", name);
	if (IS_ERR(channel->thread)) {
		ret = PTR_ERR(channel->thread);
		goto err_work;
	}
	if (hw_cpu >= 0 && hw_cpu < nr_cpu_ids && cpu_online(hw_cpu))
		kthread_bind(channel->thread, hw_cpu);
	wake_up_process(channel->thread);

	channel->port = cen_port_register(&desc);
	if (IS_ERR(channel->port)) {
		ret = PTR_ERR(channel->port);
		goto err_thread;
	}
	return 0;

err_thread:
	kthread_stop(channel->thread);
err_work:
	kfree(channel->work);
	return ret;
}

void cen_sdr_channel_stop(struct cen_sdr_channel *channel)
{
	/* the thread must still run: it ends what the port cancels */
	cen_port_unregister(channel->port);
	kthread_stop(channel->thread);
	cen_sdr_irq_sync(channel);
	kfree(channel->work);
}
