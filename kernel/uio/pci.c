// SPDX-License-Identifier: GPL-2.0
/*
 * PCI devices, bound by new_id or driver_override: there is no table of ids.
 */
#include <linux/interrupt.h>
#include <linux/pci.h>

#include "uio.h"

#if IS_ENABLED(CONFIG_PCI)

static void cen_uio_pci_go(struct cen_uio *dev)
{
	pci_set_master(to_pci_dev(dev->dev));
}

/*
 * Without bus mastering no new access leaves the device. The answer to the read that
 * follows must not pass those it had sent before. It is one of configuration space, since
 * a register may not like to be read, or not in that width.
 */
static bool cen_uio_pci_stop(struct cen_uio *dev)
{
	struct pci_dev *pdev = to_pci_dev(dev->dev);
	u16 status;

	pci_clear_master(pdev);
	pci_read_config_word(pdev, PCI_STATUS, &status);
	if (pci_is_pcie(pdev))
		pci_wait_for_pending_transaction(pdev);
	return true;
}

static void cen_uio_pci_irq_set(struct cen_uio *dev, bool on)
{
	struct pci_dev *pdev = to_pci_dev(dev->dev);

	switch (dev->irq) {
	case CEN_UIO_IRQ_INTX:
		/* The handler masks it behind our back, so @irq_on says nothing. */
		pci_intx(pdev, on);
		break;
	case CEN_UIO_IRQ_MSI:
		if (on == dev->irq_on)
			break;
		dev->irq_on = on;
		if (on)
			enable_irq(dev->info.irq);
		else
			disable_irq(dev->info.irq);
		break;
	default:
		break;
	}
}

static bool cen_uio_pci_present(struct cen_uio *dev)
{
	return pci_device_is_present(to_pci_dev(dev->dev));
}

static const struct cen_uio_bus cen_uio_pci_bus = {
	.go = cen_uio_pci_go,
	.stop = cen_uio_pci_stop,
	.irq_set = cen_uio_pci_irq_set,
	.present = cen_uio_pci_present,
};

static irqreturn_t cen_uio_pci_intx(int irq, struct uio_info *info)
{
	struct cen_uio *dev = container_of(info, struct cen_uio, info);

	switch (cen_uio_acknowledge(dev)) {
	case CEN_UIO_ACK_NOTHING:
		return IRQ_NONE;
	case CEN_UIO_ACK_DONE:
		return IRQ_HANDLED;
	default:
		return pci_check_and_mask_intx(to_pci_dev(dev->dev)) ? IRQ_HANDLED : IRQ_NONE;
	}
}

static irqreturn_t cen_uio_pci_msi(int irq, struct uio_info *info)
{
	cen_uio_acknowledge(container_of(info, struct cen_uio, info));
	return IRQ_HANDLED;
}

/*
 * INTx by choice: a message signalled interrupt is a write to memory, so a device
 * that may send one may write anything.
 */
static int cen_uio_pci_irq(struct cen_uio *dev, struct pci_dev *pdev)
{
	enum cen_uio_irq_choice choice = dev->rules->irq;
	bool intx = pdev->pin && pdev->irq && pdev->irq != IRQ_NOTCONNECTED &&
		    pci_intx_mask_supported(pdev);
	int ret;

	if (choice == CEN_UIO_WANT_NONE)
		return 0;
	if (choice == CEN_UIO_WANT_INTX && !intx) {
		pci_err(pdev, "rules: irq intx, but it has none that can be masked\n");
		return -EINVAL;
	}
	if (intx && choice != CEN_UIO_WANT_MSI) {
		dev->irq = CEN_UIO_IRQ_INTX;
		dev->info.irq = pdev->irq;
		dev->info.irq_flags = IRQF_SHARED;
		dev->info.handler = cen_uio_pci_intx;
		return 0;
	}

	/* Without an address register the device never gets to send one. */
	ret = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSI | PCI_IRQ_MSIX);
	if (ret < 0) {
		if (choice == CEN_UIO_WANT_MSI) {
			pci_err(pdev, "rules: irq msi, but it has none\n");
			return ret;
		}
		return 0;
	}
	dev->irq = CEN_UIO_IRQ_MSI;
	dev->info.irq = pci_irq_vector(pdev, 0);
	dev->info.irq_flags = IRQF_NO_AUTOEN;
	dev->info.handler = cen_uio_pci_msi;
	return 0;
}

