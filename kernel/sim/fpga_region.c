// SPDX-License-Identifier: GPL-2.0
/*
 * Regions of the simulated FPGA, each behind a bridge.
 */
#include <linux/err.h>
#include <linux/slab.h>

#include "fpga.h"

static int cen_sim_bridge_show(struct fpga_bridge *bridge)
{
	return ((struct cen_sim_region *)bridge->priv)->enabled;
}

static int cen_sim_bridge_set(struct fpga_bridge *bridge, bool enable)
{
	struct cen_sim_region *sim = bridge->priv;
	u32 fail = enable ? sim->fail_enable : sim->fail_disable;

	if (fail)
		return -fail;
	if (!enable)
		sim->disables++;
	sim->enabled = enable;
	return 0;
}

static const struct fpga_bridge_ops cen_sim_bridge_ops = {
	.enable_show = cen_sim_bridge_show,
	.enable_set = cen_sim_bridge_set,
};

/* The only one who knows which region it is tells the manager's driver. */
static int cen_sim_region_get_bridges(struct fpga_region *region)
{
	struct cen_sim_region *sim = region->priv;

	region->info->region_id = sim->id;
	if (sim->fail_get)
		return -sim->fail_get;
	return fpga_bridge_get_to_list(&sim->pdev->dev, region->info, &region->bridge_list);
}

int cen_sim_region_register(struct cen_sim_region *sim, struct device *parent,
			    struct fpga_manager *mgr)
{
	struct fpga_region_info info = {
		.mgr = mgr,
		.priv = sim,
		.get_bridges = cen_sim_region_get_bridges,
	};
	int ret;

	sim->enabled = true;
	sim->bridge = fpga_bridge_register(&sim->pdev->dev, "cen_sim bridge", &cen_sim_bridge_ops,
					   sim);
	if (IS_ERR(sim->bridge)) {
		ret = PTR_ERR(sim->bridge);
		goto err_bridge;
	}
	sim->region = fpga_region_register_full(parent, &info);
	if (IS_ERR(sim->region)) {
		ret = PTR_ERR(sim->region);
		goto err_region;
	}
	return 0;

err_region:
	sim->region = NULL;
	fpga_bridge_unregister(sim->bridge);
err_bridge:
	sim->bridge = NULL;
	return ret;
}

void cen_sim_region_unregister(struct cen_sim_region *sim)
{
	if (sim->region)
		fpga_region_unregister(sim->region);
	sim->region = NULL;
	if (sim->bridge)
		fpga_bridge_unregister(sim->bridge);
	sim->bridge = NULL;
}

int cen_sim_region_load(struct cen_sim_region *sim, const char *name, u32 flags)
{
	struct fpga_region *region = sim->region;
	struct fpga_image_info *info;
	int ret = -EBUSY;

	if (!region)
		return -ENODEV;
	info = fpga_image_info_alloc(&region->dev);
	if (!info)
		return -ENOMEM;
	info->flags = flags;
	info->firmware_name = devm_kstrdup(&region->dev, name, GFP_KERNEL);
	if (!info->firmware_name) {
		ret = -ENOMEM;
		goto free_info;
	}
	if (cmpxchg(&region->info, NULL, info))
		goto free_info;
	ret = fpga_region_program_fpga(region);
	if (!ret)
		fpga_bridges_put(&region->bridge_list);
	WRITE_ONCE(region->info, NULL);
free_info:
	fpga_image_info_free(info);
	return ret;
}
