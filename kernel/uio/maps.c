// SPDX-License-Identifier: GPL-2.0
/*
 * Pages of registers in user space, and /dev/uioN's hooks.
 *
 * Only pages that are wholly the device's, and on which no write must be checked,
 * are mapped. Mapped pages are filled in by page faults, so that they can be
 * taken away when the device goes.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "../compat/compat_uio.h"
#include "uio.h"

/**
 * struct cen_uio_open - an open file of /dev/uioN
 * @node: in cen_uio.opens
 * @inode: counted: its address space is where the file's pages are mapped
 */
struct cen_uio_open {
	struct list_head node;
	struct inode *inode;
};

/*
 * What is mapped counts its device, but the hook that finds the device may come before there
 * is anything that could count, and the driver may be unbound in between. So the mapping is
 * given the device's serial number, which is looked up once it is there.
 */
static LIST_HEAD(cen_uio_mappable);
static DEFINE_SPINLOCK(cen_uio_mappable_lock);
static unsigned long cen_uio_serials;

static void cen_uio_mappable_add(struct cen_uio *dev)
{
	spin_lock(&cen_uio_mappable_lock);
	dev->serial = 2 * cen_uio_serials++ + 1;
	list_add(&dev->mappable, &cen_uio_mappable);
	spin_unlock(&cen_uio_mappable_lock);
}

static void cen_uio_mappable_del(struct cen_uio *dev)
{
	spin_lock(&cen_uio_mappable_lock);
	list_del_init(&dev->mappable);
	spin_unlock(&cen_uio_mappable_lock);
}

/* The first guarded byte at or behind @offset, and the end of what is guarded there. */
static bool cen_uio_next_guarded(const struct cen_uio_rules *rules, u32 region, u64 offset,
				 u64 *first, u64 *end)
{
	u64 a, b;
	u32 i;

	*first = U64_MAX;
	for (i = 0; i < rules->nr_regs; i++) {
		if (rules->regs[i].region != region || !cen_uio_reg_guarded(&rules->regs[i]))
			continue;
		cen_uio_reg_span(&rules->regs[i], &a, &b);
		if (b > offset && a < *first) {
			*first = a;
			*end = b;
		}
	}
	for (i = 0; i < rules->nr_protects; i++) {
		a = rules->protects[i].offset;
		b = a + rules->protects[i].size;
		if (rules->protects[i].region == region && b > offset && a < *first) {
			*first = a;
			*end = b;
		}
	}
	return *first != U64_MAX;
}

static void cen_uio_add_window(struct cen_uio *dev, u32 region, u64 first, u64 end)
{
	u64 start = dev->regions[region].start;
	struct cen_uio_pages *pages;
	struct uio_mem *mem;

	/* Whole pages of memory, which need not be whole pages of the region. */
	first = round_up(start + first, PAGE_SIZE) - start;
	end = round_down(start + end, PAGE_SIZE) - start;
	if ((s64)first >= (s64)end)
		return;
	if (dev->nr_pages == ARRAY_SIZE(dev->pages)) {
		dev->cut = true;
		return;
	}

	pages = &dev->pages[dev->nr_pages];
	mem = &dev->info.mem[dev->nr_pages];
	pages->window = (struct cen_uio_window) {
		.offset = first,
		.size = end - first,
		.region = region,
		.map = dev->nr_pages,
	};
	if (dev->nr_pages)
		pages->pgoff = pages[-1].pgoff + (pages[-1].window.size >> PAGE_SHIFT);
	snprintf(pages->name, sizeof(pages->name), "region%u+0x%llx", region, first);
	mem->name = pages->name;
	mem->addr = start + first;
	mem->size = end - first;
	mem->memtype = UIO_MEM_PHYS;
	dev->nr_pages++;
}

static int cen_uio_irqcontrol(struct uio_info *info, s32 irq_on)
{
	struct cen_uio *dev = container_of(info, struct cen_uio, info);

	if (irq_on != 0 && irq_on != 1)
		return -EINVAL;
	dev->bus->irq_set(dev, irq_on);
	return 0;
}

static vm_fault_t cen_uio_fault(struct vm_fault *vmf)
{
	struct cen_uio *dev = vmf->vma->vm_private_data;
	vm_fault_t ret = VM_FAULT_SIGBUS;
	u32 i;

	down_read(&dev->map_sem);
	for (i = 0; i < dev->nr_pages && !dev->unmapped; i++) {
		const struct cen_uio_pages *pages = &dev->pages[i];
		unsigned long page = vmf->pgoff - pages->pgoff;
		u64 start = dev->regions[pages->window.region].start + pages->window.offset;

		if (vmf->pgoff < pages->pgoff || page >= pages->window.size >> PAGE_SHIFT)
			continue;
		ret = vmf_insert_pfn(vmf->vma, vmf->address, (start >> PAGE_SHIFT) + page);
		break;
	}
	up_read(&dev->map_sem);
	return ret;
}

static void cen_uio_vma_open(struct vm_area_struct *vma)
{
	struct cen_uio *dev = vma->vm_private_data;

	kref_get(&dev->refs);
}

