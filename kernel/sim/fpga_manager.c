// SPDX-License-Identifier: GPL-2.0
/*
 * Three sorts of FPGA managers: one that reads memory itself, one that is fed bytes, one that
 * parses headers and is fed the rest.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "fpga.h"
#include "master.h"

static enum fpga_mgr_states cen_sim_mgr_state(struct fpga_manager *mgr)
{
	struct cen_sim_mgr *sim = mgr->priv;

	return sim->designs[0] ? FPGA_MGR_STATE_OPERATING : FPGA_MGR_STATE_POWER_UP;
}

static u64 cen_sim_mgr_status(struct fpga_manager *mgr)
{
	return ((struct cen_sim_mgr *)mgr->priv)->status;
}

/* The header is there: does it belong here? */
static int cen_sim_mgr_accept(struct cen_sim_mgr *sim, const struct fpga_image_info *info,
			      const char *buf, size_t count)
{
	struct cen_sim_fpga_header header;

	if (count < sizeof(header))
		return -EINVAL;
	memcpy(&header, buf, sizeof(header));
	return cen_sim_header_check(&header, info->region_id);
}

/* From here on what was in the FPGA, or in the region, is not there any more. */
static int cen_sim_mgr_write_init(struct fpga_manager *mgr, struct fpga_image_info *info,
				  const char *buf, size_t count)
{
	struct cen_sim_mgr *sim = mgr->priv;
	int ret;

	if (sim->faults.init)
		return -sim->faults.init;
	if (info->region_id > CEN_SIM_REGIONS ||
	    !(info->flags & FPGA_MGR_PARTIAL_RECONFIG) != !info->region_id)
		return -EINVAL;
	ret = cen_sim_mgr_accept(sim, info, buf, count);
	if (ret)
		return ret;
	sim->status = 0;
	sim->region = info->region_id;
	sim->designs[sim->region] = 0;
	if (!sim->region)
		memset(sim->designs, 0, sizeof(sim->designs));
	cen_sim_stream_start(&sim->stream);
	if (mgr->mops->skip_header) {
		memcpy(&sim->stream.header, buf, sizeof(sim->stream.header));
		sim->stream.have = sizeof(sim->stream.header);
	}
	return 0;
}

static int cen_sim_mgr_fault(struct cen_sim_mgr *sim)
{
	if (sim->stall_ms)
		msleep(sim->stall_ms);
	return -sim->faults.write;
}

static int cen_sim_mgr_write(struct fpga_manager *mgr, const char *buf, size_t count)
{
	struct cen_sim_mgr *sim = mgr->priv;
	int ret = cen_sim_mgr_fault(sim);

	return ret ?: cen_sim_stream_feed(sim, buf, count);
}

/* Data by DMA: through a small memory of its own, as the bus delivers it. */
static int cen_sim_mgr_fetch(struct cen_sim_mgr *sim, dma_addr_t addr, size_t length, void *fifo)
{
	struct device *dev = &sim->pdev->dev;
	int ret;

	while (length) {
		size_t piece = min_t(size_t, length, PAGE_SIZE);

		/* told not to look at the data, it passes it on as hardware would: at no cost */
		if (!sim->check && sim->stream.have == sizeof(sim->stream.header)) {
			sim->stream.data += length;
			return 0;
		}
		ret = cen_sim_read(dev, addr, fifo, piece);
		if (ret)
			return ret;
		cen_sim_stream_feed(sim, fifo, piece);
		addr += piece;
		length -= piece;
	}
	return 0;
}

static int cen_sim_mgr_write_sg(struct fpga_manager *mgr, struct sg_table *sgt)
{
	struct cen_sim_mgr *sim = mgr->priv;
	struct device *dev = &sim->pdev->dev;
	struct scatterlist *sg;
	void *fifo;
	int ret, i;

	ret = cen_sim_mgr_fault(sim);
	if (ret)
		return ret;
	fifo = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!fifo)
		return -ENOMEM;
	ret = dma_map_sgtable(dev, sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto free_fifo;
	sim->segments = sgt->nents;
	for_each_sgtable_dma_sg(sgt, sg, i) {
		ret = cen_sim_mgr_fetch(sim, sg_dma_address(sg), sg_dma_len(sg), fifo);
		if (ret)
			break;
	}
	dma_unmap_sgtable(dev, sgt, DMA_TO_DEVICE, 0);
free_fifo:
	kfree(fifo);
	return ret;
}

