// SPDX-License-Identifier: GPL-2.0
/*
 * The administrator's rules: limits that are written nowhere else.
 *
 *	mkdir /sys/kernel/config/cenalloc/devices/platform:vivid.0
 *	echo 1 > /sys/kernel/config/cenalloc/devices/platform:vivid.0/max_segments
 *
 * A rule need not match a device that exists. It counts for declarations and
 * attachments that come after it. docs/devices.md describes the attributes.
 */
#include <linux/configfs.h>
#include <linux/kstrtox.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "device.h"

#if IS_REACHABLE(CONFIG_CONFIGFS_FS)

/**
 * struct cen_rule - one directory
 * @item: its name is "bus:device"
 * @node: in cen_rules; P: cen_rules_lock
 * @limits: P: cen_rules_lock
 */
struct cen_rule {
	struct config_item item;
	struct list_head node;
	struct cen_limits limits;
};

static DEFINE_MUTEX(cen_rules_lock);
static LIST_HEAD(cen_rules);	/* P: cen_rules_lock */

static struct cen_rule *cen_rule_from_item(struct config_item *item)
{
	return container_of(item, struct cen_rule, item);
}

static struct cen_limits cen_rule_limits(struct config_item *item)
{
	struct cen_rule *rule = cen_rule_from_item(item);
	struct cen_limits limits;

	mutex_lock(&cen_rules_lock);
	limits = rule->limits;
	mutex_unlock(&cen_rules_lock);
	return limits;
}

/* Parse a number; nothing at all is 0, "no limit". */
static int cen_rule_parse(const char *page, u64 max, u64 *value)
{
	int ret = 0;

	*value = 0;
	if (*skip_spaces(page))
		ret = kstrtou64(page, 0, value);
	if (ret == -ERANGE || *value > max)
		return -EINVAL;
	return ret;
}

/*
 * Attributes are fields of struct cen_limits. A store tries the new value on a
 * copy, so that a rule is well-formed at all times.
 */
#define CEN_RULE_ATTR(_name, _max, _format, _get, _set)				\
static ssize_t cen_rule_##_name##_show(struct config_item *item, char *page)	\
{										\
	struct cen_limits limits = cen_rule_limits(item);			\
										\
	return sysfs_emit(page, _format "\n", _get);				\
}										\
static ssize_t cen_rule_##_name##_store(struct config_item *item,		\
					const char *page, size_t count)		\
{										\
	struct cen_rule *rule = cen_rule_from_item(item);			\
	struct cen_limits limits;						\
	u64 value;								\
	int ret;								\
										\
	ret = cen_rule_parse(page, _max, &value);				\
	if (ret)								\
		return ret;							\
	mutex_lock(&cen_rules_lock);						\
	limits = rule->limits;							\
	_set;									\
	ret = cen_limits_check(&limits);					\
	if (!ret)								\
		rule->limits = limits;						\
	mutex_unlock(&cen_rules_lock);						\
	return ret ?: count;							\
}										\
CONFIGFS_ATTR(cen_rule_, _name)

CEN_RULE_ATTR(max_segments, U32_MAX, "%u", limits.max_segs, limits.max_segs = value);
CEN_RULE_ATTR(seg_size, U64_MAX, "%llu", limits.seg_size, limits.seg_size = value);
CEN_RULE_ATTR(seg_boundary, U64_MAX, "0x%llx", limits.seg_boundary,
	      limits.seg_boundary = value);
CEN_RULE_ATTR(align, U64_MAX, "%llu", limits.align, limits.align = value);
CEN_RULE_ATTR(banks, U64_MAX, "0x%llx", limits.banks, limits.banks = value);
CEN_RULE_ATTR(addr_max, U64_MAX, "0x%llx", limits.addr_max, limits.addr_max = value);
/* A second view of addr_max: the bits its addresses need. */
CEN_RULE_ATTR(addr_bits, 64, "%u", limits.addr_max ? cen_addr_bits(limits.addr_max) : 0,
	      limits.addr_max = value ? cen_addr_max(value) : 0);
CEN_RULE_ATTR(noncoherent, 1, "%u", !!(limits.flags & CEN_LIMIT_NONCOHERENT),
	      limits.flags = value ? CEN_LIMIT_NONCOHERENT : 0);

