// SPDX-License-Identifier: GPL-2.0
/*
 * A port driver, whole: QEMU's "edu" device as a sink (edu-tx, memory to its own 4 KiB) and a
 * source (edu-rx, back again). docs/ports.md explains it. It has one DMA engine for both, which
 * takes 100 ms, up to 4092 bytes, knows no scatter-gather and cannot be stopped.
 */
#include <linux/cen_port.h>
#include <linux/cenalloc.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/pci.h>

#include "../../kernel/compat/compat.h"

static unsigned int dma_bits = 28;
module_param(dma_bits, uint, 0444);
MODULE_PARM_DESC(dma_bits, "width of the device's DMA addresses, as in QEMU's dma_mask= (28)");

struct edu {
	void __iomem *regs;
	struct cen_port *ports[2];
	spinlock_t lock;
	struct cen_transfer *todo[2];	/* by direction, what the engine gave us; P: lock */
	int running;			/* which of them, or -1; P: lock */
};

/* The bus address of the transfer's range. Never sg_page(): only what is mapped counts. */
static dma_addr_t edu_address(struct cen_transfer *t)
{
	u64 skip = t->offset;
	struct scatterlist *sg;
	int i;

	for_each_sgtable_dma_sg(t->sgt, sg, i) {
		if (skip < sg_dma_len(sg))
			return skip + t->length <= sg_dma_len(sg) ? sg_dma_address(sg) + skip :
								    DMA_MAPPING_ERROR;
		skip -= sg_dma_len(sg);
	}
	return DMA_MAPPING_ERROR;
}

/* P: lock; the device is idle */
static void edu_start_locked(struct edu *edu)
{
	int dir = edu->todo[CEN_PORT_SINK] ? CEN_PORT_SINK : CEN_PORT_SOURCE;
	struct cen_transfer *t = edu->todo[dir];

	edu->running = t ? dir : -1;
	if (!t)
		return;
	writel(dir == CEN_PORT_SINK ? edu_address(t) : 0x40000, edu->regs + 0x80);
	writel(dir == CEN_PORT_SINK ? 0x40000 : edu_address(t), edu->regs + 0x88);
	writel(t->length, edu->regs + 0x90);
	writel(dir == CEN_PORT_SINK ? 0x5 : 0x7, edu->regs + 0x98);
}

static int edu_submit(struct cen_port *port, struct cen_transfer *t)
{
	struct edu *edu = cen_port_priv(port);
	unsigned long flags;

	if (edu_address(t) == DMA_MAPPING_ERROR)	/* in two pieces: a foreign buffer's */
		return -EINVAL;
	spin_lock_irqsave(&edu->lock, flags);
	edu->todo[cen_port_is_sink(port)] = t;
	if (edu->running < 0)
		edu_start_locked(edu);
	spin_unlock_irqrestore(&edu->lock, flags);
	return 0;
}

/* What runs ends by itself soon; what waits for the other direction ends now. */
static void edu_cancel(struct cen_port *port, struct cen_transfer *t)
{
	struct edu *edu = cen_port_priv(port);
	int dir = cen_port_is_sink(port);
	bool ours;

	spin_lock_irq(&edu->lock);
	ours = edu->todo[dir] == t && edu->running != dir;
	if (ours)
		edu->todo[dir] = NULL;
	spin_unlock_irq(&edu->lock);
	if (ours)
		cen_transfer_done(t, -ECANCELED, 0);
}

static irqreturn_t edu_irq(int irq, void *data)
{
	struct cen_transfer *t = NULL;
	struct edu *edu = data;
	u32 status = readl(edu->regs + 0x24);
	unsigned long flags;

	if (!status)
		return IRQ_NONE;
	writel(status, edu->regs + 0x64);
	spin_lock_irqsave(&edu->lock, flags);
	if (status & 0x100 && edu->running >= 0) {
		t = edu->todo[edu->running];
		edu->todo[edu->running] = NULL;
		edu_start_locked(edu);
	}
	spin_unlock_irqrestore(&edu->lock, flags);
	if (t)
		cen_transfer_done(t, 0, t->length);
	return IRQ_HANDLED;
}

static const struct cen_port_ops edu_ops = { .submit = edu_submit, .cancel = edu_cancel };

static struct cen_port *edu_port(struct device *dev, struct edu *edu, const char *name, u32 direction)
{
	struct cen_port_desc desc = {
		.name = name, .dev = dev, .ops = &edu_ops, .owner = THIS_MODULE, .priv = edu,
		.granule = 4, .length_max = 4092, .depth_hw = 1, .direction = direction,
	};

	return cen_port_register(&desc);
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	/* what struct device cannot say: a buffer is to be in one piece */
	const struct cen_limits limits = { .max_segs = 1 };
	struct device *dev = &pdev->dev;
	struct edu *edu = devm_kzalloc(dev, sizeof(*edu), GFP_KERNEL);
	int ret;

	if (!edu)
		return -ENOMEM;
	spin_lock_init(&edu->lock);
	edu->running = -1;
	ret = pcim_enable_device(pdev) ?: pcim_iomap_regions(pdev, BIT(0), KBUILD_MODNAME) ?:
	      dma_set_mask_and_coherent(dev, DMA_BIT_MASK(dma_bits)) ?: devm_cen_device_limit(dev, &limits);
	if (ret)
		return ret;
	edu->regs = pcim_iomap_table(pdev)[0];
	pci_set_master(pdev);
	ret = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_ALL_TYPES);
	if (ret > 0)
		ret = devm_request_irq(dev, pci_irq_vector(pdev, 0), edu_irq, IRQF_SHARED,
				       KBUILD_MODNAME, edu);
	if (ret)
		return ret;
	edu->ports[0] = edu_port(dev, edu, "edu-rx", CEN_PORT_SOURCE);
	if (IS_ERR(edu->ports[0]))
		return PTR_ERR(edu->ports[0]);
	edu->ports[1] = edu_port(dev, edu, "edu-tx", CEN_PORT_SINK);
	if (IS_ERR(edu->ports[1])) {
		cen_port_unregister(edu->ports[0]);
		return PTR_ERR(edu->ports[1]);
	}
	pci_set_drvdata(pdev, edu);
	return 0;
}

static void edu_remove(struct pci_dev *pdev)
{
	struct edu *edu = pci_get_drvdata(pdev);

	cen_port_unregister(edu->ports[1]);
	cen_port_unregister(edu->ports[0]);
	pci_clear_master(pdev);
}

/* No device table: examples/edu has the device by default. */
static const struct pci_device_id edu_ids[] = { { PCI_DEVICE(0x1234, 0x11e8) }, { } };
static struct pci_driver edu_driver = {
	.name = "cen_port_edu", .id_table = edu_ids, .probe = edu_probe, .remove = edu_remove,
};
module_pci_driver(edu_driver);

CEN_IMPORT_NS(CENALLOC);
MODULE_AUTHOR("cenalloc maintainers");
MODULE_DESCRIPTION("Example: QEMU's edu device as two ports");
MODULE_LICENSE("GPL");
