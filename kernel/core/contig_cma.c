// SPDX-License-Identifier: GPL-2.0
/*
 * Contiguous memory areas, through the DMA API.
 *
 * A board's reserved memory and the kernel's contiguous areas belong to devices:
 * dma_alloc_pages() takes from the area of the device it is called for. A buffer can
 * outlive the driver of that device, though, and what is allocated in the name of a
 * device must be gone by then. So we ask in the name of a device of our own, which
 * borrows the area of the one in question and its limits.
 */
#include <linux/cc_platform.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "contig.h"
#include "heap.h"
#include "zones.h"

#ifdef CONFIG_DMA_CMA

/* what cen_cma_free() needs */
struct cen_cma_piece {
	struct cma *area;
	dma_addr_t handle;
};

static struct platform_device *cen_cma_device;
static DEFINE_MUTEX(cen_cma_lock);	/* the device's mask and area */

int cen_cma_init(void)
{
	cen_cma_device = platform_device_register_simple("cenalloc", PLATFORM_DEVID_NONE, NULL, 0);
	return PTR_ERR_OR_ZERO(cen_cma_device);
}

void cen_cma_exit(void)
{
	platform_device_unregister(cen_cma_device);
}

/* Areas of the device and limits of the window for as long as the lock is held. */
static struct device *cen_cma_borrow(struct cma *area, u64 last)
{
	struct device *dev = &cen_cma_device->dev;

	lockdep_assert_held(&cen_cma_lock);
	dev->cma_area = area;
	dev->coherent_dma_mask = last;
	*dev->dma_mask = last;
	return dev;
}

struct page *cen_cma_alloc(const struct cen_alloc_request *req, unsigned long nr_pages,
			   void **priv)
{
	size_t bytes = nr_pages << PAGE_SHIFT;
	struct cen_cma_piece *piece;
	struct page *page;

	/* what the DMA API gives is not encrypted then, as all other maps of the buffer are */
	if (cc_platform_has(CC_ATTR_MEM_ENCRYPT))
		return ERR_PTR(-ENOMEM);
	piece = kzalloc(sizeof(*piece), GFP_KERNEL);
	if (!piece)
		return ERR_PTR(-ENOMEM);
	if (req->dev)
		piece->area = req->dev->cma_area;

	if (mutex_lock_killable(&cen_cma_lock)) {
		kfree(piece);
		return ERR_PTR(-EINTR);
	}
	page = dma_alloc_pages(cen_cma_borrow(piece->area, req->window.last), bytes,
			       &piece->handle, DMA_BIDIRECTIONAL,
			       GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY);
	mutex_unlock(&cen_cma_lock);
	if (!page) {
		kfree(piece);
		return ERR_PTR(-ENOMEM);
	}
	*priv = piece;
	/* without an area the DMA API turns to the zones, down to one that is not for this */
	if (!cen_request_admits(req, page_to_phys(page), bytes) ||
	    (cen_zone_scarce() && page_zonenum(page) == 0)) {
		cen_cma_free(page, nr_pages, piece);
		return ERR_PTR(-ENOMEM);
	}
	return page;
}

void cen_cma_free(struct page *page, unsigned long nr_pages, void *priv)
{
	struct cen_cma_piece *piece = priv;

	mutex_lock(&cen_cma_lock);
	dma_free_pages(cen_cma_borrow(piece->area, U64_MAX), nr_pages << PAGE_SHIFT, page,
		       piece->handle, DMA_BIDIRECTIONAL);
	mutex_unlock(&cen_cma_lock);
	kfree(piece);
}

#else

int cen_cma_init(void)
{
	return 0;
}

void cen_cma_exit(void)
{
}

struct page *cen_cma_alloc(const struct cen_alloc_request *req, unsigned long nr_pages,
			   void **priv)
{
	return ERR_PTR(-ENOMEM);
}

void cen_cma_free(struct page *page, unsigned long nr_pages, void *priv)
{
}

#endif
