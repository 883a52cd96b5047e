// SPDX-License-Identifier: GPL-2.0
#include <linux/gfp.h>
int cen_probe(unsigned long first, unsigned long end);
int cen_probe(unsigned long first, unsigned long end)
{
	return alloc_contig_range(first, end, ACR_FLAGS_NONE, GFP_KERNEL);
}
