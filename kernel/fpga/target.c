// SPDX-License-Identifier: GPL-2.0
/*
 * What can be programmed: regions and managers, as they come and go.
 *
 * The FPGA core tells nobody of them, but it registers devices of two classes, and a
 * class has interfaces, which are told.
 */
#include <linux/cenalloc.h>
#include <linux/err.h>
#include <linux/fpga/fpga-mgr.h>
#include <linux/fpga/fpga-region.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "../compat/compat_class.h"
#include "fpga.h"

static DEFINE_MUTEX(cen_fpga_targets_lock);
static LIST_HEAD(cen_fpga_targets);		/* T */

struct cen_fpga_target *cen_fpga_target_get(const char *name)
{
	struct cen_fpga_target *target;

	mutex_lock(&cen_fpga_targets_lock);
	list_for_each_entry(target, &cen_fpga_targets, list) {
		if (!strcmp(target->name, name)) {
			get_device(&target->node);
			mutex_unlock(&cen_fpga_targets_lock);
			return target;
		}
	}
	mutex_unlock(&cen_fpga_targets_lock);
	return NULL;
}

void cen_fpga_target_put(struct cen_fpga_target *target)
{
	if (target)
		put_device(&target->node);
}

bool cen_fpga_manager_has_regions(const struct fpga_manager *mgr)
{
	struct cen_fpga_target *target;
	bool found = false;

	mutex_lock(&cen_fpga_targets_lock);
	list_for_each_entry(target, &cen_fpga_targets, list)
		if (target->region && target->mgr == mgr)
			found = true;
	mutex_unlock(&cen_fpga_targets_lock);
	return found;
}

static void cen_fpga_target_release(struct device *node)
{
	struct cen_fpga_target *target = container_of(node, struct cen_fpga_target, node);

	put_device(target->hw);
	mutex_destroy(&target->lock);
	kfree(target);
}

static int cen_fpga_target_add(struct device *dev, struct fpga_manager *mgr,
			       struct fpga_region *region)
{
	struct cen_fpga_target *target;
	int ret;

	target = kzalloc(sizeof(*target), GFP_KERNEL);
	if (!target)
		return -ENOMEM;
	device_initialize(&target->node);
	target->node.release = cen_fpga_target_release;
	target->node.parent = dev;
	mutex_init(&target->lock);
	spin_lock_init(&target->status_lock);
	strscpy(target->name, dev_name(dev), sizeof(target->name));
	target->dev = dev;
	target->hw = get_device(mgr->dev.parent);
	target->mgr = mgr;
	target->region = region;
	strscpy(target->manager, dev_name(&mgr->dev), sizeof(target->manager));
	strscpy(target->model, mgr->name, sizeof(target->model));
	cen_device_name(target->hw, target->device);
	target->flags = (region ? CEN_FPGA_REGION : 0) |
			(mgr->mops->write_sg ? CEN_FPGA_TABLES : 0) |
			(mgr->mops->write ? CEN_FPGA_STREAMS : 0) |
			(mgr->mops->parse_header ? CEN_FPGA_HEADERS : 0);

	ret = cen_fpga_node_add(target);
	if (ret) {
		/* the class asks nobody how it went */
		dev_warn(dev, "cen_fpga has no node for it (%d)\n", ret);
		put_device(&target->node);
		return ret;
	}
	mutex_lock(&cen_fpga_targets_lock);
	list_add_tail(&target->list, &cen_fpga_targets);
	mutex_unlock(&cen_fpga_targets_lock);
	return 0;
}

/* Waits for a load that is under way. */
static void cen_fpga_target_del(struct device *dev)
{
	struct cen_fpga_target *target, *found = NULL;

	mutex_lock(&cen_fpga_targets_lock);
	list_for_each_entry(target, &cen_fpga_targets, list)
		if (target->dev == dev)
			found = target;
	if (found)
		list_del(&found->list);
	mutex_unlock(&cen_fpga_targets_lock);
	if (!found)
		return;

	cen_fpga_node_del(found);
	mutex_lock(&found->lock);
	spin_lock(&found->status_lock);
	found->gone = true;
	spin_unlock(&found->status_lock);
	mutex_unlock(&found->lock);
	put_device(&found->node);
}

static int cen_fpga_add_manager(struct device *dev)
{
	return cen_fpga_target_add(dev, to_fpga_manager(dev), NULL);
}

static int cen_fpga_add_region(struct device *dev)
{
	struct fpga_region *region = to_fpga_region(dev);

	/* One that was registered without could not be programmed by anyone. */
	return region->mgr ? cen_fpga_target_add(dev, region->mgr, region) : -ENODEV;
}

CEN_CLASS_INTERFACE(cen_fpga_managers, cen_fpga_add_manager, cen_fpga_target_del);
CEN_CLASS_INTERFACE(cen_fpga_regions, cen_fpga_add_region, cen_fpga_target_del);

static const struct fpga_manager_ops cen_fpga_no_ops = {};

/*
 * The classes are not exported, but their devices know them. There may be none yet: so ours,
 * which program nothing, for a moment.
 */
static int cen_fpga_find_classes(void)
{
	struct fpga_region *region;
	struct fpga_manager *mgr;
	struct device *root;
	int ret = 0;

	root = root_device_register("cen_fpga");
	if (IS_ERR(root))
		return PTR_ERR(root);
	mgr = fpga_mgr_register(root, "cen_fpga placeholder", &cen_fpga_no_ops, NULL);
	if (IS_ERR(mgr)) {
		ret = PTR_ERR(mgr);
		goto err_root;
	}
	region = fpga_region_register(root, mgr, NULL);
	if (IS_ERR(region)) {
		ret = PTR_ERR(region);
		goto err_mgr;
	}
	cen_fpga_managers.class = mgr->dev.class;
	cen_fpga_regions.class = region->dev.class;
	fpga_region_unregister(region);
err_mgr:
	fpga_mgr_unregister(mgr);
err_root:
	root_device_unregister(root);
	return ret;
}

int cen_fpga_targets_init(void)
{
	int ret;

	ret = cen_fpga_find_classes();
	if (ret)
		return ret;
	ret = class_interface_register(&cen_fpga_managers);
	if (ret)
		return ret;
	ret = class_interface_register(&cen_fpga_regions);
	if (ret)
		class_interface_unregister(&cen_fpga_managers);
	return ret;
}

void cen_fpga_targets_exit(void)
{
	class_interface_unregister(&cen_fpga_regions);
	class_interface_unregister(&cen_fpga_managers);
}
