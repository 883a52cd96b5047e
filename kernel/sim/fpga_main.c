// SPDX-License-Identifier: GPL-2.0
/*
 * Three FPGAs that are not there. The first has two regions with a bridge each, and reads
 * images by DMA, within its mask; the others are programmed as a whole. What they hold is told
 * in "design", "design1" and "design2" of the manager in sysfs.
 *
 * /sys/kernel/debug/cen_sim_fpga/, a directory for each manager and region:
 *
 *   header, init, write, complete	manager: the errno this step fails with, 0: none
 *   get, disable, enable		region: the same for its bridge
 *   stall_ms				manager: writing takes that much longer
 *   check				manager: N: look at headers only
 *   segments, loads, disables		counted
 *   firmware				region: load this file as the kernel's own drivers do
 *   plugged				manager: N takes it away, and its regions
 *   claimed				region: Y: behave as if an overlay were applied
 */
#include <linux/debugfs.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "../compat/compat.h"
#include "fpga.h"

static unsigned int dma_bits = 32;
module_param(dma_bits, uint, 0444);
MODULE_PARM_DESC(dma_bits, "width of the first FPGA's DMA addresses");
static unsigned int seg_size;
module_param(seg_size, uint, 0444);
MODULE_PARM_DESC(seg_size, "largest segment in bytes, 0: 64 KiB");

static struct cen_sim_mgr cen_sim_mgrs[CEN_SIM_KINDS];
static struct cen_sim_region cen_sim_regions[CEN_SIM_REGIONS];
static struct dentry *cen_sim_debugfs;
static DEFINE_MUTEX(cen_sim_plugging);	/* mgr and region pointers */

static bool cen_sim_has_regions(const struct cen_sim_mgr *sim)
{
	return sim == &cen_sim_mgrs[CEN_SIM_TABLES];
}

static void cen_sim_unplug_locked(struct cen_sim_mgr *sim)
{
	int i;

	if (!sim->mgr)
		return;
	for (i = CEN_SIM_REGIONS; cen_sim_has_regions(sim) && i--; )
		cen_sim_region_unregister(&cen_sim_regions[i]);
	fpga_mgr_unregister(sim->mgr);
	sim->mgr = NULL;
}

static int cen_sim_plug_locked(struct cen_sim_mgr *sim)
{
	struct fpga_manager *mgr;
	int ret, i;

	if (sim->mgr)
		return 0;
	memset(sim->designs, 0, sizeof(sim->designs));
	mgr = cen_sim_mgr_register(sim, sim - cen_sim_mgrs);
	if (IS_ERR(mgr))
		return PTR_ERR(mgr);
	sim->mgr = mgr;
	for (i = 0; cen_sim_has_regions(sim) && i < CEN_SIM_REGIONS; i++) {
		ret = cen_sim_region_register(&cen_sim_regions[i], &sim->pdev->dev, mgr);
		if (ret) {
			cen_sim_unplug_locked(sim);
			return ret;
		}
	}
	return 0;
}

static int cen_sim_plugged_get(void *data, u64 *val)
{
	*val = !!READ_ONCE(((struct cen_sim_mgr *)data)->mgr);
	return 0;
}

static int cen_sim_plugged_set(void *data, u64 val)
{
	int ret = 0;

	mutex_lock(&cen_sim_plugging);
	if (val)
		ret = cen_sim_plug_locked(data);
	else
		cen_sim_unplug_locked(data);
	mutex_unlock(&cen_sim_plugging);
	return ret;
}
DEFINE_DEBUGFS_ATTRIBUTE(cen_sim_plugged_fops, cen_sim_plugged_get, cen_sim_plugged_set, "%llu\n");

static int cen_sim_claimed_get(void *data, u64 *val)
{
	struct cen_sim_region *sim = data;

	mutex_lock(&cen_sim_plugging);
	*val = sim->region && READ_ONCE(sim->region->info);
	mutex_unlock(&cen_sim_plugging);
	return 0;
}

/* An overlay that programmed a region keeps its image's description there. */
static int cen_sim_claimed_set(void *data, u64 val)
{
	static struct fpga_image_info overlay;
	struct cen_sim_region *sim = data;
	int ret = 0;

	mutex_lock(&cen_sim_plugging);
	if (!sim->region)
		ret = -ENODEV;
	else if (val && cmpxchg(&sim->region->info, NULL, &overlay))
		ret = -EBUSY;
	else if (!val)
		cmpxchg(&sim->region->info, &overlay, NULL);
	mutex_unlock(&cen_sim_plugging);
	return ret;
}
DEFINE_DEBUGFS_ATTRIBUTE(cen_sim_claimed_fops, cen_sim_claimed_get, cen_sim_claimed_set, "%llu\n");

static ssize_t cen_sim_firmware_write(struct file *file, const char __user *user, size_t size,
				      loff_t *pos)
{
	char *name = memdup_user_nul(user, min_t(size_t, size, PATH_MAX));
	int ret;

	if (IS_ERR(name))
		return PTR_ERR(name);
	mutex_lock(&cen_sim_plugging);
	ret = cen_sim_region_load(file->private_data, strim(name), FPGA_MGR_PARTIAL_RECONFIG);
	mutex_unlock(&cen_sim_plugging);
	kfree(name);
	return ret ?: size;
}