static struct configfs_attribute *cen_rule_attrs[] = {
	&cen_rule_attr_max_segments,
	&cen_rule_attr_seg_size,
	&cen_rule_attr_seg_boundary,
	&cen_rule_attr_align,
	&cen_rule_attr_banks,
	&cen_rule_attr_addr_max,
	&cen_rule_attr_addr_bits,
	&cen_rule_attr_noncoherent,
	NULL
};

static void cen_rule_release(struct config_item *item)
{
	kfree(cen_rule_from_item(item));
}

static struct configfs_item_operations cen_rule_item_ops = {
	.release = cen_rule_release,
};

static const struct config_item_type cen_rule_type = {
	.ct_item_ops = &cen_rule_item_ops,
	.ct_attrs = cen_rule_attrs,
	.ct_owner = THIS_MODULE,
};

static struct config_item *cen_rule_make(struct config_group *group, const char *name)
{
	struct cen_rule *rule;

	if (!cen_device_name_valid(name))
		return ERR_PTR(-EINVAL);
	rule = kzalloc(sizeof(*rule), GFP_KERNEL);
	if (!rule)
		return ERR_PTR(-ENOMEM);
	config_item_init_type_name(&rule->item, name, &cen_rule_type);
	/* A name that does not fit in the item is allocated, and that can fail. */
	if (!config_item_name(&rule->item)) {
		config_item_put(&rule->item);
		return ERR_PTR(-ENOMEM);
	}

	mutex_lock(&cen_rules_lock);
	list_add_tail(&rule->node, &cen_rules);
	mutex_unlock(&cen_rules_lock);
	return &rule->item;
}

static void cen_rule_drop(struct config_group *group, struct config_item *item)
{
	mutex_lock(&cen_rules_lock);
	list_del(&cen_rule_from_item(item)->node);
	mutex_unlock(&cen_rules_lock);
	config_item_put(item);
}

static struct configfs_group_operations cen_rules_group_ops = {
	.make_item = cen_rule_make,
	.drop_item = cen_rule_drop,
};

static const struct config_item_type cen_rules_type = {
	.ct_group_ops = &cen_rules_group_ops,
	.ct_owner = THIS_MODULE,
};

static const struct config_item_type cen_rules_root_type = {
	.ct_owner = THIS_MODULE,
};

static struct configfs_subsystem cen_rules_subsys = {
	.su_group = {
		.cg_item = {
			.ci_namebuf = "cenalloc",
			.ci_type = &cen_rules_root_type,
		},
	},
};

static struct config_group cen_rules_devices;

int cen_rules_init(void)
{
	config_group_init(&cen_rules_subsys.su_group);
	mutex_init(&cen_rules_subsys.su_mutex);
	config_group_init_type_name(&cen_rules_devices, "devices", &cen_rules_type);
	configfs_add_default_group(&cen_rules_devices, &cen_rules_subsys.su_group);
	return configfs_register_subsystem(&cen_rules_subsys);
}

/* Each rule holds the module, so there are none left. */
void cen_rules_exit(void)
{
	configfs_unregister_subsystem(&cen_rules_subsys);
	mutex_destroy(&cen_rules_subsys.su_mutex);
}

bool cen_rule_get(struct device *dev, struct cen_limits *limits)
{
	char name[CEN_NAME_LEN];
	struct cen_rule *rule;
	bool found = false;

	/*
	 * Most machines have none, and then no name is needed. A rule that is just being
	 * made may as well have come a moment later.
	 */
	if (list_empty(&cen_rules))
		return false;
	cen_device_name(dev, name);

	mutex_lock(&cen_rules_lock);
	list_for_each_entry(rule, &cen_rules, node) {
		if (!strcmp(config_item_name(&rule->item), name)) {
			*limits = rule->limits;
			found = true;
			break;
		}
	}
	mutex_unlock(&cen_rules_lock);
	return found;
}

void cen_rules_each(cen_limits_fn fn, void *arg)
{
	struct cen_rule *rule;

	mutex_lock(&cen_rules_lock);
	list_for_each_entry(rule, &cen_rules, node)
		fn(config_item_name(&rule->item), &rule->limits, arg);
	mutex_unlock(&cen_rules_lock);
}

#else /* without configfs there are no rules */

int cen_rules_init(void)
{
	return 0;
}

void cen_rules_exit(void)
{
}

bool cen_rule_get(struct device *dev, struct cen_limits *limits)
{
	return false;
}

void cen_rules_each(cen_limits_fn fn, void *arg)
{
}

#endif
