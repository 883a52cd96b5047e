// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/cenalloc: who holds what, and which limits come from where.
 * For people; programs ask CEN_IOC_INFO. No addresses.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "buffer.h"

static struct dentry *cen_debugfs_dir;

/* " name value" for each limit there is */
static void cen_seq_limits(struct seq_file *m, const struct cen_limits *limits)
{
	static const struct cen_limits none;

	if (!memcmp(limits, &none, sizeof(none)))
		seq_puts(m, " none");
	if (limits->addr_max)
		seq_printf(m, " addr_bits %u", cen_addr_bits(limits->addr_max));
	if (limits->max_segs)
		seq_printf(m, " max_segments %u", limits->max_segs);
	if (limits->seg_size)
		seq_printf(m, " seg_size %llu", limits->seg_size);
	if (limits->seg_boundary)
		seq_printf(m, " seg_boundary 0x%llx", limits->seg_boundary);
	if (limits->align)
		seq_printf(m, " align %llu", limits->align);
	if (limits->banks)
		seq_printf(m, " banks 0x%llx", limits->banks);
	if (limits->flags & CEN_LIMIT_NONCOHERENT)
		seq_puts(m, " noncoherent");
	if (limits->flags & CEN_LIMIT_IOMMU)
		seq_puts(m, " iommu");
	seq_putc(m, '\n');
}

/**
 * struct cen_listing - what an open "buffers" file reads into
 * @info: one buffer
 * @devices: its devices
 */
struct cen_listing {
	struct cen_info info;
	struct cen_buffer_device devices[CEN_MAX_DEVICES];
};

/* The position is the id of the last buffer shown: ids grow and are never reused. */
static void *cen_buffers_start(struct seq_file *m, loff_t *pos)
{
	return cen_buffer_next(*pos);
}

static void *cen_buffers_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct cen_buffer *buffer = v;

	*pos = buffer->id;
	cen_buffer_put(buffer);
	return cen_buffer_next(*pos);
}

static void cen_buffers_stop(struct seq_file *m, void *v)
{
	if (v)
		cen_buffer_put(v);
}

static void cen_seq_device(struct seq_file *m, const struct cen_buffer_device *device)
{
	seq_printf(m, "\tdevice %s%s%s", device->name,
		   device->flags & CEN_USE_DECLARED ? " declared" : "",
		   device->flags & CEN_USE_ATTACHED ? " attached" : "");
	if (device->flags & CEN_USE_MAPPED)
		seq_printf(m, " mapped in %u segments", device->segments);
	seq_puts(m, ":");
	cen_seq_limits(m, &device->limits);
}

static int cen_buffers_show(struct seq_file *m, void *v)
{
	struct cen_listing *listing = m->private;
	struct cen_info *info = &listing->info;
	struct cen_limits merged = {};
	u32 i;
	int ret;

	memset(info, 0, sizeof(*info));
	ret = cen_buffer_info(v, info, listing->devices, ARRAY_SIZE(listing->devices));
	if (ret)
		return ret;

	seq_printf(m, "buffer %llu: %s, %llu bytes", info->id,
		   info->state == CEN_BUFFER_BACKED ? "BACKED" : "EMPTY", info->size);
	if (info->state == CEN_BUFFER_BACKED)
		seq_printf(m, ", heap %s, %u chunks, %u address bits",
			   info->heap_name, info->chunks, info->addr_bits);
	seq_printf(m, "\n\tcreator pid %u uid %u (%s), inode %llu\n",
		   info->creator, info->uid, info->comm, info->inode);
	seq_printf(m, "\tmaps %u, early maps %u, vmaps %u, mmaps %u, moves %llu, last error %d\n",
		   info->maps, info->early_maps, info->vmaps, info->mmaps, info->moves,
		   info->last_error);
	if (info->state == CEN_BUFFER_BACKED)
		seq_printf(m, "\tplan: addr_bits %u chunk %llu align %llu max_segments %u%s%s\n",
			   info->plan.addr_bits, info->plan.chunk, info->plan.align,
			   info->plan.max_segs,
			   info->plan.flags & CEN_PLAN_CONTIGUOUS ? " contiguous" : "",
			   info->plan.flags & CEN_PLAN_SYNC ? " sync" : "");

	for (i = 0; i < min(info->devices_count, CEN_MAX_DEVICES); i++)
		cen_limits_tighten(&merged, &listing->devices[i].limits);
	seq_puts(m, "\tlimits:");
	cen_seq_limits(m, &merged);
	for (i = 0; i < min(info->devices_count, CEN_MAX_DEVICES); i++)
		cen_seq_device(m, &listing->devices[i]);
	return 0;
}

static const struct seq_operations cen_buffers_seq_ops = {
	.start = cen_buffers_start,
	.next = cen_buffers_next,
	.stop = cen_buffers_stop,
	.show = cen_buffers_show,
};

static int cen_buffers_open(struct inode *inode, struct file *file)
{
	return seq_open_private(file, &cen_buffers_seq_ops, sizeof(struct cen_listing));
}

static const struct file_operations cen_buffers_fops = {
	.owner = THIS_MODULE,
	.open = cen_buffers_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

static int cen_heaps_show(struct seq_file *m, void *v)
{
	u32 i;

	for (i = 0; i < CEN_MAX_HEAPS; i++) {
		struct cen_heap_info info = { .index = i };

		if (cen_heap_get_info(&info))
			continue;
		seq_printf(m, "heap %u %s: used %llu pooled %llu capacity %llu priority %u\n",
			   i, info.name, info.used, info.pooled, info.capacity, info.priority);
		seq_printf(m, "\tchunk_max %llu align_max %llu addr_bits_min %u banks 0x%llx%s%s\n",
			   info.chunk_max, info.align_max, info.addr_bits_min, info.banks,
			   info.flags & CEN_HEAP_CONTIGUOUS ? " contiguous" : "",
			   info.flags & CEN_HEAP_POOLED ? " pooled" : "");
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cen_heaps);

static void cen_show_driver(const char *name, const struct cen_limits *limits, void *arg)
{
	struct seq_file *m = arg;

	seq_printf(m, "driver %s:", name);
	cen_seq_limits(m, limits);
}

static void cen_show_rule(const char *name, const struct cen_limits *limits, void *arg)
{
	struct seq_file *m = arg;

	seq_printf(m, "rule %s:", name);
	cen_seq_limits(m, limits);
}

static int cen_devices_show(struct seq_file *m, void *v)
{
	cen_driver_limits_each(cen_show_driver, m);
	cen_rules_each(cen_show_rule, m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cen_devices);

void cen_debugfs_init(void)
{
	cen_debugfs_dir = debugfs_create_dir("cenalloc", NULL);
	debugfs_create_file("buffers", 0400, cen_debugfs_dir, NULL, &cen_buffers_fops);
	debugfs_create_file("heaps", 0400, cen_debugfs_dir, NULL, &cen_heaps_fops);
	debugfs_create_file("devices", 0400, cen_debugfs_dir, NULL, &cen_devices_fops);
}

void cen_debugfs_exit(void)
{
	debugfs_remove_recursive(cen_debugfs_dir);
}
