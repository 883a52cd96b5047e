// SPDX-License-Identifier: GPL-2.0
/*
 * The device goes away for a while: the system sleeps, or somebody resets it. Files stay
 * open and buffers attached; nobody touches a register meanwhile.
 */
#include <linux/interrupt.h>

#include "trace.h"
#include "uio.h"

/* Under uio_device.info_lock, which the UIO core holds around irqcontrol, open and release. */
static void cen_uio_irq_restore(struct cen_uio *dev)
{
	lockdep_assert_held(&dev->info.uio_dev->info_lock);
	dev->bus->irq_set(dev, dev->irq_users);
}

/**
 * cen_uio_leave - something else is about to happen to the device: sleep, a reset
 * @dev: the device; its device lock keeps it bound
 *
 * It is cut off from memory, and does not interrupt. What its registers hold is not known
 * any more: the next program finds it as a new owner would.
 *
 * Return: 0; -EBUSY: it does not stop, and stays.
 */
int cen_uio_leave(struct cen_uio *dev)
{
	struct mutex *info_lock = &dev->info.uio_dev->info_lock;
	bool stopped;

	mutex_lock(info_lock);
	dev->bus->irq_set(dev, false);
	mutex_lock(&dev->lock);
	stopped = cen_uio_abandon(dev);
	WRITE_ONCE(dev->away, stopped);
	mutex_unlock(&dev->lock);
	if (!stopped)
		cen_uio_irq_restore(dev);
	mutex_unlock(info_lock);
	/* A handler of a line that others have, too, may still be reading. */
	if (dev->irq)
		synchronize_irq(dev->info.irq);
	return stopped ? 0 : -EBUSY;
}

/**
 * cen_uio_return - the device is back
 * @dev: the device, after cen_uio_leave()
 *
 * Whoever sleeps until it interrupts is woken: what was to interrupt may be lost.
 */
void cen_uio_return(struct cen_uio *dev)
{
	struct mutex *info_lock = &dev->info.uio_dev->info_lock;

	mutex_lock(&dev->lock);
	WRITE_ONCE(dev->away, false);
	dev->interruptions++;
	/* One that interrupts by messages must be able to, also before the next program. */
	if (dev->owner && dev->irq == CEN_UIO_IRQ_MSI && cen_uio_prepare(dev))
		dev_warn(dev->dev, "does not come to rest, and is kept from memory\n");
	trace_cen_uio_returned(dev->name, dev->interruptions);
	mutex_unlock(&dev->lock);

	mutex_lock(info_lock);
	cen_uio_irq_restore(dev);
	mutex_unlock(info_lock);
	if (dev->irq)
		uio_event_notify(&dev->info);
}
