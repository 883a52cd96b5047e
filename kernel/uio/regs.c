// SPDX-License-Identifier: GPL-2.0
/*
 * Registers, what they hold, and how a device is brought to rest: the only file
 * that touches hardware registers.
 */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/lockdep.h>
#include <linux/sched/signal.h>

#include "uio.h"

static void __iomem *cen_uio_reg_at(struct cen_uio *dev, u8 reg, u64 offset)
{
	const struct cen_uio_region *region = &dev->regions[dev->rules->regs[reg].region];

	return region->regs + (offset - region->first);
}

static u64 cen_uio_raw_read(struct cen_uio *dev, u8 reg)
{
	const struct cen_uio_reg *rule = &dev->rules->regs[reg];
	void __iomem *at = cen_uio_reg_at(dev, reg, rule->offset);

	switch (rule->width) {
	case 8:
		return readb(at);
	case 16:
		return readw(at);
	case 32:
		return readl(at);
	default:
		return readq(at);
	}
}

static void cen_uio_raw_write(struct cen_uio *dev, u8 reg, u64 value)
{
	const struct cen_uio_reg *rule = &dev->rules->regs[reg];
	void __iomem *at = cen_uio_reg_at(dev, reg, rule->offset);

	switch (rule->width) {
	case 8:
		writeb(value, at);
		break;
	case 16:
		writew(value, at);
		break;
	case 32:
		writel(lower_32_bits(value), at);
		if (rule->high)
			writel(upper_32_bits(value), cen_uio_reg_at(dev, reg, rule->high));
		break;
	default:
		writeq(value, at);
		break;
	}
}

u64 cen_uio_reg_read(struct cen_uio *dev, u8 reg)
{
	lockdep_assert_held(&dev->lock);
	return cen_uio_raw_read(dev, reg);
}

void cen_uio_reg_write(struct cen_uio *dev, u8 reg, u64 value)
{
	lockdep_assert_held(&dev->lock);
	cen_uio_raw_write(dev, reg, value);
}

/**
 * cen_uio_acknowledge - the device interrupts: see to the causes that rules name
 * @dev: the device
 *
 * Context: Hard interrupt. Touches no register that a program of writes depends on.
 * Return: what is left to do for the caller.
 */
enum cen_uio_ack cen_uio_acknowledge(struct cen_uio *dev)
{
	const struct cen_uio_cause *cause = &dev->rules->cause;
	u64 seen;

	/* It does not interrupt while it is away; another of its line does. */
	if (READ_ONCE(dev->away))
		return CEN_UIO_ACK_NOTHING;
	if (cause->status == CEN_UIO_NO_REG)
		return CEN_UIO_ACK_MASK;
	seen = cen_uio_raw_read(dev, cause->status);
	if (!seen)
		return CEN_UIO_ACK_NOTHING;
	if (seen & cause->mask)
		cen_uio_raw_write(dev, cause->ack, seen & cause->mask);
	/* Others are user space's: until then the line must be off. */
	return seen & ~cause->mask ? CEN_UIO_ACK_MASK : CEN_UIO_ACK_DONE;
}

/* Does the device say it is not at work? One that cannot tell, and one that is not there, are. */
bool cen_uio_idle(struct cen_uio *dev)
{
	const struct cen_uio_idle *idle = &dev->rules->idle;

	if (idle->reg == CEN_UIO_NO_REG)
		return true;
	if ((cen_uio_reg_read(dev, idle->reg) & idle->mask) == idle->value)
		return true;
	return !dev->bus->present(dev);
}

/* Waits for idle, or for as long as the rules say that it takes. -EIO: in vain; -EINTR. */
static int cen_uio_wait_idle(struct cen_uio *dev, bool interruptible)
{
	unsigned long end = jiffies + msecs_to_jiffies(dev->rules->idle.within_ms) + 1;

	if (dev->rules->settles)
		while (time_before(jiffies, dev->stopped +
				   msecs_to_jiffies(dev->rules->settle_ms) + 1)) {
			if (interruptible && signal_pending(current))
				return -EINTR;
			usleep_range(500, 1000);
		}

	while (!cen_uio_idle(dev)) {
		if (time_after(jiffies, end))
			return -EIO;
		if (interruptible && signal_pending(current))
			return -EINTR;
		usleep_range(500, 1000);
	}
	return 0;
}

static void cen_uio_clear(struct cen_uio *dev, u8 reg)
{
	cen_uio_reg_write(dev, reg, 0);
	dev->state[reg] = (struct cen_uio_state) { .holds = CEN_UIO_HOLDS_NOTHING };
}

static void cen_uio_state_reset(struct cen_uio *dev)
{
	u32 i;

	for (i = 0; i < dev->rules->nr_regs; i++)
		dev->state[i] = (struct cen_uio_state) { .holds = CEN_UIO_HOLDS_NOTHING };
}

static void cen_uio_write_fixed(struct cen_uio *dev, const struct cen_uio_fixed *writes, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		cen_uio_reg_write(dev, writes[i].reg, writes[i].value);
}

