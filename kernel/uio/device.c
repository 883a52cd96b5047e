// SPDX-License-Identifier: GPL-2.0
/*
 * Binding and unbinding: what all buses share.
 */
#include <linux/cenalloc.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/iommu.h>
#include <linux/slab.h>

#include "uio.h"

static void cen_uio_free(struct kref *refs)
{
	struct cen_uio *dev = container_of(refs, struct cen_uio, refs);

	cen_uio_rules_put(dev->rules);
	mutex_destroy(&dev->lock);
	kfree(dev);
}

void cen_uio_put(struct cen_uio *dev)
{
	kref_put(&dev->refs, cen_uio_free);
}

/**
 * cen_uio_alloc - a device that is about to be bound, with the rules there are for it
 * @device: the device
 * @bus: of the device
 * @model: a name by which rules may also speak of it, or NULL
 *
 * Return: to be given to cen_uio_put(); ERR_PTR(-ENOMEM).
 */
struct cen_uio *cen_uio_alloc(struct device *device, const struct cen_uio_bus *bus,
			      const char *model)
{
	struct cen_uio *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return ERR_PTR(-ENOMEM);
	snprintf(dev->name, sizeof(dev->name), "%s:%s", device->bus->name, dev_name(device));
	dev->rules = cen_uio_table_get(dev->name, model);
	if (IS_ERR(dev->rules)) {
		kfree(dev);
		return ERR_PTR(-ENOMEM);
	}
	kref_init(&dev->refs);
	mutex_init(&dev->lock);
	spin_lock_init(&dev->irq_lock);
	init_rwsem(&dev->map_sem);
	INIT_LIST_HEAD(&dev->mappable);
	INIT_LIST_HEAD(&dev->opens);
	INIT_LIST_HEAD(&dev->orphans);
	dev->dev = device;
	dev->bus = bus;
	/* Nobody knows what the driver before us left behind. */
	dev->dirty = true;
	dev->stopped = jiffies;
	return dev;
}

/* The part of a region that registers are in. */
static void cen_uio_region_span(struct cen_uio *dev, u32 index, u64 *first, u64 *end)
{
	u64 a, b;
	u32 i;

	*first = U64_MAX;
	*end = 0;
	for (i = 0; i < dev->rules->nr_regs; i++) {
		if (dev->rules->regs[i].region != index)
			continue;
		cen_uio_reg_span(&dev->rules->regs[i], &a, &b);
		*first = min(*first, a);
		*end = max(*end, b);
	}
}

/**
 * cen_uio_add_region - registers of a device that is about to be bound
 * @dev: the device
 * @index: as rules name it
 * @start: CPU address
 * @size: bytes
 *
 * Return: 0; -EINVAL: the rules speak of registers beyond its end; -ENOMEM.
 */
int cen_uio_add_region(struct cen_uio *dev, u32 index, resource_size_t start, u64 size)
{
	struct cen_uio_region *region = &dev->regions[index];
	u64 first, end;

	region->start = start;
	region->size = size;
	cen_uio_region_span(dev, index, &first, &end);
	if (!end)
		return 0;
	if (end > size) {
		dev_err(dev->dev, "rules: a register ends at %u:0x%llx, the region at 0x%llx\n",
			index, end, size);
		return -EINVAL;
	}
	first = round_down(first, PAGE_SIZE);
	region->first = first;
	region->regs = ioremap(start + first, end - first);
	return region->regs ? 0 : -ENOMEM;
}

void cen_uio_unmap_regions(struct cen_uio *dev)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(dev->regions); i++) {
		if (dev->regions[i].regs)
			iounmap(dev->regions[i].regs);
		dev->regions[i].regs = NULL;
	}
}

static int cen_uio_check_regions(struct cen_uio *dev)
{
	u32 i;

	for (i = 0; i < dev->rules->nr_regs; i++) {
		const struct cen_uio_reg *reg = &dev->rules->regs[i];

		if (dev->regions[reg->region].regs)
			continue;
		dev_err(dev->dev, "rules: register %u:0x%llx is in no memory region of it\n",
			reg->region, reg->offset);
		return -EINVAL;
	}
	return 0;
}