static const struct file_operations cen_sim_firmware_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = cen_sim_firmware_write,
};

static void cen_sim_mgr_debugfs(struct cen_sim_mgr *sim)
{
	struct dentry *dir = debugfs_create_dir(dev_name(&sim->pdev->dev), cen_sim_debugfs);

	debugfs_create_u32("header", 0600, dir, &sim->faults.header);
	debugfs_create_u32("init", 0600, dir, &sim->faults.init);
	debugfs_create_u32("write", 0600, dir, &sim->faults.write);
	debugfs_create_u32("complete", 0600, dir, &sim->faults.complete);
	debugfs_create_u32("stall_ms", 0600, dir, &sim->stall_ms);
	debugfs_create_bool("check", 0600, dir, &sim->check);
	debugfs_create_u32("segments", 0400, dir, &sim->segments);
	debugfs_create_u64("loads", 0400, dir, &sim->loads);
	debugfs_create_file("plugged", 0600, dir, sim, &cen_sim_plugged_fops);
}

static void cen_sim_region_debugfs(struct cen_sim_region *sim)
{
	struct dentry *dir = debugfs_create_dir(dev_name(&sim->pdev->dev), cen_sim_debugfs);

	debugfs_create_u32("get", 0600, dir, &sim->fail_get);
	debugfs_create_u32("disable", 0600, dir, &sim->fail_disable);
	debugfs_create_u32("enable", 0600, dir, &sim->fail_enable);
	debugfs_create_u32("disables", 0400, dir, &sim->disables);
	debugfs_create_bool("enabled", 0400, dir, &sim->enabled);
	debugfs_create_file("firmware", 0200, dir, sim, &cen_sim_firmware_fops);
	debugfs_create_file("claimed", 0600, dir, sim, &cen_sim_claimed_fops);
}

static int cen_sim_device(struct platform_device **pdev, const char *name, int id)
{
	struct platform_device *made = platform_device_register_simple(name, id, NULL, 0);

	if (IS_ERR(made))
		return PTR_ERR(made);
	*pdev = made;
	return 0;
}

static void cen_sim_fpga_destroy(void)
{
	int i;

	debugfs_remove_recursive(cen_sim_debugfs);
	for (i = CEN_SIM_KINDS; i--; )
		cen_sim_plugged_set(&cen_sim_mgrs[i], 0);
	for (i = CEN_SIM_REGIONS; i--; )
		platform_device_unregister(cen_sim_regions[i].pdev);
	for (i = CEN_SIM_KINDS; i--; )
		platform_device_unregister(cen_sim_mgrs[i].pdev);
}

static int cen_sim_fpga_devices(void)
{
	struct device *dev;
	int ret, i;

	for (i = 0; i < CEN_SIM_KINDS; i++) {
		cen_sim_mgrs[i].check = true;
		ret = cen_sim_device(&cen_sim_mgrs[i].pdev, "cen_sim_fpga", i);
		if (ret)
			return ret;
	}
	dev = &cen_sim_mgrs[CEN_SIM_TABLES].pdev->dev;
	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(dma_bits));
	if (ret)
		return ret;
	if (seg_size)
		dma_set_max_seg_size(dev, seg_size);
	for (i = 0; i < CEN_SIM_REGIONS; i++) {
		cen_sim_regions[i].id = i + 1;
		ret = cen_sim_device(&cen_sim_regions[i].pdev, "cen_sim_fpga_region", i);
		if (ret)
			return ret;
	}
	for (i = 0; i < CEN_SIM_KINDS; i++) {
		ret = cen_sim_plugged_set(&cen_sim_mgrs[i], 1);
		if (ret)
			return ret;
	}
	return 0;
}

static int __init cen_sim_fpga_init(void)
{
	int ret, i;

	if (!dma_bits || dma_bits > 64)
		return -EINVAL;
	/* what is NULL is not unregistered */
	ret = cen_sim_fpga_devices();
	if (ret) {
		cen_sim_fpga_destroy();
		return ret;
	}
	cen_sim_debugfs = debugfs_create_dir("cen_sim_fpga", NULL);
	for (i = 0; i < CEN_SIM_KINDS; i++)
		cen_sim_mgr_debugfs(&cen_sim_mgrs[i]);
	for (i = 0; i < CEN_SIM_REGIONS; i++)
		cen_sim_region_debugfs(&cen_sim_regions[i]);
	return 0;
}

static void __exit cen_sim_fpga_exit(void)
{
	cen_sim_fpga_destroy();
}

module_init(cen_sim_fpga_init);
module_exit(cen_sim_fpga_exit);

CEN_IMPORT_NS(CENALLOC);
MODULE_AUTHOR("cenalloc maintainers");
MODULE_DESCRIPTION("FPGAs that are not there, for tests and demos of cenalloc");
MODULE_LICENSE("GPL");
