// SPDX-License-Identifier: GPL-2.0
/*
 * Platform devices, bound by driver_override. Nothing cuts such a device off from
 * memory: that it has stopped is seen by its idle rule or by waiting (settle).
 */
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/platform_device.h>
#include <linux/pm_runtime.h>

#include "uio.h"

static void cen_uio_platform_go(struct cen_uio *dev)
{
}

static bool cen_uio_platform_stop(struct cen_uio *dev)
{
	return false;
}

/* The handler turns it off, irqcontrol on again: each once, whoever comes first. */
static void cen_uio_platform_irq_set(struct cen_uio *dev, bool on)
{
	unsigned long flags;

	if (!dev->irq)
		return;
	spin_lock_irqsave(&dev->irq_lock, flags);
	if (on != dev->irq_on) {
		dev->irq_on = on;
		if (on)
			enable_irq(dev->info.irq);
		else
			disable_irq_nosync(dev->info.irq);
	}
	spin_unlock_irqrestore(&dev->irq_lock, flags);
}

/* A level stays up until user space has seen to its cause, so it is off until then. */
static irqreturn_t cen_uio_platform_handler(int irq, struct uio_info *info)
{
	struct cen_uio *dev = container_of(info, struct cen_uio, info);

	switch (cen_uio_acknowledge(dev)) {
	case CEN_UIO_ACK_NOTHING:
		return IRQ_NONE;
	case CEN_UIO_ACK_DONE:
		return IRQ_HANDLED;
	default:
		cen_uio_platform_irq_set(dev, false);
		return IRQ_HANDLED;
	}
}

static int cen_uio_platform_irq(struct cen_uio *dev, struct platform_device *pdev)
{
	int irq;

	if (dev->rules->irq == CEN_UIO_WANT_NONE)
		return 0;
	irq = platform_get_irq_optional(pdev, 0);
	if (irq == -ENXIO && dev->rules->irq == CEN_UIO_CHOOSE_IRQ)
		return 0;
	if (irq < 0)
		return dev_err_probe(&pdev->dev, irq, "no interrupt\n");
	dev->irq = CEN_UIO_IRQ_LINE;
	dev->info.irq = irq;
	dev->info.irq_flags = IRQF_NO_AUTOEN;
	dev->info.handler = cen_uio_platform_handler;
	return 0;
}

static bool cen_uio_platform_present(struct cen_uio *dev)
{
	return true;
}

static const struct cen_uio_bus cen_uio_platform_bus = {
	.go = cen_uio_platform_go,
	.stop = cen_uio_platform_stop,
	.irq_set = cen_uio_platform_irq_set,
	.present = cen_uio_platform_present,
};

static int cen_uio_platform_regions(struct cen_uio *dev, struct platform_device *pdev)
{
	struct device *device = &pdev->dev;
	struct resource *res;
	u32 i;
	int ret;

	for (i = 0; i < CEN_UIO_MAX_REGIONS; i++) {
		res = platform_get_resource(pdev, IORESOURCE_MEM, i);
		if (!res)
			break;
		if (!devm_request_mem_region(device, res->start, resource_size(res), "cen_uio"))
			return dev_err_probe(device, -EBUSY, "region %u is in use\n", i);
		ret = cen_uio_add_region(dev, i, res->start, resource_size(res));
		if (ret)
			return ret;
	}
	return 0;
}

static void cen_uio_platform_unbind(void *dev)
{
	cen_uio_unregister(dev);
	cen_uio_put(dev);
}

static void cen_uio_platform_power_off(void *device)
{
	pm_runtime_put_sync(device);
	pm_runtime_disable(device);
}

static int cen_uio_platform_probe(struct platform_device *pdev)
{
	struct device *device = &pdev->dev;
	struct cen_uio *dev;
	int ret;

	pm_runtime_enable(device);
	ret = pm_runtime_resume_and_get(device);
	if (ret < 0) {
		pm_runtime_disable(device);
		return ret;
	}
	ret = devm_add_action_or_reset(device, cen_uio_platform_power_off, device);
	if (ret)
		return ret;

	dev = cen_uio_alloc(device, &cen_uio_platform_bus, NULL);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	ret = cen_uio_platform_regions(dev, pdev);
	if (ret)
		goto err_unmap;
	ret = cen_uio_platform_irq(dev, pdev);
	if (ret)
		goto err_unmap;
	ret = cen_uio_register(dev);
	if (ret)
		goto err_unmap;
	platform_set_drvdata(pdev, dev);
	return devm_add_action_or_reset(device, cen_uio_platform_unbind, dev);

err_unmap:
	cen_uio_unmap_regions(dev);
	cen_uio_put(dev);
	return ret;
}

/* As far as it can be stopped: what does not come to rest keeps its buffers. */
static void cen_uio_platform_shutdown(struct platform_device *pdev)
{
	cen_uio_revoke(platform_get_drvdata(pdev));
}

static int cen_uio_platform_suspend(struct device *device)
{
	return cen_uio_leave(dev_get_drvdata(device));
}

static int cen_uio_platform_resume(struct device *device)
{
	cen_uio_return(dev_get_drvdata(device));
	return 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(cen_uio_platform_pm, cen_uio_platform_suspend,
				cen_uio_platform_resume);

static struct platform_driver cen_uio_platform_driver = {
	.probe = cen_uio_platform_probe,
	.shutdown = cen_uio_platform_shutdown,
	.driver = {
		.name = "cen_uio",
		.pm = pm_sleep_ptr(&cen_uio_platform_pm),
	},
};

int cen_uio_platform_init(void)
{
	return platform_driver_register(&cen_uio_platform_driver);
}

void cen_uio_platform_exit(void)
{
	platform_driver_unregister(&cen_uio_platform_driver);
}
