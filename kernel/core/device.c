// SPDX-License-Identifier: GPL-2.0
/*
 * Devices by name: "bus:device", as in /sys/bus/<bus>/devices/<device>.
 *
 * A device that attaches to a buffer is known by its pointer. A device that is
 * only declared is known by its name, so its bus must be one we can search:
 * buses whose type is exported by the kernel image itself. A bus that lives in a
 * module is left out, searching it would load that module along with us.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/string.h>
#if IS_BUILTIN(CONFIG_ARM_AMBA)
#include <linux/amba/bus.h>
#endif
#if IS_BUILTIN(CONFIG_CDX_BUS)
#include <linux/cdx/cdx_bus.h>
#endif
#if IS_BUILTIN(CONFIG_EISA)
#include <linux/eisa.h>
#endif
#if IS_BUILTIN(CONFIG_FSL_MC_BUS)
#include <linux/fsl/mc.h>
#endif

#include "../compat/compat.h"
#include "device.h"

/*
 * One function per bus and not a table of bus_type pointers: kernels differ in
 * whether those are const, and bus_find_device_by_name() takes what there is.
 */
#define CEN_BUS_FIND(_fn, _type)					\
	static struct device *_fn(const char *name)			\
	{								\
		return bus_find_device_by_name(&(_type), NULL, name);	\
	}

CEN_BUS_FIND(cen_find_platform, platform_bus_type)
#if IS_BUILTIN(CONFIG_PCI)
CEN_BUS_FIND(cen_find_pci, pci_bus_type)
#endif
#if IS_BUILTIN(CONFIG_ARM_AMBA)
CEN_BUS_FIND(cen_find_amba, amba_bustype)
#endif
#if IS_BUILTIN(CONFIG_CDX_BUS)
CEN_BUS_FIND(cen_find_cdx, cdx_bus_type)
#endif
#if IS_BUILTIN(CONFIG_EISA)
CEN_BUS_FIND(cen_find_eisa, eisa_bus_type)
#endif
#if IS_BUILTIN(CONFIG_FSL_MC_BUS)
CEN_BUS_FIND(cen_find_fsl_mc, fsl_mc_bus_type)
#endif

static const struct {
	const char *name;	/* as bus_type.name */
	struct device *(*find)(const char *name);
} cen_buses[] = {
	{ "platform", cen_find_platform },
#if IS_BUILTIN(CONFIG_PCI)
	{ "pci", cen_find_pci },
#endif
#if IS_BUILTIN(CONFIG_ARM_AMBA)
	{ "amba", cen_find_amba },
#endif
#if IS_BUILTIN(CONFIG_CDX_BUS)
	{ "cdx", cen_find_cdx },
#endif
#if IS_BUILTIN(CONFIG_EISA)
	{ "eisa", cen_find_eisa },
#endif
#if IS_BUILTIN(CONFIG_FSL_MC_BUS)
	{ "fsl-mc", cen_find_fsl_mc },
#endif
};

bool cen_device_name_valid(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon && colon != name && colon[1] && strlen(name) < CEN_NAME_LEN;
}

struct device *cen_device_find(const char *name)
{
	const char *colon;
	size_t i, len;

	if (!cen_device_name_valid(name))
		return ERR_PTR(-EINVAL);
	colon = strchr(name, ':');
	len = colon - name;

	for (i = 0; i < ARRAY_SIZE(cen_buses); i++) {
		struct device *dev;

		if (strlen(cen_buses[i].name) != len || memcmp(cen_buses[i].name, name, len))
			continue;
		dev = cen_buses[i].find(colon + 1);
		return dev ?: ERR_PTR(-ENOENT);
	}
	return ERR_PTR(-EINVAL);
}

/**
 * cen_device_name - the name a device has in declarations and rules
 * @dev: a device
 * @name: filled with "bus:device"; a device on no bus, or whose name does not fit, becomes
 *	"?:device" with the end of its name
 *
 * Context: Any.
 */
void cen_device_name(struct device *dev, char name[CEN_NAME_LEN])
{
	const char *device = dev_name(dev);
	size_t len = strlen(device), bus = dev->bus ? strlen(dev->bus->name) : 0;

	/* copied, not printed: this is part of every attach */
	if (bus && bus + 1 + len < CEN_NAME_LEN) {
		memcpy(name, dev->bus->name, bus);
		name[bus] = ':';
		memcpy(name + bus + 1, device, len + 1);
		return;
	}
	/* The end of a long name tells more than its beginning. */
	if (len > CEN_NAME_LEN - sizeof("?:"))
		device += len - (CEN_NAME_LEN - sizeof("?:"));
	snprintf(name, CEN_NAME_LEN, "?:%s", device);
}
CEN_EXPORT(cen_device_name);

int cen_device_get_info(struct cen_device_info *info)
{
	struct cen_facts facts;
	struct device *dev;
	int ret;

	if (info->flags || info->pad)
		return -EINVAL;
	if (strnlen(info->name, CEN_NAME_LEN) == CEN_NAME_LEN)
		return -EINVAL;

	dev = cen_device_find(info->name);
	if (IS_ERR(dev))
		return PTR_ERR(dev);

	/* The driver owns much of what we read, and frees it when it unbinds. */
	ret = device_lock_interruptible(dev);
	if (ret)
		goto put_device;
	memset(info->driver, 0, sizeof(info->driver));
	if (dev->driver)
		strscpy(info->driver, dev->driver->name, sizeof(info->driver));
	/* Limits that contradict themselves are an answer here, not a failure. */
	cen_device_facts(dev, NULL, &facts);
	device_unlock(dev);

	info->limits = facts.limits;
	info->sources = facts.sources;
	info->windows = facts.constraints.nr_windows;
put_device:
	put_device(dev);
	return ret;
}