static int cen_uio_pci_regions(struct cen_uio *dev, struct pci_dev *pdev)
{
	u32 i;
	int ret;

	for (i = 0; i < CEN_UIO_MAX_REGIONS; i++) {
		if (!(pci_resource_flags(pdev, i) & IORESOURCE_MEM) || !pci_resource_len(pdev, i))
			continue;
		ret = cen_uio_add_region(dev, i, pci_resource_start(pdev, i),
					 pci_resource_len(pdev, i));
		if (ret)
			return ret;
	}
	return 0;
}

static int cen_uio_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	char model[CEN_UIO_NAME_LEN];
	struct cen_uio *dev;
	int bars, ret;

	snprintf(model, sizeof(model), "pci-id:%04x:%04x", pdev->vendor, pdev->device);
	dev = cen_uio_alloc(&pdev->dev, &cen_uio_pci_bus, model);
	if (IS_ERR(dev))
		return PTR_ERR(dev);

	ret = pci_enable_device(pdev);
	if (ret)
		goto err_put;
	/* A driver or firmware before us may have left it mastering the bus. */
	pci_clear_master(pdev);

	/* Exclusive, or sysfs would map the very pages that are kept from /dev/uioN. */
	bars = pci_select_bars(pdev, IORESOURCE_MEM);
	ret = pci_request_selected_regions_exclusive(pdev, bars, "cen_uio");
	if (ret)
		goto err_disable;
	ret = cen_uio_pci_regions(dev, pdev);
	if (ret)
		goto err_unmap;
	ret = cen_uio_pci_irq(dev, pdev);
	if (ret)
		goto err_unmap;
	ret = cen_uio_register(dev);
	if (ret)
		goto err_irq;
	pci_set_drvdata(pdev, dev);
	return 0;

err_irq:
	if (dev->irq == CEN_UIO_IRQ_MSI)
		pci_free_irq_vectors(pdev);
err_unmap:
	cen_uio_unmap_regions(dev);
	pci_release_selected_regions(pdev, bars);
err_disable:
	pci_disable_device(pdev);
err_put:
	cen_uio_put(dev);
	return ret;
}

static void cen_uio_pci_remove(struct pci_dev *pdev)
{
	struct cen_uio *dev = pci_get_drvdata(pdev);

	cen_uio_unregister(dev);
	if (dev->irq == CEN_UIO_IRQ_MSI)
		pci_free_irq_vectors(pdev);
	else if (dev->irq == CEN_UIO_IRQ_INTX)
		/* as it was found */
		pci_intx(pdev, 1);
	pci_release_selected_regions(pdev, pci_select_bars(pdev, IORESOURCE_MEM));
	pci_disable_device(pdev);
	cen_uio_put(dev);
}

/* Nothing may be written to memory that the next kernel thinks is its own. */
static void cen_uio_pci_shutdown(struct pci_dev *pdev)
{
	cen_uio_revoke(pci_get_drvdata(pdev));
}

static int cen_uio_pci_suspend(struct device *device)
{
	return cen_uio_leave(dev_get_drvdata(device));
}

static int cen_uio_pci_resume(struct device *device)
{
	cen_uio_return(dev_get_drvdata(device));
	return 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(cen_uio_pci_pm, cen_uio_pci_suspend, cen_uio_pci_resume);

/* Somebody resets the function, by sysfs for instance. A PCI device always leaves. */
static void cen_uio_pci_reset_prepare(struct pci_dev *pdev)
{
	cen_uio_leave(pci_get_drvdata(pdev));
}

static void cen_uio_pci_reset_done(struct pci_dev *pdev)
{
	cen_uio_return(pci_get_drvdata(pdev));
}

static const struct pci_error_handlers cen_uio_pci_errors = {
	.reset_prepare = cen_uio_pci_reset_prepare,
	.reset_done = cen_uio_pci_reset_done,
};

static struct pci_driver cen_uio_pci_driver = {
	.name = "cen_uio",
	.probe = cen_uio_pci_probe,
	.remove = cen_uio_pci_remove,
	.shutdown = cen_uio_pci_shutdown,
	.err_handler = &cen_uio_pci_errors,
	.driver.pm = pm_sleep_ptr(&cen_uio_pci_pm),
};

int cen_uio_pci_init(void)
{
	return pci_register_driver(&cen_uio_pci_driver);
}

void cen_uio_pci_exit(void)
{
	pci_unregister_driver(&cen_uio_pci_driver);
}

#else

int cen_uio_pci_init(void)
{
	return 0;
}

void cen_uio_pci_exit(void)
{
}

#endif
