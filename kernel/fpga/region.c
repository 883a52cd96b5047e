// SPDX-License-Identifier: GPL-2.0
/*
 * configfs: cen_fpga/<region>/, what is known of a region and which of its slots is active.
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fpga.h"
#include "names.h"

static struct cen_fpga_region *cen_fpga_region_from(struct config_item *item)
{
	return container_of(to_config_group(item), struct cen_fpga_region, group);
}

struct cen_fpga_target *cen_fpga_region_target(struct cen_fpga_region *region)
{
	struct cen_fpga_target *target;

	mutex_lock(&region->lock);
	if (region->target && READ_ONCE(region->target->gone)) {
		cen_fpga_target_put(region->target);
		region->target = NULL;
	}
	if (!region->target)
		region->target = cen_fpga_target_get(config_item_name(&region->group.cg_item));
	target = region->target;
	if (target)
		get_device(&target->node);
	mutex_unlock(&region->lock);
	return target;
}

static int cen_fpga_region_status(struct config_item *item, struct cen_fpga_status *status,
				  u32 *state)
{
	struct cen_fpga_target *target = cen_fpga_region_target(cen_fpga_region_from(item));
	int ret;

	if (!target)
		return -ENODEV;
	ret = cen_fpga_status_get(target, status, state);
	cen_fpga_target_put(target);
	return ret;
}

#define CEN_FPGA_REGION_SHOW(name, format, ...)						\
static ssize_t cen_fpga_region_##name##_show(struct config_item *item, char *page)	\
{											\
	struct cen_fpga_status status;							\
	u32 state;									\
	int ret = cen_fpga_region_status(item, &status, &state);			\
											\
	return ret ?: sysfs_emit(page, format, __VA_ARGS__);				\
}

CEN_FPGA_REGION_SHOW(state, "%s\n", cen_fpga_name_of_state(state))
CEN_FPGA_REGION_SHOW(message, "%s\n", status.last.message)
CEN_FPGA_REGION_SHOW(previous, "%s\n", status.previous)
CEN_FPGA_REGION_SHOW(isolated, "%d\n", status.isolated)
CEN_FPGA_REGION_SHOW(switches, "%llu\n", status.loads)
CEN_FPGA_REGION_SHOW(failures, "%llu\n", status.failures)
CEN_FPGA_REGION_SHOW(last_switch_ns, "%llu\n", status.last.duration)
CEN_FPGA_REGION_SHOW(active, "%s\n", status.active)

CONFIGFS_ATTR_RO(cen_fpga_region_, state);
CONFIGFS_ATTR_RO(cen_fpga_region_, message);
CONFIGFS_ATTR_RO(cen_fpga_region_, previous);
CONFIGFS_ATTR_RO(cen_fpga_region_, isolated);
CONFIGFS_ATTR_RO(cen_fpga_region_, switches);
CONFIGFS_ATTR_RO(cen_fpga_region_, failures);
CONFIGFS_ATTR_RO(cen_fpga_region_, last_switch_ns);

/* With a reference, or NULL. */
static struct cen_fpga_slot *cen_fpga_region_find(struct cen_fpga_region *region,
						  const char *name)
{
	struct cen_fpga_slot *slot;

	mutex_lock(&region->lock);
	list_for_each_entry(slot, &region->slots, list) {
		if (!strcmp(config_item_name(&slot->item), name)) {
			config_item_get(&slot->item);
			mutex_unlock(&region->lock);
			return slot;
		}
	}
	mutex_unlock(&region->lock);
	return NULL;
}

static int cen_fpga_region_switch(struct cen_fpga_region *region, const char *name)
{
	struct cen_fpga_target *target;
	struct cen_fpga_slot *slot;
	int ret;

	slot = cen_fpga_region_find(region, name);
	if (!slot)
		return -ENOENT;
	target = cen_fpga_region_target(region);
	if (!target) {
		ret = -ENODEV;
		goto put_slot;
	}
	ret = mutex_lock_interruptible(&region->switching);
	if (ret)
		goto put_target;
	ret = cen_fpga_slot_switch(slot, target);
	mutex_unlock(&region->switching);
put_target:
	cen_fpga_target_put(target);
put_slot:
	config_item_put(&slot->item);
	return ret;
}