static int cen_uio_count_device(struct device *device, void *count)
{
	return ++*(unsigned int *)count > 1;
}

/*
 * Does an IOMMU keep the device to what is mapped for it, and for it alone? Devices
 * of a group share their translations.
 */
static bool cen_uio_is_confined(struct device *device)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(device);
	struct iommu_group *group;
	unsigned int devices = 0;

	if (!domain || !(domain->type & __IOMMU_DOMAIN_PAGING))
		return false;
	group = iommu_group_get(device);
	if (!group)
		return false;
	iommu_group_for_each_dev(group, &devices, cen_uio_count_device);
	iommu_group_put(group);
	return devices == 1;
}

/* What the rules say of its DMA, for the DMA API and for cenalloc. */
static int cen_uio_set_limits(struct cen_uio *dev)
{
	const struct cen_uio_rules *rules = dev->rules;
	struct cen_limits limits = {
		.max_segs = rules->max_segs,
		.seg_size = rules->seg_size,
		.align = rules->align,
	};
	int ret;

	if (!rules->dma)
		return 0;
	ret = dma_set_mask_and_coherent(dev->dev, DMA_BIT_MASK(rules->dma_bits));
	if (ret) {
		dev_err(dev->dev, "rules: no DMA below 2^%u\n", rules->dma_bits);
		return ret;
	}
	/* A program names pieces of its own choice, so a segment may be of any length. */
	dma_set_max_seg_size(dev->dev, rules->seg_size ?: UINT_MAX);
	if (!limits.max_segs && !limits.seg_size && !limits.align)
		return 0;
	return cen_device_limit(dev->dev, &limits);
}

/**
 * cen_uio_register - the device is there: show it to user space
 * @dev: with its regions added, and interrupt fields of @dev->info set
 *
 * Return: 0 or -errno; then cen_uio_unmap_regions() is the caller's to call.
 */
int cen_uio_register(struct cen_uio *dev)
{
	int ret;

	ret = cen_uio_check_regions(dev);
	if (ret)
		return ret;
	ret = cen_uio_set_limits(dev);
	if (ret)
		return ret;
	dev->confined = cen_uio_is_confined(dev->dev);
	cen_uio_maps_init(dev);
	dev->bus->irq_set(dev, false);

	dev->info.name = "cen_uio";
	dev->info.version = "1";
	ret = uio_register_device(dev->dev, &dev->info);
	if (ret)
		goto err_maps;
	ret = cen_uio_node_register(dev);
	if (ret)
		goto err_uio;
	cen_uio_debugfs_add(dev);
	if (!dev->rules->stated)
		dev_info(dev->dev, "no rules for %s: no register can be reached, no memory given\n",
			 dev->name);
	return 0;

err_uio:
	uio_unregister_device(&dev->info);
err_maps:
	cen_uio_maps_revoke(dev);
	cen_device_unlimit(dev->dev);
	return ret;
}

/**
 * cen_uio_revoke - the device loses the memory, and open files lose the device
 * @dev: registered
 *
 * They stay open and know nothing but -ENODEV.
 */
void cen_uio_revoke(struct cen_uio *dev)
{
	bool stopped;

	mutex_lock(&dev->lock);
	stopped = cen_uio_quiesce(dev);
	if (dev->owner)
		cen_uio_handles_drop(dev->owner, stopped);
	if (stopped)
		cen_uio_orphans_release(dev);
	/* Otherwise memory is better lost than written to by a device gone wild. */
	INIT_LIST_HEAD(&dev->orphans);
	dev->gone = true;
	mutex_unlock(&dev->lock);
}

/**
 * cen_uio_unregister - the driver is unbound, or the device has gone
 * @dev: registered
 *
 * Register pages are taken away, whoever sleeps in read() is woken.
 */
void cen_uio_unregister(struct cen_uio *dev)
{
	cen_uio_debugfs_remove(dev);
	cen_uio_node_unregister(dev);
	cen_uio_revoke(dev);
	uio_unregister_device(&dev->info);
	cen_uio_maps_revoke(dev);
	cen_device_unlimit(dev->dev);
	cen_uio_unmap_regions(dev);
}
