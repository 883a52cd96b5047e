/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel differences of device classes, see compat.h.
 */
#ifndef _CEN_COMPAT_CLASS_H
#define _CEN_COMPAT_CLASS_H

#include "compat_config.h"

#include <linux/device.h>

/* Since 6.4 an interface's functions are told the device only. */
#ifdef CEN_HAVE_CLASS_INTF_DEV
#define CEN_CLASS_INTERFACE(name, add, remove)					\
	static struct class_interface name = { .add_dev = add, .remove_dev = remove }
#else
#define CEN_CLASS_INTERFACE(name, add, remove)					\
	static int name##_add(struct device *dev, struct class_interface *intf)	\
	{									\
		return add(dev);						\
	}									\
	static void name##_remove(struct device *dev, struct class_interface *intf) \
	{									\
		remove(dev);							\
	}									\
	static struct class_interface name = {					\
		.add_dev = name##_add, .remove_dev = name##_remove,		\
	}
#endif

#endif /* _CEN_COMPAT_CLASS_H */
