// SPDX-License-Identifier: GPL-2.0
/*
 * Where a bank's memory comes from.
 *
 *	mem=SIZE@ADDRESS	a range that the kernel was told to leave alone
 *				(memmap=SIZE$ADDRESS, mem=): it gets struct pages here
 *	reserve=NAME		set aside at boot by reserve_mem=SIZE:ALIGN:NAME: ordinary
 *				memory that only its name's bearer uses
 *
 * Anything the kernel uses is refused: a typing error must not hand out
 * somebody's memory.
 */
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/memory_hotplug.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/numa.h>
#include <linux/string.h>

#include "../compat/compat_mm.h"
#include "bank.h"

/* By name: the log tells no addresses. */
#define cen_bank_err(bank, fmt, ...) \
	pr_err("cenalloc: banks: %s: " fmt "\n", (bank)->name, ##__VA_ARGS__)

static int cen_bank_parse_range(struct cen_bank *bank, const char *spec)
{
	char *at;

	bank->size = memparse(spec, &at);
	if (at == spec || *at != '@') {
		cen_bank_err(bank, "want mem=SIZE@ADDRESS");
		return -EINVAL;
	}
	spec = at + 1;
	bank->start = memparse(spec, &at);
	if (at == spec || *at) {
		cen_bank_err(bank, "want mem=SIZE@ADDRESS");
		return -EINVAL;
	}
	if (!bank->size || bank->start + bank->size - 1 < bank->start ||
	    bank->start + bank->size - 1 > iomem_resource.end) {
		cen_bank_err(bank, "this machine has no such range");
		return -EINVAL;
	}
	if (!IS_ALIGNED(bank->start | bank->size, memremap_compat_align())) {
		cen_bank_err(bank, "address and size must be multiples of %lu KiB",
			     memremap_compat_align() >> 10);
		return -EINVAL;
	}
	return 0;
}

/*
 * Ranges that are nobody's, or that the firmware's map calls reserved: not those where a
 * bus has its devices.
 */
static bool cen_bank_is_memory(const struct resource *res)
{
	const struct resource *parent = res->parent;

	return !parent || parent == &iomem_resource || !strcasecmp(parent->name, "reserved");
}

/* Give a range that the kernel knows nothing of its struct pages and a linear map. */
static int cen_bank_claim_range(struct cen_bank *bank, const char *spec)
{
	void *addr;
	int ret;

	ret = cen_bank_parse_range(bank, spec);
	if (ret)
		return ret;

	if (region_intersects(bank->start, bank->size, IORESOURCE_SYSTEM_RAM,
			      IORES_DESC_NONE) != REGION_DISJOINT) {
		cen_bank_err(bank, "the kernel uses this memory; keep it away with memmap=SIZE$ADDRESS");
		return -EBUSY;
	}
	bank->resource = request_mem_region(bank->start, bank->size, bank->name);
	if (!bank->resource) {
		cen_bank_err(bank, "a driver or another bank has this range");
		return -EBUSY;
	}
	if (!cen_bank_is_memory(bank->resource)) {
		cen_bank_err(bank, "this is no memory");
		ret = -EINVAL;
		goto err_release;
	}

	bank->pgmap.type = MEMORY_DEVICE_GENERIC;
	bank->pgmap.range.start = bank->start;
	bank->pgmap.range.end = bank->start + bank->size - 1;
	bank->pgmap.nr_range = 1;
	addr = memremap_pages(&bank->pgmap, NUMA_NO_NODE);
	if (IS_ERR(addr)) {
		ret = PTR_ERR(addr);
		cen_bank_err(bank, "no struct pages for it: error %d", ret);
		bank->pgmap.nr_range = 0;
		goto err_release;
	}
	return 0;

err_release:
	release_mem_region(bank->start, bank->size);
	bank->resource = NULL;
	return ret;
}

/* What the kernel set aside has struct pages; they are marked reserved, all of them. */
static int cen_bank_claim_reserved(struct cen_bank *bank, const char *name)
{
	phys_addr_t at;

	if (!cen_compat_reserved_mem(name, &bank->start, &bank->size)) {
		cen_bank_err(bank, "nothing of that name; boot with reserve_mem=SIZE:ALIGN:%s (Linux 6.12 or later)",
			     name);
		return -ENODEV;
	}
	if (!bank->size || !PAGE_ALIGNED(bank->start | bank->size)) {
		cen_bank_err(bank, "not whole pages");
		return -EINVAL;
	}
	for (at = bank->start; at < bank->start + bank->size; at += PAGE_SIZE) {
		struct page *page = pfn_to_online_page(PHYS_PFN(at));

		if (!page || !PageReserved(page)) {
			cen_bank_err(bank, "the kernel uses this memory");
			return -EBUSY;
		}
	}
	return 0;
}

int cen_bank_claim(struct cen_bank *bank)
{
	const char *source = bank->source;

	if (str_has_prefix(source, "mem="))
		return cen_bank_claim_range(bank, source + strlen("mem="));
	if (str_has_prefix(source, "reserve="))
		return cen_bank_claim_reserved(bank, source + strlen("reserve="));
	cen_bank_err(bank, "want mem=SIZE@ADDRESS or reserve=NAME");
	return -EINVAL;
}

void cen_bank_unclaim(struct cen_bank *bank)
{
	if (bank->pgmap.nr_range)
		memunmap_pages(&bank->pgmap);
	if (bank->resource)
		release_mem_region(bank->start, bank->size);
}
