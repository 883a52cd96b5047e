// SPDX-License-Identifier: GPL-2.0
/*
 * Rules by configfs:
 *
 *	mkdir /sys/kernel/config/cen_uio/pci:0000:00:04.0
 *	cat edu.rules > /sys/kernel/config/cen_uio/pci:0000:00:04.0/rules
 *
 * A text with a mistake is refused as a whole (-EINVAL, the rules stay what they
 * were), and "problem" tells line and mistake. Reading "rules" gives back the text.
 */
#include <linux/configfs.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "rules.h"

#if IS_REACHABLE(CONFIG_CONFIGFS_FS)

/* One write() is one text; configfs hands over a page less one byte at most. */
#define CEN_UIO_TEXT_MAX	(PAGE_SIZE - 2)

/**
 * struct cen_uio_item - one directory
 * @item: its name is the device's
 * @entry: what the rest of the module sees of it
 * @text: as written, or NULL; P: cen_uio_items_lock
 * @problem: P: cen_uio_items_lock
 */
struct cen_uio_item {
	struct config_item item;
	struct cen_uio_entry *entry;
	char *text;
	struct cen_uio_problem problem;
};

static DEFINE_MUTEX(cen_uio_items_lock);

static struct cen_uio_item *cen_uio_item_from(struct config_item *item)
{
	return container_of(item, struct cen_uio_item, item);
}

static ssize_t cen_uio_item_rules_show(struct config_item *config, char *page)
{
	struct cen_uio_item *item = cen_uio_item_from(config);
	ssize_t length;

	mutex_lock(&cen_uio_items_lock);
	length = sysfs_emit(page, "%s", item->text ?: "");
	mutex_unlock(&cen_uio_items_lock);
	return length;
}

static ssize_t cen_uio_item_rules_store(struct config_item *config, const char *page, size_t count)
{
	struct cen_uio_item *item = cen_uio_item_from(config);
	struct cen_uio_problem problem = {};
	struct cen_uio_rules *rules;
	char *text;

	text = kstrndup(page, count, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	if (count > CEN_UIO_TEXT_MAX) {
		/* The rest would come as a text of its own. */
		snprintf(problem.text, sizeof(problem.text), "longer than %lu bytes",
			 CEN_UIO_TEXT_MAX);
		rules = ERR_PTR(-EFBIG);
	} else if (strlen(text) != count) {
		snprintf(problem.text, sizeof(problem.text), "a NUL in the text");
		rules = ERR_PTR(-EINVAL);
	} else {
		rules = cen_uio_rules_parse(text, 1, &problem);
	}

	mutex_lock(&cen_uio_items_lock);
	item->problem = problem;
	if (!IS_ERR(rules)) {
		swap(item->text, text);
		cen_uio_table_set(item->entry, rules);
	}
	mutex_unlock(&cen_uio_items_lock);
	kfree(text);
	return IS_ERR(rules) ? PTR_ERR(rules) : count;
}
CONFIGFS_ATTR(cen_uio_item_, rules);

static ssize_t cen_uio_item_problem_show(struct config_item *config, char *page)
{
	struct cen_uio_item *item = cen_uio_item_from(config);
	ssize_t length = 0;

	mutex_lock(&cen_uio_items_lock);
	if (item->problem.line)
		length = sysfs_emit(page, "line %u: %s\n", item->problem.line,
				    item->problem.text);
	else if (item->problem.text[0])
		length = sysfs_emit(page, "%s\n", item->problem.text);
	mutex_unlock(&cen_uio_items_lock);
	return length;
}
CONFIGFS_ATTR_RO(cen_uio_item_, problem);

static struct configfs_attribute *cen_uio_item_attrs[] = {
	&cen_uio_item_attr_rules,
	&cen_uio_item_attr_problem,
	NULL
};

static void cen_uio_item_release(struct config_item *config)
{
	struct cen_uio_item *item = cen_uio_item_from(config);

	kfree(item->text);
	kfree(item);
}

static struct configfs_item_operations cen_uio_item_ops = {
	.release = cen_uio_item_release,
};

static const struct config_item_type cen_uio_item_type = {
	.ct_item_ops = &cen_uio_item_ops,
	.ct_attrs = cen_uio_item_attrs,
	.ct_owner = THIS_MODULE,
};

static struct config_item *cen_uio_item_make(struct config_group *group, const char *name)
{
	struct cen_uio_item *item;

	if (!cen_uio_name_valid(name))
		return ERR_PTR(-EINVAL);
	item = kzalloc(sizeof(*item), GFP_KERNEL);
	if (!item)
		return ERR_PTR(-ENOMEM);
	config_item_init_type_name(&item->item, name, &cen_uio_item_type);
	/* A name that does not fit in the item is allocated, and that can fail. */
	if (config_item_name(&item->item))
		item->entry = cen_uio_table_add(name);
	if (!item->entry) {
		config_item_put(&item->item);
		return ERR_PTR(-ENOMEM);
	}
	return &item->item;
}

static void cen_uio_item_drop(struct config_group *group, struct config_item *config)
{
	/* configfs has waited for stores in progress and lets no more in. */
	cen_uio_table_remove(cen_uio_item_from(config)->entry);
	config_item_put(config);
}

static struct configfs_group_operations cen_uio_group_ops = {
	.make_item = cen_uio_item_make,
	.drop_item = cen_uio_item_drop,
};

static const struct config_item_type cen_uio_group_type = {
	.ct_group_ops = &cen_uio_group_ops,
	.ct_owner = THIS_MODULE,
};

static struct configfs_subsystem cen_uio_subsys = {
	.su_group = {
		.cg_item = {
			.ci_namebuf = "cen_uio",
			.ci_type = &cen_uio_group_type,
		},
	},
};

int cen_uio_configfs_init(void)
{
	config_group_init(&cen_uio_subsys.su_group);
	mutex_init(&cen_uio_subsys.su_mutex);
	return configfs_register_subsystem(&cen_uio_subsys);
}

/* Each directory holds the module, so there are none left. */
void cen_uio_configfs_exit(void)
{
	configfs_unregister_subsystem(&cen_uio_subsys);
	mutex_destroy(&cen_uio_subsys.su_mutex);
}

#else /* without configfs there is the module parameter */

int cen_uio_configfs_init(void)
{
	return 0;
}

void cen_uio_configfs_exit(void)
{
}

#endif
