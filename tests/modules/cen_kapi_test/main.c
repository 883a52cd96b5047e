// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/cen_kapi_test:
 *	run	write anything: run all tests
 *	results	what the last run said, in TAP
 *	hold	1: keep a buffer in a heap of ours, so that we must stay; 0: let go
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>

#include "../../../kernel/compat/compat.h"
#include "kapi.h"

static DEFINE_MUTEX(kapi_lock);
static struct dentry *kapi_dir;
static struct dma_buf *kapi_held;	/* P: kapi_lock */

static ssize_t kapi_run_write(struct file *file, const char __user *text, size_t count,
			      loff_t *pos)
{
	int ret;

	ret = mutex_lock_interruptible(&kapi_lock);
	if (ret)
		return ret;
	kapi_results_reset();
	kapi_test_limits();
	kapi_test_firmware();
	kapi_test_ranges();
	kapi_test_buffers();
	kapi_test_access();
	kapi_test_pages();
	kapi_test_heaps();
	kapi_results_plan();
	mutex_unlock(&kapi_lock);
	return count;
}

static const struct file_operations kapi_run_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = kapi_run_write,
};

static int kapi_results_show(struct seq_file *m, void *v)
{
	mutex_lock(&kapi_lock);
	seq_puts(m, kapi_results());
	mutex_unlock(&kapi_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(kapi_results);

static int kapi_hold_locked(void)
{
	const struct cen_limits bank = { .banks = KAPI_BANK };
	struct dma_buf *dmabuf;
	int ret;

	if (kapi_held)
		return -EBUSY;
	ret = kapi_heap_add();
	if (ret)
		return ret;
	dmabuf = cen_buffer_create(SZ_64K, 0, 0);
	if (IS_ERR(dmabuf)) {
		ret = PTR_ERR(dmabuf);
		goto err_remove;
	}
	ret = cen_buffer_declare(dmabuf, kapi_dev(KAPI_WIDE), &bank);
	if (!ret)
		ret = cen_buffer_commit(dmabuf, NULL);
	if (ret)
		goto err_release;
	kapi_held = dmabuf;
	return 0;

err_release:
	kapi_release(dmabuf);
err_remove:
	kapi_heap_remove();
	return ret;
}

static void kapi_let_go_locked(void)
{
	if (!kapi_held)
		return;
	kapi_release(kapi_held);
	kapi_held = NULL;
	kapi_heap_remove();
}

static ssize_t kapi_hold_write(struct file *file, const char __user *text, size_t count,
			       loff_t *pos)
{
	bool hold;
	int ret;

	ret = kstrtobool_from_user(text, count, &hold);
	if (ret)
		return ret;
	ret = mutex_lock_interruptible(&kapi_lock);
	if (ret)
		return ret;
	if (hold)
		ret = kapi_hold_locked();
	else
		kapi_let_go_locked();
	mutex_unlock(&kapi_lock);
	return ret ?: count;
}

static const struct file_operations kapi_hold_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = kapi_hold_write,
};

static int __init kapi_init(void)
{
	int ret;

	ret = kapi_devices_init();
	if (ret)
		return ret;
	kapi_dir = debugfs_create_dir("cen_kapi_test", NULL);
	debugfs_create_file("run", 0200, kapi_dir, NULL, &kapi_run_fops);
	debugfs_create_file("results", 0400, kapi_dir, NULL, &kapi_results_fops);
	debugfs_create_file("hold", 0200, kapi_dir, NULL, &kapi_hold_fops);
	return 0;
}

static void __exit kapi_exit(void)
{
	debugfs_remove_recursive(kapi_dir);
	kapi_devices_exit();
	kapi_results_free();
}

module_init(kapi_init);
module_exit(kapi_exit);

CEN_IMPORT_NS(CENALLOC);
CEN_IMPORT_NS(DMA_BUF);
MODULE_AUTHOR("cenalloc maintainers");
MODULE_DESCRIPTION("Test of cenalloc's in-kernel interface");
MODULE_LICENSE("GPL");
