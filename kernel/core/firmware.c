// SPDX-License-Identifier: GPL-2.0
/*
 * Limits that firmware states: cenalloc,* properties of a device tree node, ACPI
 * _DSD or software node. docs/devices.md describes them.
 */
#include <linux/device.h>
#include <linux/property.h>

#include "device.h"

/* Integers may be written in 32 or 64 bits. 0 when the property is not there. */
static int cen_property_u64(struct device *dev, const char *name, u64 *value)
{
	u32 narrow;
	int ret;

	*value = 0;
	if (!device_property_present(dev, name))
		return 0;
	/* The wide read first: of a wide property a narrow read gives half. */
	ret = device_property_read_u64(dev, name, value);
	if (!ret)
		return 0;
	*value = 0;
	ret = device_property_read_u32(dev, name, &narrow);
	if (!ret)
		*value = narrow;
	return ret;
}

/* 1: @limits filled; 0: firmware says nothing; -EINVAL: it says nonsense. */
int cen_firmware_limits(struct device *dev, struct cen_limits *limits)
{
	const struct {
		const char *name;
		u64 *value;
	} wide[] = {
		{ "cenalloc,max-segment-size", &limits->seg_size },
		{ "cenalloc,segment-boundary", &limits->seg_boundary },
		{ "cenalloc,alignment", &limits->align },
		{ "cenalloc,banks", &limits->banks },
	};
	static const struct cen_limits none;
	u64 max_segs, addr_bits;
	size_t i;

	memset(limits, 0, sizeof(*limits));
	if (!dev_fwnode(dev))
		return 0;

	for (i = 0; i < ARRAY_SIZE(wide); i++)
		if (cen_property_u64(dev, wide[i].name, wide[i].value))
			goto malformed;
	if (cen_property_u64(dev, "cenalloc,max-segments", &max_segs) || max_segs > U32_MAX)
		goto malformed;
	limits->max_segs = max_segs;
	if (cen_property_u64(dev, "cenalloc,address-bits", &addr_bits) || addr_bits > 64)
		goto malformed;
	if (addr_bits)
		limits->addr_max = cen_addr_max(addr_bits);
	if (device_property_present(dev, "cenalloc,non-coherent"))
		limits->flags |= CEN_LIMIT_NONCOHERENT;

	if (cen_limits_check(limits))
		goto malformed;
	return memcmp(limits, &none, sizeof(none)) != 0;

malformed:
	/* A limit we cannot read is not "no limit": the device stays out. */
	dev_warn_ratelimited(dev, FW_BUG "malformed cenalloc,* property\n");
	memset(limits, 0, sizeof(*limits));
	return -EINVAL;
}
