// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/cen_port/: "ports", what each did and has queued; "links", what each moved.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "port.h"

static struct dentry *cen_port_debugfs;

static int cen_port_show(struct cen_port *port, void *data)
{
	struct seq_file *m = data;
	u32 attached;

	mutex_lock(&port->mutex);
	attached = port->nr_attached;
	mutex_unlock(&port->mutex);

	spin_lock_irq(&port->lock);
	seq_printf(m, "%s: %s of %s, policy %s%s%s\n", port->name,
		   cen_port_directions[port->desc.direction], port->device,
		   cen_port_policies[port->desc.policy],
		   port->desc.flags & CEN_PORT_CYCLIC ? ", cyclic" : "",
		   port->desc.flags & CEN_PORT_VMAP ? ", vmap" : "");
	seq_printf(m, "  done %llu blocks, %llu bytes, %llu errors\n", port->blocks, port->bytes,
		   port->errors);
	seq_printf(m, "  now  %u queued, %u running, %u attached, %u links\n", port->nr_queued,
		   port->nr_running, attached, port->nr_links);
	spin_unlock_irq(&port->lock);
	return 0;
}

static int cen_ports_show(struct seq_file *m, void *unused)
{
	return cen_ports_for_each(cen_port_show, m);
}
DEFINE_SHOW_ATTRIBUTE(cen_ports);

static int cen_all_links_show(struct seq_file *m, void *unused)
{
	cen_links_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cen_all_links);

void cen_port_debugfs_init(void)
{
	cen_port_debugfs = debugfs_create_dir("cen_port", NULL);
	debugfs_create_file("ports", 0400, cen_port_debugfs, NULL, &cen_ports_fops);
	debugfs_create_file("links", 0400, cen_port_debugfs, NULL, &cen_all_links_fops);
}

void cen_port_debugfs_exit(void)
{
	debugfs_remove_recursive(cen_port_debugfs);
}
