// SPDX-License-Identifier: GPL-2.0
/*
 * cen_port: the transfer engine all importers share. This file only orders init
 * and unwinding.
 */
#include <linux/module.h>

#include "../compat/compat.h"
#include "port.h"

static int __init cen_port_init(void)
{
	int ret = cen_xfers_init();

	if (ret)
		return ret;
	ret = cen_ports_init();
	if (ret) {
		cen_xfers_exit();
		return ret;
	}
	cen_port_debugfs_init();
	return 0;
}

/* Every port's driver is gone by now: each uses our symbols. Fences may be on their way. */
static void __exit cen_port_exit(void)
{
	cen_port_debugfs_exit();
	cen_ports_exit();
	rcu_barrier();
	cen_xfers_exit();
}

module_init(cen_port_init);
module_exit(cen_port_exit);

CEN_IMPORT_NS(CENALLOC);
CEN_IMPORT_NS(DMA_BUF);
MODULE_AUTHOR("cenalloc maintainers");
MODULE_DESCRIPTION("Transfers between devices in dma-bufs, without the CPU touching the data");
MODULE_LICENSE("GPL");
