// SPDX-License-Identifier: GPL-2.0
/*
 * Limits that a driver states for its device because struct device cannot
 * express them: a number of segments, a memory bank.
 */
#include <linux/cenalloc.h>
#include <linux/device.h>
#include <linux/hashtable.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "../compat/compat.h"
#include "device.h"

/**
 * struct cen_driver_limits - what the driver of a device said
 * @node: in cen_driver_limits_table; P: cen_driver_limits_lock
 * @dev: with a reference, so that another device cannot inherit the pointer
 * @limits: P: cen_driver_limits_lock
 */
struct cen_driver_limits {
	struct hlist_node node;
	struct device *dev;
	struct cen_limits limits;
};

static DEFINE_MUTEX(cen_driver_limits_lock);
static DEFINE_HASHTABLE(cen_driver_limits_table, 6);	/* P: cen_driver_limits_lock */

static struct cen_driver_limits *cen_driver_limits_find_locked(struct device *dev)
{
	struct cen_driver_limits *entry;

	lockdep_assert_held(&cen_driver_limits_lock);
	hash_for_each_possible(cen_driver_limits_table, entry, node, (unsigned long)dev)
		if (entry->dev == dev)
			return entry;
	return NULL;
}

/**
 * cen_device_limit - state limits of a device
 * @dev: the device that does the DMA
 * @limits: what it can reach, beyond what struct device says already. Zero in a
 *	field is no limit. CEN_LIMIT_IOMMU is not a driver's to state.
 *
 * Replaces what an earlier call said for @dev. Buffers that already know the
 * device keep the limits they know. Every @dev must see cen_device_unlimit() before
 * it is unregistered; devm_cen_device_limit() sees to that.
 *
 * Context: Process context. May sleep. Takes no lock that a driver could hold.
 * Return: 0, -EINVAL when @limits are malformed, or -ENOMEM.
 */
int cen_device_limit(struct device *dev, const struct cen_limits *limits)
{
	struct cen_driver_limits *entry, *fresh;

	might_sleep();
	if (!dev || !limits || limits->flags & CEN_LIMIT_IOMMU || cen_limits_check(limits))
		return -EINVAL;

	fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
	if (!fresh)
		return -ENOMEM;

	mutex_lock(&cen_driver_limits_lock);
	entry = cen_driver_limits_find_locked(dev);
	if (!entry) {
		swap(entry, fresh);
		entry->dev = get_device(dev);
		hash_add(cen_driver_limits_table, &entry->node, (unsigned long)dev);
	}
	entry->limits = *limits;
	mutex_unlock(&cen_driver_limits_lock);

	kfree(fresh);
	return 0;
}
CEN_EXPORT(cen_device_limit);

static void cen_driver_limits_free(struct cen_driver_limits *entry)
{
	put_device(entry->dev);
	kfree(entry);
}

/**
 * cen_device_unlimit - forget what cen_device_limit() said
 * @dev: the device; it is no error when nothing was said
 *
 * Context: Process context. May sleep. Takes no lock that a driver could hold.
 */
void cen_device_unlimit(struct device *dev)
{
	struct cen_driver_limits *entry;

	might_sleep();
	mutex_lock(&cen_driver_limits_lock);
	entry = cen_driver_limits_find_locked(dev);
	if (entry)
		hash_del(&entry->node);
	mutex_unlock(&cen_driver_limits_lock);

	if (entry)
		cen_driver_limits_free(entry);
}
CEN_EXPORT(cen_device_unlimit);

static void devm_cen_device_unlimit(struct device *dev, void *res)
{
	cen_device_unlimit(dev);
}

/**
 * devm_cen_device_limit - state limits of a device until its driver unbinds
 * @dev: the device that does the DMA
 * @limits: see cen_device_limit()
 *
 * May be called again to replace the limits.
 *
 * Context: Process context, in the driver's probe or later. May sleep.
 * Return: 0, -EINVAL when @limits are malformed, or -ENOMEM.
 */
int devm_cen_device_limit(struct device *dev, const struct cen_limits *limits)
{
	void *res;
	int ret;

	if (!dev)
		return -EINVAL;
	if (devres_find(dev, devm_cen_device_unlimit, NULL, NULL))
		return cen_device_limit(dev, limits);

	res = devres_alloc(devm_cen_device_unlimit, 0, GFP_KERNEL);
	if (!res)
		return -ENOMEM;
	ret = cen_device_limit(dev, limits);
	if (ret) {
		devres_free(res);
		return ret;
	}
	devres_add(dev, res);
	return 0;
}
CEN_EXPORT(devm_cen_device_limit);

bool cen_driver_limits_get(struct device *dev, struct cen_limits *limits)
{
	struct cen_driver_limits *entry;

	mutex_lock(&cen_driver_limits_lock);
	entry = cen_driver_limits_find_locked(dev);
	if (entry)
		*limits = entry->limits;
	mutex_unlock(&cen_driver_limits_lock);
	return entry;
}

void cen_driver_limits_each(cen_limits_fn fn, void *arg)
{
	struct cen_driver_limits *entry;
	char name[CEN_NAME_LEN];
	unsigned int bucket;

	mutex_lock(&cen_driver_limits_lock);
	hash_for_each(cen_driver_limits_table, bucket, entry, node) {
		cen_device_name(entry->dev, name);
		fn(name, &entry->limits, arg);
	}
	mutex_unlock(&cen_driver_limits_lock);
}

/* Whoever stated limits uses our symbols, so they are gone: forget what they left. */
void cen_device_exit(void)
{
	struct cen_driver_limits *entry;
	struct hlist_node *next;
	unsigned int bucket;

	mutex_lock(&cen_driver_limits_lock);
	hash_for_each_safe(cen_driver_limits_table, bucket, next, entry, node) {
		hash_del(&entry->node);
		cen_driver_limits_free(entry);
	}
	mutex_unlock(&cen_driver_limits_lock);
}