static ssize_t cen_fpga_region_active_store(struct config_item *item, const char *page,
					    size_t count)
{
	char name[CEN_FPGA_NAME_LEN];
	int ret;

	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	if (strscpy(name, page, sizeof(name)) < 0)
		return -ENOENT;
	ret = cen_fpga_region_switch(cen_fpga_region_from(item), strim(name));
	return ret ?: count;
}
CONFIGFS_ATTR(cen_fpga_region_, active);

static struct configfs_attribute *cen_fpga_region_attrs[] = {
	&cen_fpga_region_attr_active,
	&cen_fpga_region_attr_previous,
	&cen_fpga_region_attr_state,
	&cen_fpga_region_attr_isolated,
	&cen_fpga_region_attr_message,
	&cen_fpga_region_attr_switches,
	&cen_fpga_region_attr_failures,
	&cen_fpga_region_attr_last_switch_ns,
	NULL
};

static struct config_item *cen_fpga_region_make_slot(struct config_group *group,
						     const char *name)
{
	return cen_fpga_slot_make(cen_fpga_region_from(&group->cg_item), name);
}

static void cen_fpga_region_drop_slot(struct config_group *group, struct config_item *item)
{
	cen_fpga_slot_drop(cen_fpga_slot_from(item));
	config_item_put(item);
}

static struct configfs_group_operations cen_fpga_region_group_ops = {
	.make_item = cen_fpga_region_make_slot,
	.drop_item = cen_fpga_region_drop_slot,
};

static void cen_fpga_region_release(struct config_item *item)
{
	struct cen_fpga_region *region = cen_fpga_region_from(item);

	cen_fpga_target_put(region->target);
	mutex_destroy(&region->lock);
	mutex_destroy(&region->switching);
	kfree(region);
}

static struct configfs_item_operations cen_fpga_region_item_ops = {
	.release = cen_fpga_region_release,
};

static const struct config_item_type cen_fpga_region_type = {
	.ct_item_ops = &cen_fpga_region_item_ops,
	.ct_group_ops = &cen_fpga_region_group_ops,
	.ct_attrs = cen_fpga_region_attrs,
	.ct_owner = THIS_MODULE,
};

static struct config_group *cen_fpga_region_make(struct config_group *group, const char *name)
{
	struct cen_fpga_target *target = cen_fpga_target_get(name);
	struct cen_fpga_region *region;

	if (!target)
		return ERR_PTR(-ENODEV);
	region = kzalloc(sizeof(*region), GFP_KERNEL);
	if (!region) {
		cen_fpga_target_put(target);
		return ERR_PTR(-ENOMEM);
	}
	mutex_init(&region->switching);
	mutex_init(&region->lock);
	INIT_LIST_HEAD(&region->slots);
	region->target = target;
	/* the name of a device that there is: short enough not to be allocated */
	config_group_init_type_name(&region->group, name, &cen_fpga_region_type);
	if (!config_item_name(&region->group.cg_item)) {
		config_item_put(&region->group.cg_item);
		return ERR_PTR(-ENOMEM);
	}
	return &region->group;
}

static struct configfs_group_operations cen_fpga_root_ops = {
	.make_group = cen_fpga_region_make,
};

static const struct config_item_type cen_fpga_root_type = {
	.ct_group_ops = &cen_fpga_root_ops,
	.ct_owner = THIS_MODULE,
};

static struct configfs_subsystem cen_fpga_subsys = {
	.su_group = {
		.cg_item = {
			.ci_namebuf = "cen_fpga",
			.ci_type = &cen_fpga_root_type,
		},
	},
};

int cen_fpga_configfs_init(void)
{
	int ret;

	config_group_init(&cen_fpga_subsys.su_group);
	mutex_init(&cen_fpga_subsys.su_mutex);
	ret = configfs_register_subsystem(&cen_fpga_subsys);
	if (ret)
		mutex_destroy(&cen_fpga_subsys.su_mutex);
	return ret;
}

void cen_fpga_configfs_exit(void)
{
	configfs_unregister_subsystem(&cen_fpga_subsys);
	mutex_destroy(&cen_fpga_subsys.su_mutex);
}
