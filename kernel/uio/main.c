// SPDX-License-Identifier: GPL-2.0
/*
 * cen_uio: a UIO driver whose device reaches dma-bufs, while their addresses never
 * leave the kernel. This file only orders init and unwinding.
 */
#include <linux/module.h>

#include "../compat/compat.h"
#include "uio.h"

static int __init cen_uio_init(void)
{
	int ret;

	ret = cen_uio_table_init();
	if (ret)
		return ret;
	ret = cen_uio_configfs_init();
	if (ret)
		goto err_table;
	ret = cen_uio_node_init();
	if (ret)
		goto err_configfs;
	cen_uio_debugfs_init();
	/* last: from here on devices are bound */
	ret = cen_uio_platform_init();
	if (ret)
		goto err_debugfs;
	ret = cen_uio_pci_init();
	if (ret)
		goto err_platform;
	return 0;

err_platform:
	cen_uio_platform_exit();
err_debugfs:
	cen_uio_debugfs_exit();
	cen_uio_node_exit();
err_configfs:
	cen_uio_configfs_exit();
err_table:
	cen_uio_table_exit();
	return ret;
}

static void __exit cen_uio_exit(void)
{
	cen_uio_pci_exit();
	cen_uio_platform_exit();
	cen_uio_debugfs_exit();
	cen_uio_node_exit();
	cen_uio_configfs_exit();
	cen_uio_table_exit();
}

module_init(cen_uio_init);
module_exit(cen_uio_exit);

CEN_IMPORT_NS(CENALLOC);
CEN_IMPORT_NS(DMA_BUF);
MODULE_AUTHOR("cenalloc maintainers");
MODULE_DESCRIPTION("user-space drivers whose devices reach dma-bufs");
MODULE_LICENSE("GPL");
