// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/uio_driver.h>
void cen_probe(struct uio_info *info, int (*fn)(struct uio_info *, struct vm_area_desc *),
	       struct vm_operations_struct *ops,
	       int (*mapped)(unsigned long, unsigned long, pgoff_t, const struct file *, void **));
void cen_probe(struct uio_info *info, int (*fn)(struct uio_info *, struct vm_area_desc *),
	       struct vm_operations_struct *ops,
	       int (*mapped)(unsigned long, unsigned long, pgoff_t, const struct file *, void **))
{
	info->mmap_prepare = fn;
	ops->mapped = mapped;
}
