// SPDX-License-Identifier: GPL-2.0
/*
 * CPU maps of a buffer: mmap(), before and after it is backed, and vmap.
 *
 * User maps are filled by page faults, so that a map may exist while the buffer
 * is EMPTY and can be zapped and filled anew when it moves. A fault fills all
 * the surrounding page table at once; where the kernel knows huge PFN maps, a whole
 * PMD at once.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "../compat/compat.h"
#include "buffer.h"

/**
 * struct cen_cursor - a place in a buffer's memory
 * @chunk: index of the chunk
 * @page: page within the chunk
 */
struct cen_cursor {
	const struct cen_chunk *chunk;
	u32 page;
};

/* All chunks but few have the same size, but nothing promises it: walk. */
static struct cen_cursor cen_cursor_at(const struct cen_storage *storage, u64 page)
{
	struct cen_cursor at = { .chunk = storage->chunks };

	while (page >= at.chunk->nr_pages) {
		page -= at.chunk->nr_pages;
		at.chunk++;
	}
	at.page = page;
	return at;
}

static unsigned long cen_cursor_next(struct cen_cursor *at)
{
	unsigned long pfn = page_to_pfn(at->chunk->page) + at->page;

	if (++at->page == at->chunk->nr_pages) {
		at->chunk++;
		at->page = 0;
	}
	return pfn;
}

struct cen_fill {
	struct vm_area_struct *vma;
	struct cen_cursor at;
};

static int cen_fill_pte(pte_t *pte, unsigned long addr, void *data)
{
	struct cen_fill *fill = data;
	unsigned long pfn = cen_cursor_next(&fill->at);

	if (pte_none(ptep_get(pte)))
		set_pte_at(fill->vma->vm_mm, addr, pte,
			   pte_mkspecial(pfn_pte(pfn, fill->vma->vm_page_prot)));
	return 0;
}

static vm_fault_t cen_fault_error(int error)
{
	switch (error) {
	case 0:
		return VM_FAULT_NOPAGE;
	case -EINTR:
	case -ERESTARTSYS:
		/*
		 * To user space: go back, take the signal. A copy of the kernel's would only fault
		 * again, for ever; it ends like this, and who is killed sees nothing of it.
		 */
		return fatal_signal_pending(current) ? VM_FAULT_SIGBUS : VM_FAULT_NOPAGE;
	default:
		/*
		 * Refused, over quota, or the heaps that would do are full. Not VM_FAULT_OOM for
		 * the latter: it means "try again", and would for ever.
		 */
		return VM_FAULT_SIGBUS;
	}
}

/* The kernel takes no signal before its copy is done: there it is no use to be interrupted. */
static int cen_fault_lock(const struct vm_fault *vmf, struct cen_buffer *buffer)
{
	if (vmf->flags & FAULT_FLAG_USER)
		return dma_resv_lock_interruptible(&buffer->resv, NULL);
	return dma_resv_lock(&buffer->resv, NULL);
}

static vm_fault_t cen_vma_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct cen_buffer *buffer = vma->vm_private_data;
	unsigned long start, end;
	struct cen_fill fill = { .vma = vma };
	vm_fault_t fault;
	int ret;

	if (vmf->pgoff >= buffer->size >> PAGE_SHIFT)
		return VM_FAULT_SIGBUS;

	ret = cen_fault_lock(vmf, buffer);
	if (ret)
		return cen_fault_error(ret);
	ret = cen_buffer_back_locked(buffer);
	if (ret) {
		fault = cen_fault_error(ret);
		goto out;
	}
	fault = VM_FAULT_NOPAGE;
	/* a huge fault was faster, after this one had found no place for a huge page */
	if (pmd_leaf(pmdp_get_lockless(vmf->pmd)))
		goto out;

	/* The page table around the fault, within the VMA. */
	start = max(vmf->address & PMD_MASK, vma->vm_start);
	end = min((vmf->address & PMD_MASK) + PMD_SIZE, vma->vm_end);
	fill.at = cen_cursor_at(&buffer->storage,
				vma->vm_pgoff + ((start - vma->vm_start) >> PAGE_SHIFT));
	if (apply_to_page_range(vma->vm_mm, start, end - start, cen_fill_pte, &fill))
		fault = VM_FAULT_OOM;	/* no memory for page tables */
out:
	dma_resv_unlock(&buffer->resv);
	return fault;
}

