/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel differences of UIO's mmap hook, see compat.h: newer ones call it before there
 * is a VMA, with the description of one, and nobody tells when there will be none after all.
 * What is to be counted for the VMA is counted by the mapped() of its operations, which is
 * called when it is there. Older kernels do not know that: there the hook calls it.
 */
#ifndef _CEN_COMPAT_UIO_H
#define _CEN_COMPAT_UIO_H

#include "compat.h"

#include <linux/uio_driver.h>

typedef int (*cen_compat_uio_mapped_fn)(unsigned long start, unsigned long end, pgoff_t pgoff,
					const struct file *file, void **private);

#ifdef CEN_HAVE_UIO_MMAP_PREPARE
#define CEN_COMPAT_UIO_MAPPED(fn)	.mapped = (fn),
#define cen_compat_uio_map	vm_area_desc
#define cen_compat_uio_hook	mmap_prepare

static inline pgoff_t cen_compat_uio_index(const struct vm_area_desc *map)
{
	return map->pgoff;
}

static inline bool cen_compat_uio_shared(const struct vm_area_desc *map)
{
	return vma_desc_test(map, VMA_SHARED_BIT);
}

static inline unsigned long cen_compat_uio_size(const struct vm_area_desc *map)
{
	return vma_desc_size(map);
}

static inline int cen_compat_uio_set(struct vm_area_desc *map, pgoff_t pgoff,
				     const struct vm_operations_struct *ops,
				     cen_compat_uio_mapped_fn mapped, void *private)
{
	map->pgoff = pgoff;
	map->page_prot = pgprot_decrypted(pgprot_noncached(map->page_prot));
	vma_desc_set_flags(map, VMA_IO_BIT, VMA_PFNMAP_BIT, VMA_DONTEXPAND_BIT, VMA_DONTDUMP_BIT);
	map->vm_ops = ops;
	map->private_data = private;
	return 0;
}
#else
#define CEN_COMPAT_UIO_MAPPED(...)
#define cen_compat_uio_map	vm_area_struct
#define cen_compat_uio_hook	mmap

static inline pgoff_t cen_compat_uio_index(const struct vm_area_struct *vma)
{
	return vma->vm_pgoff;
}

static inline bool cen_compat_uio_shared(const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_SHARED;
}

static inline unsigned long cen_compat_uio_size(const struct vm_area_struct *vma)
{
	return vma->vm_end - vma->vm_start;
}

static inline int cen_compat_uio_set(struct vm_area_struct *vma, pgoff_t pgoff,
				     const struct vm_operations_struct *ops,
				     cen_compat_uio_mapped_fn mapped, void *private)
{
	vma->vm_pgoff = pgoff;
	vma->vm_page_prot = pgprot_decrypted(pgprot_noncached(vma->vm_page_prot));
	cen_compat_vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_ops = ops;
	vma->vm_private_data = private;
	return mapped(vma->vm_start, vma->vm_end, pgoff, vma->vm_file, &vma->vm_private_data);
}
#endif

#endif /* _CEN_COMPAT_UIO_H */
