// SPDX-License-Identifier: GPL-2.0
/*
 * cen_fpga: FPGA images out of dma-bufs, kept ready in slots. This file only orders init and
 * unwinding.
 */
#include <linux/module.h>

#include "../compat/compat.h"
#include "fpga.h"

static int __init cen_fpga_init(void)
{
	int ret;

	ret = cen_fpga_node_init();
	if (ret)
		return ret;
	ret = cen_fpga_targets_init();
	if (ret)
		goto err_node;
	ret = cen_fpga_configfs_init();
	if (ret)
		goto err_targets;
	return 0;

err_targets:
	cen_fpga_targets_exit();
err_node:
	cen_fpga_node_exit();
	return ret;
}

/* Every directory of configfs and every open node holds the module: none is left. */
static void __exit cen_fpga_exit(void)
{
	cen_fpga_configfs_exit();
	cen_fpga_targets_exit();
	cen_fpga_node_exit();
}

module_init(cen_fpga_init);
module_exit(cen_fpga_exit);

CEN_IMPORT_NS(CENALLOC);
CEN_IMPORT_NS(DMA_BUF);
MODULE_AUTHOR("cenalloc maintainers");
MODULE_DESCRIPTION("FPGA images out of dma-bufs, switched between preloaded slots");
MODULE_LICENSE("GPL");