static int cen_sim_mgr_write_complete(struct fpga_manager *mgr, struct fpga_image_info *info)
{
	struct cen_sim_mgr *sim = mgr->priv;
	int ret = -sim->faults.complete;

	if (!ret)
		ret = cen_sim_stream_end(sim);
	if (ret)
		return ret;
	sim->designs[sim->region] = le32_to_cpu(sim->stream.header.design);
	sim->loads++;
	return 0;
}

/* Asks for as much as it needs, in two rounds: the size of a header stands in it. */
static int cen_sim_mgr_parse_header(struct fpga_manager *mgr, struct fpga_image_info *info,
				    const char *buf, size_t count)
{
	const struct cen_sim_fpga_header *header = (const void *)buf;
	struct cen_sim_mgr *sim = mgr->priv;
	int ret;

	if (sim->faults.header)
		return -sim->faults.header;
	if (count < sizeof(*header)) {
		if (info->header_size >= sizeof(*header))
			return -EINVAL;
		info->header_size = sizeof(*header);
		return -EAGAIN;
	}
	ret = cen_sim_mgr_accept(sim, info, buf, count);
	if (ret)
		return ret;
	info->header_size = sizeof(*header);
	info->data_size = le64_to_cpu(header->data_size);
	return 0;
}

static ssize_t cen_sim_design_show(struct device *dev, char *page, u32 region)
{
	struct cen_sim_mgr *sim = to_fpga_manager(dev)->priv;

	return sysfs_emit(page, "0x%08x\n", READ_ONCE(sim->designs[region]));
}

static ssize_t design_show(struct device *dev, struct device_attribute *attr, char *page)
{
	return cen_sim_design_show(dev, page, 0);
}
static DEVICE_ATTR_RO(design);

static ssize_t design1_show(struct device *dev, struct device_attribute *attr, char *page)
{
	return cen_sim_design_show(dev, page, 1);
}
static DEVICE_ATTR_RO(design1);

static ssize_t design2_show(struct device *dev, struct device_attribute *attr, char *page)
{
	return cen_sim_design_show(dev, page, 2);
}
static DEVICE_ATTR_RO(design2);

static struct attribute *cen_sim_mgr_attrs[] = {
	&dev_attr_design.attr,
	&dev_attr_design1.attr,
	&dev_attr_design2.attr,
	NULL
};
ATTRIBUTE_GROUPS(cen_sim_mgr);

static const struct fpga_manager_ops cen_sim_mgr_ops[CEN_SIM_KINDS] = {
	[CEN_SIM_TABLES] = {
		.initial_header_size = sizeof(struct cen_sim_fpga_header),
		.state = cen_sim_mgr_state,
		.status = cen_sim_mgr_status,
		.write_init = cen_sim_mgr_write_init,
		.write_sg = cen_sim_mgr_write_sg,
		.write_complete = cen_sim_mgr_write_complete,
		.groups = cen_sim_mgr_groups,
	},
	[CEN_SIM_STREAMS] = {
		.initial_header_size = sizeof(struct cen_sim_fpga_header),
		.state = cen_sim_mgr_state,
		.status = cen_sim_mgr_status,
		.write_init = cen_sim_mgr_write_init,
		.write = cen_sim_mgr_write,
		.write_complete = cen_sim_mgr_write_complete,
		.groups = cen_sim_mgr_groups,
	},
	[CEN_SIM_HEADERS] = {
		.initial_header_size = 16,
		.skip_header = true,
		.state = cen_sim_mgr_state,
		.status = cen_sim_mgr_status,
		.parse_header = cen_sim_mgr_parse_header,
		.write_init = cen_sim_mgr_write_init,
		.write = cen_sim_mgr_write,
		.write_complete = cen_sim_mgr_write_complete,
		.groups = cen_sim_mgr_groups,
	},
};

struct fpga_manager *cen_sim_mgr_register(struct cen_sim_mgr *sim, enum cen_sim_kind kind)
{
	static const char * const names[CEN_SIM_KINDS] = {
		[CEN_SIM_TABLES] = "cen_sim tables",
		[CEN_SIM_STREAMS] = "cen_sim streams",
		[CEN_SIM_HEADERS] = "cen_sim headers",
	};

	return fpga_mgr_register(&sim->pdev->dev, names[kind], &cen_sim_mgr_ops[kind], sim);
}