/**
 * cen_uio_prepare - bring the device to a sane state for its new owner
 * @dev: the device, locked
 *
 * What an earlier owner, or an earlier driver, started may still run, and its address
 * registers may still point to memory that is somebody else's by now. So before
 * bus mastering is turned on it must be idle, and the registers must be cleared.
 *
 * Return: 0; -EIO: it does not become idle; -EINTR.
 */
int cen_uio_prepare(struct cen_uio *dev)
{
	u32 i;
	int ret;

	lockdep_assert_held(&dev->lock);
	if (dev->dirty) {
		ret = cen_uio_wait_idle(dev, true);
		if (ret)
			return ret;
		for (i = 0; i < dev->rules->nr_regs; i++)
			if (dev->rules->regs[i].kind == CEN_UIO_REG_ADDRESS)
				cen_uio_clear(dev, i);
		cen_uio_orphans_release(dev);
		dev->running = false;
		dev->dirty = false;
	}
	cen_uio_write_fixed(dev, dev->rules->at_open, dev->rules->nr_at_open);
	/* A message signalled interrupt is a write to memory. */
	if (dev->irq == CEN_UIO_IRQ_MSI) {
		dev->bus->go(dev);
		dev->running = true;
	}
	return 0;
}

/**
 * cen_uio_quiesce - the owner goes: the device must not use memory any more
 * @dev: the device, locked
 *
 * Return: true: it does not, its buffers can be unmapped. false: it did not stop
 * when told to; what it was given must stay where it is.
 */
bool cen_uio_quiesce(struct cen_uio *dev)
{
	bool stopped;
	u32 i;

	lockdep_assert_held(&dev->lock);
	/* It was stopped when it left. */
	if (dev->away)
		return true;
	stopped = dev->bus->stop(dev);
	dev->stopped = jiffies;
	if (dev->owner)
		cen_uio_write_fixed(dev, dev->rules->at_close, dev->rules->nr_at_close);
	if (!stopped)
		stopped = !dev->running || !cen_uio_wait_idle(dev, false);

	/* A device at work may drop these writes: they are repeated for the next owner. */
	for (i = 0; i < dev->rules->nr_regs; i++)
		if (dev->rules->regs[i].kind == CEN_UIO_REG_ADDRESS &&
		    dev->state[i].holds != CEN_UIO_HOLDS_NOTHING)
			cen_uio_reg_write(dev, i, 0);
	cen_uio_state_reset(dev);
	dev->dirty = true;
	dev->running = !stopped;
	return stopped;
}

/* A transfer that may be under way is cut off: its buffers get no more of it. */
static void cen_uio_lose(struct cen_uio *dev)
{
	u32 i;

	for (i = 0; i < dev->rules->nr_regs; i++)
		if (dev->state[i].holds == CEN_UIO_HOLDS_REST)
			dev->state[i].handle->lost = true;
}

/**
 * cen_uio_abandon - the device is cut off from memory, whatever it does
 * @dev: the device, locked
 *
 * Buffers stay attached. What its registers hold is not known any more.
 *
 * Return: true: it is. false: it did not stop when told to, and nothing has changed.
 */
bool cen_uio_abandon(struct cen_uio *dev)
{
	bool ended, stopped;

	lockdep_assert_held(&dev->lock);
	ended = dev->rules->idle.reg != CEN_UIO_NO_REG && cen_uio_idle(dev);
	stopped = dev->bus->stop(dev);
	dev->stopped = jiffies;
	if (stopped && !ended)
		cen_uio_lose(dev);
	/* One that cannot be cut off is waited for, and loses nothing. */
	if (!stopped)
		stopped = !dev->running || !cen_uio_wait_idle(dev, false);
	if (stopped) {
		cen_uio_state_reset(dev);
		dev->running = false;
		dev->dirty = true;
	}
	return stopped;
}

/**
 * cen_uio_forget - take a buffer's addresses out of an idle device
 * @dev: the device, locked
 * @handle: the buffer
 */
void cen_uio_forget(struct cen_uio *dev, struct cen_uio_handle *handle)
{
	u32 i;

	lockdep_assert_held(&dev->lock);
	for (i = 0; i < dev->rules->nr_regs; i++)
		if (cen_uio_holds_handle(&dev->state[i], handle))
			cen_uio_clear(dev, i);
}

/**
 * cen_uio_pause - a device that cannot tell gives up all it is doing
 * @dev: the device, locked
 *
 * Cut off from memory, left alone for as long as the rules say, robbed of every
 * address, and let go again.
 *
 * Return: 0; -EBUSY: it does not stop.
 */
int cen_uio_pause(struct cen_uio *dev)
{
	bool running = dev->running;
	u32 i;

	lockdep_assert_held(&dev->lock);
	dev->bus->stop(dev);
	dev->stopped = jiffies;
	dev->running = false;
	if (cen_uio_wait_idle(dev, false))
		return -EBUSY;
	for (i = 0; i < dev->rules->nr_regs; i++)
		if (dev->rules->regs[i].kind == CEN_UIO_REG_ADDRESS)
			cen_uio_clear(dev, i);
	if (running) {
		dev->bus->go(dev);
		dev->running = true;
	}
	return 0;
}
