// SPDX-License-Identifier: GPL-2.0
/*
 * A transfer as a bus master makes it: only the bus address counts. Where it leads (into
 * the buffer, into a bounce buffer, through an IOMMU) is found out from the address alone.
 */
#include <linux/dma-direct.h>
#include <linux/highmem.h>
#include <linux/iommu.h>
#include <linux/scatterlist.h>

#include "importer.h"

static phys_addr_t cti_bus_to_phys(struct device *dev, dma_addr_t addr)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);

	if (domain && domain->type & __IOMMU_DOMAIN_PAGING)
		return iommu_iova_to_phys(domain, addr);
	return dma_to_phys(dev, addr);
}

/* @length bytes that do not cross a page. */
static int cti_access_bus(struct device *dev, dma_addr_t addr, void *data, size_t length,
			  bool write)
{
	phys_addr_t phys = cti_bus_to_phys(dev, addr);
	void *at;

	if (!phys || !pfn_valid(PHYS_PFN(phys)))
		return -EFAULT;
	at = kmap_local_page(pfn_to_page(PHYS_PFN(phys)));
	if (write)
		memcpy(at + offset_in_page(phys), data, length);
	else
		memcpy(data, at + offset_in_page(phys), length);
	kunmap_local(at);
	return 0;
}

int cti_attachment_copy(struct cti_object *object, u64 offset, void *data, u64 length,
			bool write)
{
	struct cti_attachment *a = container_of(object, struct cti_attachment, object);
	struct scatterlist *sg;
	int i, ret;

	if (!a->sgt)
		return -EINVAL;
	for_each_sgtable_dma_sg(a->sgt, sg, i) {
		u64 end = sg_dma_len(sg);

		for (; offset < end && length; ) {
			dma_addr_t addr = sg_dma_address(sg) + offset;
			u64 piece = min3(end - offset, length,
					 (u64)PAGE_SIZE - offset_in_page(addr));

			ret = cti_access_bus(a->dev, addr, data, piece, write);
			if (ret)
				return ret;
			offset += piece;
			data += piece;
			length -= piece;
		}
		offset -= end;
		if (!length)
			return 0;
	}
	return -ERANGE;
}
