// SPDX-License-Identifier: GPL-2.0
/*
 * A virtual bus master: memory by bus address.
 */
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/highmem.h>
#include <linux/iommu.h>

#include "master.h"

static int cen_sim_translate(struct device *dev, dma_addr_t addr, phys_addr_t *phys)
{
	struct iommu_domain *domain;

	if (addr > dma_get_mask(dev))
		return -EFAULT;
	domain = iommu_get_domain_for_dev(dev);
	if (domain && domain->type & __IOMMU_DOMAIN_PAGING)
		*phys = iommu_iova_to_phys(domain, addr);
	else
		*phys = dma_to_phys(dev, addr);
	return *phys && pfn_valid(PHYS_PFN(*phys)) ? 0 : -EFAULT;
}

static int cen_sim_access(struct device *dev, dma_addr_t addr, void *buf, size_t length,
			  bool write)
{
	while (length) {
		size_t piece = min_t(size_t, length, PAGE_SIZE - offset_in_page(addr));
		phys_addr_t phys;
		void *page;
		int ret;

		ret = cen_sim_translate(dev, addr, &phys);
		if (!ret && addr + piece - 1 > dma_get_mask(dev))
			ret = -EFAULT;
		if (ret)
			return ret;
		if (buf) {
			page = kmap_local_page(pfn_to_page(PHYS_PFN(phys)));
			if (write)
				memcpy(page + offset_in_page(phys), buf, piece);
			else
				memcpy(buf, page + offset_in_page(phys), piece);
			kunmap_local(page);
			buf += piece;
		}
		addr += piece;
		length -= piece;
	}
	return 0;
}

int cen_sim_read(struct device *dev, dma_addr_t addr, void *to, size_t length)
{
	return cen_sim_access(dev, addr, to, length, false);
}

int cen_sim_write(struct device *dev, dma_addr_t addr, const void *from, size_t length)
{
	return cen_sim_access(dev, addr, (void *)from, length, true);
}