#ifdef CEN_HAVE_HUGE_PFNMAP
static vm_fault_t cen_vma_huge_fault(struct vm_fault *vmf, unsigned int order)
{
	struct vm_area_struct *vma = vmf->vma;
	struct cen_buffer *buffer = vma->vm_private_data;
	unsigned long addr = vmf->address & PMD_MASK;
	struct cen_cursor at;
	unsigned long pfn;
	vm_fault_t ret = VM_FAULT_FALLBACK;
	int err;

	if (order != PMD_ORDER || addr < vma->vm_start || addr + PMD_SIZE > vma->vm_end)
		return VM_FAULT_FALLBACK;

	err = cen_fault_lock(vmf, buffer);
	if (err)
		return cen_fault_error(err);
	err = cen_buffer_back_locked(buffer);
	if (err) {
		ret = cen_fault_error(err);
		goto out;
	}
	/* a fault of single pages was faster, and has put a page table there */
	if (!pmd_none(pmdp_get_lockless(vmf->pmd)))
		goto out;
	at = cen_cursor_at(&buffer->storage,
			   vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT));
	pfn = page_to_pfn(at.chunk->page) + at.page;
	if (IS_ALIGNED(pfn, PTRS_PER_PTE) && at.chunk->nr_pages - at.page >= PTRS_PER_PTE)
		ret = cen_compat_insert_pfn_pmd(vmf, pfn);
out:
	dma_resv_unlock(&buffer->resv);
	return ret;
}
#endif

static void cen_vma_open(struct vm_area_struct *vma)
{
	struct cen_buffer *buffer = vma->vm_private_data;

	atomic_inc(&buffer->mmaps);
}

static void cen_vma_close(struct vm_area_struct *vma)
{
	struct cen_buffer *buffer = vma->vm_private_data;

	atomic_dec(&buffer->mmaps);
}

static const struct vm_operations_struct cen_vm_ops = {
	.open = cen_vma_open,
	.close = cen_vma_close,
	.fault = cen_vma_fault,
#ifdef CEN_HAVE_HUGE_PFNMAP
	.huge_fault = cen_vma_huge_fault,
#endif
};

int cen_buffer_mmap(struct cen_buffer *buffer, struct vm_area_struct *vma)
{
	/* a private map of device memory has no meaning */
	if (!(vma->vm_flags & (VM_SHARED | VM_MAYSHARE)))
		return -EINVAL;

	/*
	 * VM_PFNMAP: nobody pins these pages behind the buffer's back (it may move),
	 * VM_DONTEXPAND: it does not grow.
	 */
	cen_compat_vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_ops = &cen_vm_ops;
	vma->vm_private_data = buffer;
	atomic_inc(&buffer->mmaps);
	return 0;
}

/* Remove all user maps of the buffer; the next touch faults and waits for the reservation. */
void cen_buffer_zap_locked(struct cen_buffer *buffer)
{
	dma_resv_assert_held(&buffer->resv);
	if (buffer->dmabuf)
		unmap_mapping_range(buffer->dmabuf->file->f_mapping, 0, 0, 1);
}

int cen_buffer_vmap_locked(struct cen_buffer *buffer, struct iosys_map *map)
{
	const struct cen_storage *storage = &buffer->storage;
	struct cen_cursor at;
	struct page **pages;
	u64 i, nr = buffer->size >> PAGE_SHIFT;
	int ret;

	dma_resv_assert_held(&buffer->resv);
	ret = cen_buffer_back_locked(buffer);
	if (ret)
		return ret;

	if (!buffer->vmap.users) {
		pages = kvmalloc_array(nr, sizeof(*pages), GFP_KERNEL);
		if (!pages)
			return -ENOMEM;
		at = cen_cursor_at(storage, 0);
		for (i = 0; i < nr; i++)
			pages[i] = pfn_to_page(cen_cursor_next(&at));
		buffer->vmap.addr = vmap(pages, nr, VM_MAP, PAGE_KERNEL);
		kvfree(pages);
		if (!buffer->vmap.addr)
			return -ENOMEM;
	}
	buffer->vmap.users++;
	iosys_map_set_vaddr(map, buffer->vmap.addr);
	return 0;
}

void cen_buffer_vunmap_locked(struct cen_buffer *buffer)
{
	dma_resv_assert_held(&buffer->resv);
	if (--buffer->vmap.users)
		return;
	vunmap(buffer->vmap.addr);
	buffer->vmap.addr = NULL;
}