static void cen_uio_vma_close(struct vm_area_struct *vma)
{
	/* Odd: what could not be mapped in the end. */
	if (!((unsigned long)vma->vm_private_data & 1))
		cen_uio_put(vma->vm_private_data);
}

static int cen_uio_vma_mapped(unsigned long start, unsigned long end, pgoff_t pgoff,
			      const struct file *file, void **private)
{
	unsigned long serial = (unsigned long)*private;
	struct cen_uio *dev;
	int ret = -ENODEV;

	spin_lock(&cen_uio_mappable_lock);
	list_for_each_entry(dev, &cen_uio_mappable, mappable) {
		if (dev->serial != serial)
			continue;
		kref_get(&dev->refs);
		*private = dev;
		ret = 0;
		break;
	}
	spin_unlock(&cen_uio_mappable_lock);
	return ret;
}

static const struct vm_operations_struct cen_uio_vm_ops = {
	.open = cen_uio_vma_open,
	.close = cen_uio_vma_close,
	CEN_COMPAT_UIO_MAPPED(cen_uio_vma_mapped)
	.fault = cen_uio_fault,
};

/* The UIO core has looked up the map, its offset is its index. */
static int cen_uio_mmap(struct uio_info *info, struct cen_compat_uio_map *map)
{
	struct cen_uio *dev = container_of(info, struct cen_uio, info);
	const struct cen_uio_pages *pages = &dev->pages[cen_compat_uio_index(map)];

	if (!dev->confined && !capable(CAP_SYS_RAWIO))
		return -EPERM;
	/* A private page of registers would be a copy, and is a bug to insert. */
	if (!cen_compat_uio_shared(map))
		return -EINVAL;
	if (cen_compat_uio_size(map) > pages->window.size)
		return -EINVAL;

	/* From here on its page numbers tell where it points, also when it is split. */
	return cen_compat_uio_set(map, pages->pgoff, &cen_uio_vm_ops, cen_uio_vma_mapped,
				  (void *)dev->serial);
}

static int cen_uio_uio_open(struct uio_info *info, struct inode *inode)
{
	struct cen_uio *dev = container_of(info, struct cen_uio, info);
	struct cen_uio_open *open = kzalloc(sizeof(*open), GFP_KERNEL_ACCOUNT);

	if (!open)
		return -ENOMEM;
	ihold(inode);
	open->inode = inode;
	mutex_lock(&dev->lock);
	list_add(&open->node, &dev->opens);
	mutex_unlock(&dev->lock);
	if (!dev->irq_users++)
		dev->bus->irq_set(dev, true);
	return 0;
}

static void cen_uio_open_free(struct cen_uio_open *open)
{
	list_del(&open->node);
	iput(open->inode);
	kfree(open);
}

static int cen_uio_uio_release(struct uio_info *info, struct inode *inode)
{
	struct cen_uio *dev = container_of(info, struct cen_uio, info);
	struct cen_uio_open *open;

	if (!--dev->irq_users)
		dev->bus->irq_set(dev, false);
	mutex_lock(&dev->lock);
	list_for_each_entry(open, &dev->opens, node) {
		if (open->inode == inode) {
			cen_uio_open_free(open);
			break;
		}
	}
	mutex_unlock(&dev->lock);
	return 0;
}

/* Tell the UIO core what there is to map: what lies between guarded places. */
void cen_uio_maps_init(struct cen_uio *dev)
{
	u64 at, first, end;
	u32 i;

	cen_uio_mappable_add(dev);
	dev->info.cen_compat_uio_hook = cen_uio_mmap;
	dev->info.open = cen_uio_uio_open;
	dev->info.release = cen_uio_uio_release;
	dev->info.irqcontrol = cen_uio_irqcontrol;

	/* Nobody said which registers take addresses: it could be any. */
	if (!dev->rules->stated)
		return;
	for (i = 0; i < ARRAY_SIZE(dev->regions); i++) {
		for (at = 0; cen_uio_next_guarded(dev->rules, i, at, &first, &end); at = end)
			if (first > at && first < dev->regions[i].size)
				cen_uio_add_window(dev, i, at, first);
		if (at < dev->regions[i].size)
			cen_uio_add_window(dev, i, at, dev->regions[i].size);
	}
	if (dev->cut)
		dev_info(dev->dev, "more than %u windows of registers, the rest is not mapped\n",
			 CEN_UIO_MAX_WINDOWS);
}

/* After uio_unregister_device(): no hook is called any more. */
void cen_uio_maps_revoke(struct cen_uio *dev)
{
	struct cen_uio_open *open, *next;

	cen_uio_mappable_del(dev);
	down_write(&dev->map_sem);
	dev->unmapped = true;
	up_write(&dev->map_sem);

	mutex_lock(&dev->lock);
	list_for_each_entry_safe(open, next, &dev->opens, node) {
		unmap_mapping_range(open->inode->i_mapping, 0, 0, true);
		cen_uio_open_free(open);
	}
	mutex_unlock(&dev->lock);
}
