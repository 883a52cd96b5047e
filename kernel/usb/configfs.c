// SPDX-License-Identifier: GPL-2.0
/*
 * functions/cen.NAME/ in configfs: how many endpoints, and how they behave. What describes
 * the function can be changed until it is linked into a configuration.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "usb.h"

static struct cen_usb_opts *cen_usb_opts_of(struct config_item *item)
{
	return container_of(to_config_group(item), struct cen_usb_opts, instance.group);
}

static int cen_usb_store_u32(struct config_item *item, const char *page, u32 *value, u32 min,
			     u32 max)
{
	struct cen_usb_opts *opts = cen_usb_opts_of(item);
	u32 num;
	int ret;

	ret = kstrtou32(page, 0, &num);
	if (ret)
		return ret;
	if (num < min || num > max)
		return -EINVAL;
	mutex_lock(&opts->mutex);
	if (opts->users)
		ret = -EBUSY;
	else
		*value = num;
	mutex_unlock(&opts->mutex);
	return ret;
}

#define CEN_USB_ATTR_U32(_name, _min, _max)						\
static ssize_t cen_usb_##_name##_show(struct config_item *item, char *page)		\
{											\
	return sysfs_emit(page, "%u\n", READ_ONCE(cen_usb_opts_of(item)->_name));	\
}											\
static ssize_t cen_usb_##_name##_store(struct config_item *item, const char *page,	\
				       size_t len)					\
{											\
	struct cen_usb_opts *opts = cen_usb_opts_of(item);				\
	int ret = cen_usb_store_u32(item, page, &opts->_name, _min, _max);		\
											\
	return ret ?: len;								\
}											\
CONFIGFS_ATTR(cen_usb_, _name)

CEN_USB_ATTR_U32(in, 0, CEN_USB_EPS);
CEN_USB_ATTR_U32(out, 0, CEN_USB_EPS);
CEN_USB_ATTR_U32(depth, 1, CEN_USB_DEPTH);
CEN_USB_ATTR_U32(maxburst, 0, 15);
CEN_USB_ATTR_U32(zlp, 0, 1);

static const char * const cen_usb_policies[] = { "sync", "enforce", "trust" };

static ssize_t cen_usb_policy_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%s\n", cen_usb_policies[cen_usb_opts_of(item)->policy]);
}

static ssize_t cen_usb_policy_store(struct config_item *item, const char *page, size_t len)
{
	struct cen_usb_opts *opts = cen_usb_opts_of(item);
	int policy = sysfs_match_string(cen_usb_policies, page);
	ssize_t ret = len;

	if (policy < 0)
		return policy;
	mutex_lock(&opts->mutex);
	if (opts->users)
		ret = -EBUSY;
	else
		opts->policy = policy;
	mutex_unlock(&opts->mutex);
	return ret;
}

CONFIGFS_ATTR(cen_usb_, policy);

static ssize_t cen_usb_string_show(struct config_item *item, char *page)
{
	struct cen_usb_opts *opts = cen_usb_opts_of(item);
	ssize_t ret;

	mutex_lock(&opts->mutex);
	ret = sysfs_emit(page, "%s\n", opts->string);
	mutex_unlock(&opts->mutex);
	return ret;
}

static ssize_t cen_usb_string_store(struct config_item *item, const char *page, size_t len)
{
	struct cen_usb_opts *opts = cen_usb_opts_of(item);
	size_t text = strcspn(page, "\n");
	ssize_t ret = len;

	if (text >= sizeof(opts->string))
		return -ENAMETOOLONG;
	mutex_lock(&opts->mutex);
	/* a bound gadget reads it whenever a host asks */
	if (opts->users)
		ret = -EBUSY;
	else
		strscpy(opts->string, page, text + 1);
	mutex_unlock(&opts->mutex);
	return ret;
}

CONFIGFS_ATTR(cen_usb_, string);

