// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/uio_driver.h>
void cen_probe(struct uio_info *info, int (*fn)(struct uio_info *, struct vm_area_desc *));
void cen_probe(struct uio_info *info, int (*fn)(struct uio_info *, struct vm_area_desc *))
{
	info->mmap_prepare = fn;
}
