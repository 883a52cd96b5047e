// SPDX-License-Identifier: GPL-2.0
/*
 * The device itself: registers, interrupt, and one DMA at a time.
 *
 * A DMA takes about 100 ms and cannot be called back once started. So nobody
 * leaves here while one runs: either it has ended, or the device has lost the
 * right to master the bus. What is unmapped afterwards is out of its reach.
 */
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/jiffies.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>

#include "edu.h"

#define EDU_ID			0x00	/* RO: 0xRRrr00ed, R.r the version */
#define  EDU_ID_MASK		0xffff
#define  EDU_ID_VALUE		0x00ed
#define EDU_LIVENESS		0x04	/* reads back inverted */
#define EDU_IRQ_STATUS		0x24
#define  EDU_IRQ_DMA		0x100
#define EDU_IRQ_ACK		0x64
#define EDU_DMA_SOURCE		0x80
#define EDU_DMA_DEST		0x88
#define EDU_DMA_COUNT		0x90
#define EDU_DMA_COMMAND		0x98
#define  EDU_DMA_RUN		0x1	/* write: start; read: running */
#define  EDU_DMA_TO_MEMORY	0x2
#define  EDU_DMA_WANT_IRQ	0x4

/* Where the device's own memory lies in the device's own address space. */
#define EDU_MEMORY		0x40000

#define EDU_TIMEOUT_MS		3000

static unsigned int dma_bits = 28;
module_param(dma_bits, uint, 0444);
MODULE_PARM_DESC(dma_bits, "width of the device's DMA addresses, as in QEMU's dma_mask= (28)");

static irqreturn_t cen_edu_irq(int irq, void *data)
{
	struct cen_edu *edu = data;
	u32 status = readl(edu->regs + EDU_IRQ_STATUS);

	/* All ones: no device answers any more. */
	if (!status || status == ~0U)
		return IRQ_NONE;

	writel(status, edu->regs + EDU_IRQ_ACK);
	if (status & EDU_IRQ_DMA)
		complete(&edu->done);
	return IRQ_HANDLED;
}

/**
 * cen_edu_engine_reaches - can the device address this?
 * @edu: the device
 * @addr: a bus address
 * @length: bytes, > 0
 *
 * The device drops the address bits it does not have and would silently use
 * other memory, so nothing that fails here may ever reach its registers.
 */
bool cen_edu_engine_reaches(struct cen_edu *edu, dma_addr_t addr, size_t length)
{
	u64 last = (u64)addr + length - 1;

	return last >= addr && last <= dma_get_mask(&edu->pdev->dev);
}

static bool cen_edu_engine_running(struct cen_edu *edu)
{
	return readl(edu->regs + EDU_DMA_COMMAND) & EDU_DMA_RUN;
}

/**
 * cen_edu_engine_run - one DMA, from start to end
 * @edu: the device, locked
 * @addr: bus address in the machine's memory
 * @device_offset: bytes into the device's memory
 * @length: bytes; @device_offset + @length is within CEN_EDU_WINDOW
 * @direction: from or to the machine's memory
 *
 * Context: process context, sleeps for the length of the DMA.
 * Return: 0; -ERANGE: out of the device's reach, nothing was started;
 * -EIO: an earlier DMA never ended; -ETIMEDOUT: this one does not.
 */
int cen_edu_engine_run(struct cen_edu *edu, dma_addr_t addr, u32 device_offset,
		       u32 length, enum cen_edu_direction direction)
{
	u32 command = EDU_DMA_RUN | EDU_DMA_WANT_IRQ;
	u32 source = lower_32_bits(addr);
	u32 dest = EDU_MEMORY + device_offset;

	lockdep_assert_held(&edu->lock);

	if (edu->stuck)
		return -EIO;
	if (!cen_edu_engine_reaches(edu, addr, length))
		return -ERANGE;

	if (direction == CEN_EDU_TO_MEMORY) {
		swap(source, dest);
		command |= EDU_DMA_TO_MEMORY;
	}

	reinit_completion(&edu->done);
	/* 28 bits fit: a 32-bit write clears the upper half of these registers. */
	writel(source, edu->regs + EDU_DMA_SOURCE);
	writel(dest, edu->regs + EDU_DMA_DEST);
	writel(length, edu->regs + EDU_DMA_COUNT);
	writel(command, edu->regs + EDU_DMA_COMMAND);

	if (wait_for_completion_timeout(&edu->done, msecs_to_jiffies(EDU_TIMEOUT_MS)))
		return 0;

	if (!cen_edu_engine_running(edu)) {
		dev_warn_once(&edu->pdev->dev, "DMA ended without an interrupt\n");
		return 0;
	}

	dev_err(&edu->pdev->dev, "DMA does not end, cutting the device off\n");
	pci_clear_master(edu->pdev);
	edu->stuck = true;
	return -ETIMEDOUT;
}

/**
 * cen_edu_engine_init - enable the device, all of it managed
 * @edu: with @edu->pdev set
 */
int cen_edu_engine_init(struct cen_edu *edu)
{
	const u32 probe = 0x5aa5c33c;
	struct pci_dev *pdev = edu->pdev;
	struct device *dev = &pdev->dev;
	int ret;

	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;

	ret = pcim_iomap_regions(pdev, BIT(0), KBUILD_MODNAME);
	if (ret)
		return ret;
	edu->regs = pcim_iomap_table(pdev)[0];

	if ((readl(edu->regs + EDU_ID) & EDU_ID_MASK) != EDU_ID_VALUE)
		return dev_err_probe(dev, -ENODEV, "not an edu device\n");
	writel(probe, edu->regs + EDU_LIVENESS);
	if (readl(edu->regs + EDU_LIVENESS) != ~probe)
		return dev_err_probe(dev, -ENODEV, "the device does not answer\n");

	if (!dma_bits || dma_bits > 64)
		return dev_err_probe(dev, -EINVAL, "dma_bits=%u\n", dma_bits);
	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(dma_bits));
	if (ret)
		return dev_err_probe(dev, ret, "no DMA below 2^%u\n", dma_bits);
	/* A segment may be of any length: transfers are cut to the device's window. */
	dma_set_max_seg_size(dev, UINT_MAX);

	init_completion(&edu->done);
	ret = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_ALL_TYPES);
	if (ret < 0)
		return dev_err_probe(dev, ret, "no interrupt\n");
	ret = devm_request_irq(dev, pci_irq_vector(pdev, 0), cen_edu_irq, IRQF_SHARED,
			       KBUILD_MODNAME, edu);
	if (ret)
		return dev_err_probe(dev, ret, "cannot request the interrupt\n");

	/* The program that went before us may have left a DMA running. */
	if (cen_edu_engine_running(edu))
		return dev_err_probe(dev, -EBUSY, "a DMA is running already\n");

	pci_set_master(pdev);
	return 0;
}
