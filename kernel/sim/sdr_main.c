// SPDX-License-Identifier: GPL-2.0
/*
 * cen_sim_sdr: a software-defined radio that is not there. For tests and demos.
 *
 * Each device has a receiver (port NAME-rx, a source) and a transmitter (port
 * NAME-tx, a sink). Its limits are module parameters; pattern, rate and faults are
 * files in debugfs/cen_sim_sdr/NAME/{rx,tx}/.
 */
#include <linux/cenalloc.h>
#include <linux/debugfs.h>
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "../compat/compat.h"
#include "sdr.h"

#define CEN_SDR_MAX	32

static unsigned int devices = 1;
module_param(devices, uint, 0444);
MODULE_PARM_DESC(devices, "number of radios, 1 … 32");
static unsigned int dma_bits = 32;
module_param(dma_bits, uint, 0444);
MODULE_PARM_DESC(dma_bits, "width of their DMA addresses");
static unsigned int max_segs;
module_param(max_segs, uint, 0444);
MODULE_PARM_DESC(max_segs, "most segments of a buffer, 0: any number");
static unsigned int seg_size;
module_param(seg_size, uint, 0444);
MODULE_PARM_DESC(seg_size, "largest segment in bytes, 0: 64 KiB");
static unsigned int policy;
module_param(policy, uint, 0444);
MODULE_PARM_DESC(policy, "coherency: 0 sync, 1 enforce, 2 trust");

struct cen_sdr {
	struct platform_device *pdev;
	struct cen_sdr_channel channels[2];	/* rx, tx */
	struct dentry *debugfs;
	bool plugged;
	struct mutex mutex;			/* plug and unplug */
};

static struct cen_sdr cen_sdrs[CEN_SDR_MAX];
static struct dentry *cen_sdr_debugfs;

static int cen_sdr_plug(struct cen_sdr *sdr)
{
	struct device *dev = &sdr->pdev->dev;
	struct cen_limits limits = { .max_segs = max_segs };
	char name[CEN_PORT_NAME_LEN];
	int ret;

	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(dma_bits));
	if (ret)
		return ret;
	if (seg_size)
		dma_set_max_seg_size(dev, seg_size);
	ret = max_segs ? cen_device_limit(dev, &limits) : 0;
	if (ret)
		return ret;
	snprintf(name, sizeof(name), "%s%d-rx", "sdr", sdr->pdev->id);
	ret = cen_sdr_channel_start(&sdr->channels[0], dev, name, false, policy);
	if (ret)
		goto err_limit;
	snprintf(name, sizeof(name), "%s%d-tx", "sdr", sdr->pdev->id);
	ret = cen_sdr_channel_start(&sdr->channels[1], dev, name, true, policy);
	if (ret)
		goto err_rx;
	ret = cen_sdr_iio_start(&sdr->channels[0], "cen-sdr-rx");
	if (ret)
		goto err_tx;
	ret = cen_sdr_iio_start(&sdr->channels[1], "cen-sdr-tx");
	if (ret)
		goto err_iio_rx;
	sdr->plugged = true;
	return 0;

err_iio_rx:
	cen_sdr_iio_stop(&sdr->channels[0]);
err_tx:
	cen_sdr_channel_stop(&sdr->channels[1]);
err_rx:
	cen_sdr_channel_stop(&sdr->channels[0]);
err_limit:
	cen_device_unlimit(dev);
	return ret;
}

static void cen_sdr_unplug(struct cen_sdr *sdr)
{
	mutex_lock(&sdr->mutex);
	if (sdr->plugged) {
		cen_sdr_iio_stop(&sdr->channels[1]);
		cen_sdr_iio_stop(&sdr->channels[0]);
		cen_sdr_channel_stop(&sdr->channels[1]);
		cen_sdr_channel_stop(&sdr->channels[0]);
		cen_device_unlimit(&sdr->pdev->dev);
		sdr->plugged = false;
	}
	mutex_unlock(&sdr->mutex);
}

static ssize_t cen_sdr_unplug_write(struct file *file, const char __user *buf, size_t size,
				    loff_t *pos)
{
	cen_sdr_unplug(file->private_data);
	return size;
}

static const struct file_operations cen_sdr_unplug_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = cen_sdr_unplug_write,
};

