/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel differences of UIO's mmap hook, see compat.h: on newer kernels it is called before
 * there is a VMA, with the description of one.
 */
#ifndef _CEN_COMPAT_UIO_H
#define _CEN_COMPAT_UIO_H

#include "compat.h"

#include <linux/uio_driver.h>

#ifdef CEN_HAVE_UIO_MMAP_PREPARE
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

/*
 * @private has been given a reference that the VMA's close() drops. There is no VMA yet,
 * and nobody tells when there is never one: the reference stays if memory runs out then.
 */
static inline void cen_compat_uio_set(struct vm_area_desc *map, pgoff_t pgoff,
				      const struct vm_operations_struct *ops, void *private)
{
	map->pgoff = pgoff;
	map->page_prot = pgprot_decrypted(pgprot_noncached(map->page_prot));
	vma_desc_set_flags(map, VMA_IO_BIT, VMA_PFNMAP_BIT, VMA_DONTEXPAND_BIT, VMA_DONTDUMP_BIT);
	map->vm_ops = ops;
	map->private_data = private;
}
#else
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

static inline void cen_compat_uio_set(struct vm_area_struct *vma, pgoff_t pgoff,
				      const struct vm_operations_struct *ops, void *private)
{
	vma->vm_pgoff = pgoff;
	vma->vm_page_prot = pgprot_decrypted(pgprot_noncached(vma->vm_page_prot));
	cen_compat_vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_ops = ops;
	vma->vm_private_data = private;
}
#endif

#endif /* _CEN_COMPAT_UIO_H */
