// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/class/cen_port/NAME/: what CEN_PORT_IOC_INFO tells, for those who may not open the port.
 */
#include <linux/sysfs.h>

#include "port.h"

const char * const cen_port_directions[] = { "source", "sink" };
const char * const cen_port_policies[] = { "sync", "enforce", "trust" };

static struct cen_port *cen_port_of(struct device *dev)
{
	return container_of(dev, struct cen_port, node);
}

#define CEN_PORT_ATTR(_name, _format, _value)						\
static ssize_t _name##_show(struct device *dev, struct device_attribute *attr, char *buf)	\
{											\
	struct cen_port *port = cen_port_of(dev);					\
											\
	return sysfs_emit(buf, _format "\n", _value);					\
}											\
static DEVICE_ATTR_RO(_name)

/* Counters are read without the lock: each is whole, together they may be a block apart. */
CEN_PORT_ATTR(direction, "%s", cen_port_directions[port->desc.direction]);
CEN_PORT_ATTR(policy, "%s", cen_port_policies[port->desc.policy]);
CEN_PORT_ATTR(dma_device, "%s", port->device);
CEN_PORT_ATTR(granule, "%llu", port->desc.granule);
CEN_PORT_ATTR(length_max, "%llu", port->desc.length_max);
CEN_PORT_ATTR(flags, "%#x", port->desc.flags);
CEN_PORT_ATTR(blocks, "%llu", READ_ONCE(port->blocks));
CEN_PORT_ATTR(bytes, "%llu", READ_ONCE(port->bytes));
CEN_PORT_ATTR(errors, "%llu", READ_ONCE(port->errors));
CEN_PORT_ATTR(queued, "%u", READ_ONCE(port->nr_queued) + READ_ONCE(port->nr_running));
CEN_PORT_ATTR(attached, "%u", READ_ONCE(port->nr_attached));
CEN_PORT_ATTR(links, "%u", READ_ONCE(port->nr_links));

static struct attribute *cen_port_attrs[] = {
	&dev_attr_direction.attr,
	&dev_attr_policy.attr,
	&dev_attr_dma_device.attr,
	&dev_attr_granule.attr,
	&dev_attr_length_max.attr,
	&dev_attr_flags.attr,
	&dev_attr_blocks.attr,
	&dev_attr_bytes.attr,
	&dev_attr_errors.attr,
	&dev_attr_queued.attr,
	&dev_attr_attached.attr,
	&dev_attr_links.attr,
	NULL
};

static const struct attribute_group cen_port_group = { .attrs = cen_port_attrs };
const struct attribute_group *cen_port_groups[] = { &cen_port_group, NULL };
