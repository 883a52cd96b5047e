// SPDX-License-Identifier: GPL-2.0
#include <linux/device.h>
void cen_probe(struct class_interface *intf, int (*add)(struct device *dev));
void cen_probe(struct class_interface *intf, int (*add)(struct device *dev))
{
	intf->add_dev = add;
}