/* Writing a pattern's name starts it anew. */
static ssize_t cen_sdr_pattern_write(struct file *file, const char __user *ubuf, size_t size,
				     loff_t *pos)
{
	static const char * const names[] = { "ramp", "prbs", "tone", "stamp" };
	struct cen_sdr_channel *channel = file->private_data;
	char buf[16] = "";
	int i;

	if (size >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, ubuf, size))
		return -EFAULT;
	i = __sysfs_match_string(names, ARRAY_SIZE(names), buf);
	if (i < 0)
		return i;
	cen_sdr_source_reset(&channel->source, i);
	channel->mismatches = 0;
	return size;
}

static const struct file_operations cen_sdr_pattern_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = cen_sdr_pattern_write,
};

static int cen_sdr_hang_get(void *data, u64 *val)
{
	*val = ((struct cen_sdr_channel *)data)->hang;
	return 0;
}

static int cen_sdr_hang_set(void *data, u64 val)
{
	struct cen_sdr_channel *channel = data;

	spin_lock_irq(&channel->lock);
	channel->hang = val;
	spin_unlock_irq(&channel->lock);
	cen_sdr_channel_poke(channel);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(cen_sdr_hang_fops, cen_sdr_hang_get, cen_sdr_hang_set, "%llu\n");

static void cen_sdr_debugfs_channel(struct cen_sdr *sdr, const char *name,
				    struct cen_sdr_channel *channel)
{
	struct dentry *dir = debugfs_create_dir(name, sdr->debugfs);

	debugfs_create_u32("rate", 0600, dir, &channel->rate);
	debugfs_create_u32("fail", 0600, dir, &channel->fail);
	debugfs_create_file("hang", 0600, dir, channel, &cen_sdr_hang_fops);
	debugfs_create_file("pattern", 0200, dir, channel, &cen_sdr_pattern_fops);
	debugfs_create_u64("overruns", 0400, dir, &channel->overruns);
	debugfs_create_u64("mismatches", 0400, dir, &channel->mismatches);
	debugfs_create_u64("bytes", 0400, dir, &channel->bytes);
}

static void cen_sdr_remove(struct cen_sdr *sdr)
{
	debugfs_remove_recursive(sdr->debugfs);
	cen_sdr_unplug(sdr);
	platform_device_unregister(sdr->pdev);
}

static int cen_sdr_create(struct cen_sdr *sdr, int id)
{
	int ret;

	mutex_init(&sdr->mutex);
	sdr->pdev = platform_device_register_simple("cen_sim_sdr", id, NULL, 0);
	if (IS_ERR(sdr->pdev))
		return PTR_ERR(sdr->pdev);
	ret = cen_sdr_plug(sdr);
	if (ret) {
		platform_device_unregister(sdr->pdev);
		return ret;
	}
	sdr->debugfs = debugfs_create_dir(dev_name(&sdr->pdev->dev), cen_sdr_debugfs);
	cen_sdr_debugfs_channel(sdr, "rx", &sdr->channels[0]);
	cen_sdr_debugfs_channel(sdr, "tx", &sdr->channels[1]);
	debugfs_create_file("unplug", 0200, sdr->debugfs, sdr, &cen_sdr_unplug_fops);
	return 0;
}

static int __init cen_sim_sdr_init(void)
{
	unsigned int i;
	int ret;

	if (!devices || devices > CEN_SDR_MAX || !dma_bits || dma_bits > 64)
		return -EINVAL;
	cen_sdr_debugfs = debugfs_create_dir("cen_sim_sdr", NULL);
	for (i = 0; i < devices; i++) {
		ret = cen_sdr_create(&cen_sdrs[i], i);
		if (ret)
			goto err_remove;
	}
	return 0;

err_remove:
	while (i--)
		cen_sdr_remove(&cen_sdrs[i]);
	debugfs_remove_recursive(cen_sdr_debugfs);
	return ret;
}

static void __exit cen_sim_sdr_exit(void)
{
	unsigned int i = devices;

	while (i--)
		cen_sdr_remove(&cen_sdrs[i]);
	debugfs_remove_recursive(cen_sdr_debugfs);
}

module_init(cen_sim_sdr_init);
module_exit(cen_sim_sdr_exit);

CEN_IMPORT_NS(CENALLOC);
MODULE_AUTHOR("cenalloc maintainers");
MODULE_DESCRIPTION("A software-defined radio that is not there, for tests and demos of cenalloc");
MODULE_LICENSE("GPL");
