// SPDX-License-Identifier: GPL-2.0
/*
 * cenalloc: one dma-buf placed where every device that will use it can reach it.
 * This file only orders init and unwinding.
 */
#include <linux/module.h>

#include "../compat/compat.h"
#include "buffer.h"

static int __init cen_init(void)
{
	int ret;

	ret = cen_plan_init();
	if (ret)
		return ret;
	ret = cen_heap_system_init();
	if (ret)
		goto err_plan;
	ret = cen_heap_contig_init();
	if (ret)
		goto err_system;
	ret = cen_heap_bank_init();
	if (ret)
		goto err_contig;
	ret = cen_rules_init();
	if (ret)
		goto err_bank;
	cen_debugfs_init();
	ret = cen_dma_heap_init();
	if (ret)
		goto err_debugfs;
	/* last: from here on buffers can be made */
	ret = cen_ioctl_init();
	if (ret)
		goto err_dma_heap;
	return 0;

err_dma_heap:
	cen_dma_heap_exit();
err_debugfs:
	cen_debugfs_exit();
	cen_rules_exit();
err_bank:
	cen_heap_bank_exit();
err_contig:
	cen_heap_contig_exit();
err_system:
	cen_heap_system_exit();
err_plan:
	cen_plan_exit();
	return ret;
}

/* Runs only when no dma-buf of ours is left: each holds the module. */
static void __exit cen_exit(void)
{
	cen_ioctl_exit();
	cen_dma_heap_exit();
	cen_debugfs_exit();
	cen_rules_exit();
	cen_device_exit();
	cen_heap_bank_exit();
	cen_heap_contig_exit();
	cen_heap_system_exit();
	cen_plan_exit();
}

module_init(cen_init);
module_exit(cen_exit);

CEN_IMPORT_NS(DMA_BUF);
MODULE_AUTHOR("cenalloc maintainers");
MODULE_DESCRIPTION("dma-bufs placed where every device that will use them can reach them");
MODULE_LICENSE("GPL");
