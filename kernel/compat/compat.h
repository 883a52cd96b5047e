/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every kernel-version difference, nowhere else.
 *
 * What the kernel offers is found by compiling the files of probes/ (stable
 * kernels backport, so version numbers lie): probes/NAME.c compiles or not, and
 * compat_config.h, made at build time by probe.sh, defines CEN_HAVE_NAME or not.
 */
#ifndef _CEN_COMPAT_H
#define _CEN_COMPAT_H

#include "compat_config.h"

#include <linux/dma-buf.h>
#include <linux/dma-resv.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>

/* hex_to_bin() and its like moved out of kernel.h */
#ifdef CEN_HAVE_HEX_HEADER
#include <linux/hex.h>
#endif

/* EXPORT_SYMBOL_NS_GPL() and MODULE_IMPORT_NS() take a string from 6.13 on */
#ifdef CEN_HAVE_NS_TOKEN
#define CEN_EXPORT(symbol)	EXPORT_SYMBOL_NS_GPL(symbol, CENALLOC)
#define CEN_IMPORT_NS(ns)	MODULE_IMPORT_NS(ns)
#else
#define CEN_EXPORT(symbol)	EXPORT_SYMBOL_NS_GPL(symbol, "CENALLOC")
#define CEN_IMPORT_NS(ns)	MODULE_IMPORT_NS(#ns)
#endif

/*
 * Since 6.2 the dma-buf core holds the reservation when it calls map_dma_buf,
 * unmap_dma_buf, vmap and vunmap. Before, it depends on the importer: a dynamic one
 * holds it, others do not, unless they use the functions that stable kernels got from 6.2.
 * Whether the caller holds it, only the lock knows.
 */
#ifdef CEN_HAVE_VMAP_UNLOCKED
static inline bool cen_compat_map_lock(struct dma_resv *resv)
{
	dma_resv_assert_held(resv);
	return false;
}
#else
static inline bool cen_compat_resv_is_ours(struct dma_resv *resv)
{
#ifdef CONFIG_PREEMPT_RT
	unsigned long owner = (unsigned long)READ_ONCE(resv->lock.base.rtmutex.owner);
#else
	unsigned long owner = atomic_long_read(&resv->lock.base.owner);
#endif

	/* the low bits are the lock's own */
	return (struct task_struct *)(owner & ~7UL) == current;
}

static inline bool cen_compat_map_lock(struct dma_resv *resv)
{
	if (cen_compat_resv_is_ours(resv))
		return false;
	dma_resv_lock(resv, NULL);
	return true;
}
#endif

static inline void cen_compat_map_unlock(struct dma_resv *resv, bool locked)
{
	if (locked)
		dma_resv_unlock(resv);
}

/* For importers: not to hold it was the only way there was to call them, under these names. */
#ifndef CEN_HAVE_MAP_UNLOCKED
static inline struct sg_table *dma_buf_map_attachment_unlocked(struct dma_buf_attachment *attach,
								enum dma_data_direction dir)
{
	return dma_buf_map_attachment(attach, dir);
}

static inline void dma_buf_unmap_attachment_unlocked(struct dma_buf_attachment *attach,
						     struct sg_table *sgt,
						     enum dma_data_direction dir)
{
	dma_buf_unmap_attachment(attach, sgt, dir);
}
#endif

#ifndef CEN_HAVE_VMAP_UNLOCKED
static inline int dma_buf_vmap_unlocked(struct dma_buf *dmabuf, struct iosys_map *map)
{
	return dma_buf_vmap(dmabuf, map);
}

static inline void dma_buf_vunmap_unlocked(struct dma_buf *dmabuf, struct iosys_map *map)
{
	dma_buf_vunmap(dmabuf, map);
}
#endif

/* Renamed in 6.6. */
#ifndef CEN_HAVE_SG_DMA_IS_BUS
static inline bool sg_dma_is_bus_address(struct scatterlist *sg)
{
	return sg_is_dma_bus_address(sg);
}
#endif

/* How a dynamic importer is told that its map is void: renamed in 7.1. */
#ifdef CEN_HAVE_MOVE_NOTIFY
#define cen_compat_invalidate	move_notify
#else
#define cen_compat_invalidate	invalidate_mappings
#endif

/* What the devnode function of a class is told about: const since 6.2. */
#ifdef CEN_HAVE_DEVNODE_CONST
#define CEN_DEVNODE_DEVICE	const struct device
#else
#define CEN_DEVNODE_DEVICE	struct device
#endif

/* vm_flags became read-only to drivers in 6.3 */
static inline void cen_compat_vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
#ifdef CEN_HAVE_VM_FLAGS_SET
	vm_flags_set(vma, flags);
#else
	vma->vm_flags |= flags;
#endif
}

/* Renamed in 6.2. */
#ifndef CEN_HAVE_PMDP_GET_LOCKLESS
static inline pmd_t pmdp_get_lockless(pmd_t *pmd)
{
	return pmd_read_atomic(pmd);
}
#endif

/* Huge PFN maps came with 6.12; vmf_insert_pfn_pmd() lost its pfn_t later */
#if defined(CONFIG_ARCH_SUPPORTS_PMD_PFNMAP) && defined(CEN_HAVE_HUGE_FAULT_ORDER)
#define CEN_HAVE_HUGE_PFNMAP 1
#ifdef CEN_HAVE_INSERT_PMD_PFN_T
#include <linux/pfn_t.h>
#endif
static inline vm_fault_t cen_compat_insert_pfn_pmd(struct vm_fault *vmf, unsigned long pfn)
{
	bool write = vmf->flags & FAULT_FLAG_WRITE;

#ifdef CEN_HAVE_INSERT_PMD_PFN_T
	return vmf_insert_pfn_pmd(vmf, __pfn_to_pfn_t(pfn, 0), write);
#else
	return vmf_insert_pfn_pmd(vmf, pfn, write);
#endif
}
#endif

#endif /* _CEN_COMPAT_H */
