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
 * unmap_dma_buf, vmap and vunmap. Before, only dynamic attachments came with it
 * held; a static exporter's importers came without.
 */
#ifdef CEN_HAVE_MAP_UNLOCKED
static inline bool cen_compat_map_lock(struct dma_resv *resv, struct dma_buf_attachment *attach)
{
	dma_resv_assert_held(resv);
	return false;
}
#else
static inline bool cen_compat_map_lock(struct dma_resv *resv, struct dma_buf_attachment *attach)
{
	if (attach && dma_buf_attachment_is_dynamic(attach))
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

/* vm_flags became read-only to drivers in 6.3 */
static inline void cen_compat_vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
#ifdef CEN_HAVE_VM_FLAGS_SET
	vm_flags_set(vma, flags);
#else
	vma->vm_flags |= flags;
#endif
}

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
