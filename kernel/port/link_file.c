// SPDX-License-Identifier: GPL-2.0
/*
 * Links as files: stop, poll, statistics.
 */
#include <linux/anon_inodes.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "link.h"

static DEFINE_MUTEX(cen_links_mutex);
static LIST_HEAD(cen_links);		/* P: cen_links_mutex */

static int cen_link_release(struct inode *inode, struct file *filp)
{
	struct cen_link *link = filp->private_data;

	mutex_lock(&cen_links_mutex);
	list_del(&link->all);
	mutex_unlock(&cen_links_mutex);
	cen_link_stop(link, false);
	wait_event(link->wait, cen_link_over(link));
	cen_link_free(link);
	return 0;
}

static __poll_t cen_link_poll(struct file *filp, poll_table *wait)
{
	struct cen_link *link = filp->private_data;

	poll_wait(filp, &link->wait, wait);
	return cen_link_over(link) ? EPOLLIN | EPOLLRDNORM | EPOLLHUP : 0;
}

static struct cen_link_stats cen_link_get_stats(struct cen_link *link)
{
	struct cen_link_stats stats;

	spin_lock_irq(&link->lock);
	stats = link->stats;
	stats.running = link->active > 0;
	spin_unlock_irq(&link->lock);
	return stats;
}

static long cen_link_ioc_stats(struct cen_link *link, void __user *user)
{
	struct cen_link_stats stats = cen_link_get_stats(link);

	return copy_to_user(user, &stats, sizeof(stats)) ? -EFAULT : 0;
}

/* "key: value" lines, as fdinfo has them: who may look into the process may read them. */
static void cen_link_show(struct seq_file *m, struct cen_link *link)
{
	struct cen_link_stats stats = cen_link_get_stats(link);
	u32 i;

	seq_printf(m, "cen-link-source:\t%s\n", link->files[0]->port->name);
	seq_puts(m, "cen-link-sinks:\t");
	for (i = 1; i <= link->nr_sinks; i++)
		seq_printf(m, "%s%s", i > 1 ? " " : "", link->files[i]->port->name);
	seq_printf(m, "\ncen-link-buffers:\t%u\n", link->nr_blocks);
	seq_printf(m, "cen-link-length:\t%llu\n", link->length);
	seq_printf(m, "cen-link-running:\t%u\n", stats.running);
	seq_printf(m, "cen-link-status:\t%d\n", stats.status);
	seq_printf(m, "cen-link-blocks:\t%llu\n", stats.blocks);
	seq_printf(m, "cen-link-bytes:\t%llu\n", stats.bytes);
	seq_printf(m, "cen-link-overruns:\t%llu\n", stats.overruns);
	seq_printf(m, "cen-link-dropped:\t%llu\n", stats.dropped);
	seq_printf(m, "cen-link-latency-ns:\t%llu\n", stats.latency_ns_total);
	seq_puts(m, "cen-link-latency:\t");
	for (i = 0; i < CEN_LINK_BUCKETS; i++)
		seq_printf(m, "%s%llu", i ? " " : "", stats.latency[i]);
	seq_putc(m, '\n');
}

static void cen_link_show_fdinfo(struct seq_file *m, struct file *filp)
{
	cen_link_show(m, filp->private_data);
}

void cen_links_show(struct seq_file *m)
{
	struct cen_link *link;

	mutex_lock(&cen_links_mutex);
	list_for_each_entry(link, &cen_links, all) {
		cen_link_show(m, link);
		seq_putc(m, '\n');
	}
	mutex_unlock(&cen_links_mutex);
}

static long cen_link_ioc_stop(struct cen_link *link, void __user *user)
{
	struct cen_link_stop arg;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	if (arg.mode > CEN_LINK_STOP_DRAIN || arg.pad)
		return -EINVAL;
	cen_link_stop(link, arg.mode == CEN_LINK_STOP_DRAIN);
	return wait_event_interruptible(link->wait, cen_link_over(link));
}

static long cen_link_ioctl(struct file *filp, unsigned int cmd, unsigned long uptr)
{
	struct cen_link *link = filp->private_data;
	void __user *user = (void __user *)uptr;

	switch (cmd) {
	case CEN_LINK_IOC_STATS:
		return cen_link_ioc_stats(link, user);
	case CEN_LINK_IOC_STOP:
		return cen_link_ioc_stop(link, user);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations cen_link_fops = {
	.owner = THIS_MODULE,
	.release = cen_link_release,
	.poll = cen_link_poll,
	.show_fdinfo = cen_link_show_fdinfo,
	.unlocked_ioctl = cen_link_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

struct file *cen_link_file(struct cen_link *link)
{
	struct file *filp;

	filp = anon_inode_getfile("[cen_link]", &cen_link_fops, link, O_RDWR | O_CLOEXEC);
	if (IS_ERR(filp))
		return filp;
	mutex_lock(&cen_links_mutex);
	list_add_tail(&link->all, &cen_links);
	mutex_unlock(&cen_links_mutex);
	return filp;
}