/* "in0 1" halts, "in0 0" ends it. */
static ssize_t cen_usb_halt_store(struct config_item *item, const char *page, size_t len)
{
	struct cen_usb_opts *opts = cen_usb_opts_of(item);
	u32 index, halt;
	ssize_t ret;
	bool in;

	if (sscanf(page, "in%u %u", &index, &halt) == 2)
		in = true;
	else if (sscanf(page, "out%u %u", &index, &halt) == 2)
		in = false;
	else
		return -EINVAL;
	if (halt > 1)
		return -EINVAL;
	mutex_lock(&opts->mutex);
	if (index >= (in ? opts->in : opts->out))
		ret = -EINVAL;
	else if (!opts->usb)
		ret = -ENODEV;
	else
		ret = cen_usb_ep_halt(&opts->usb->eps[in ? index : opts->in + index], halt);
	mutex_unlock(&opts->mutex);
	return ret ?: len;
}

CONFIGFS_ATTR_WO(cen_usb_, halt);

/* What the host made of it. */
static ssize_t cen_usb_state_show(struct config_item *item, char *page)
{
	struct cen_usb_opts *opts = cen_usb_opts_of(item);
	const char *state = "unbound";

	mutex_lock(&opts->mutex);
	if (opts->usb) {
		const struct cen_usb_ep *ep = &opts->usb->eps[0];

		if (READ_ONCE(ep->suspended))
			state = "suspended";
		else
			state = READ_ONCE(ep->enabled) ? "enabled" : "bound";
	}
	mutex_unlock(&opts->mutex);
	return sysfs_emit(page, "%s\n", state);
}

CONFIGFS_ATTR_RO(cen_usb_, state);

/* Bytes that were copied, of a controller that needs it (copy.c). */
static ssize_t cen_usb_copied_show(struct config_item *item, char *page)
{
	struct cen_usb_opts *opts = cen_usb_opts_of(item);
	u64 copied = 0;
	u32 i;

	mutex_lock(&opts->mutex);
	for (i = 0; opts->usb && i < opts->usb->nr_eps; i++) {
		struct cen_usb_ep *ep = &opts->usb->eps[i];

		spin_lock_irq(&ep->jobs_lock);
		copied += ep->copied;
		spin_unlock_irq(&ep->jobs_lock);
	}
	mutex_unlock(&opts->mutex);
	return sysfs_emit(page, "%llu\n", copied);
}

CONFIGFS_ATTR_RO(cen_usb_, copied);

static struct configfs_attribute *cen_usb_attrs[] = {
	&cen_usb_attr_in,
	&cen_usb_attr_out,
	&cen_usb_attr_depth,
	&cen_usb_attr_maxburst,
	&cen_usb_attr_zlp,
	&cen_usb_attr_policy,
	&cen_usb_attr_string,
	&cen_usb_attr_halt,
	&cen_usb_attr_state,
	&cen_usb_attr_copied,
	NULL
};

static void cen_usb_opts_release(struct config_item *item)
{
	usb_put_function_instance(&cen_usb_opts_of(item)->instance);
}

static struct configfs_item_operations cen_usb_item_ops = {
	.release = cen_usb_opts_release,
};

static const struct config_item_type cen_usb_opts_type = {
	.ct_item_ops = &cen_usb_item_ops,
	.ct_attrs = cen_usb_attrs,
	.ct_owner = THIS_MODULE,
};

static int cen_usb_opts_set_name(struct usb_function_instance *instance, const char *name)
{
	struct cen_usb_opts *opts = cen_usb_opts_from(instance);

	/* it becomes part of the names of the ports */
	if (!*name || strchr(name, '/'))
		return -EINVAL;
	return strscpy(opts->name, name, sizeof(opts->name)) < 0 ? -ENAMETOOLONG : 0;
}

static void cen_usb_opts_free(struct usb_function_instance *instance)
{
	struct cen_usb_opts *opts = cen_usb_opts_from(instance);

	mutex_destroy(&opts->mutex);
	kfree(opts);
}

struct usb_function_instance *cen_usb_opts_new(void)
{
	struct cen_usb_opts *opts = kzalloc(sizeof(*opts), GFP_KERNEL);

	if (!opts)
		return ERR_PTR(-ENOMEM);
	mutex_init(&opts->mutex);
	opts->in = 1;
	opts->out = 1;
	opts->depth = 4;
	strscpy(opts->string, "cenalloc stream", sizeof(opts->string));
	opts->instance.set_inst_name = cen_usb_opts_set_name;
	opts->instance.free_func_inst = cen_usb_opts_free;
	config_group_init_type_name(&opts->instance.group, "", &cen_usb_opts_type);
	return &opts->instance;
}
