// SPDX-License-Identifier: GPL-2.0
/*
 * configfs: cen_fpga/<region>/<image>/, the files of a slot.
 */
#include <linux/capability.h>
#include <linux/dma-buf.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fpga.h"
#include "names.h"

/* What was written, without blanks around it, goes to @set under the slot's lock. */
static ssize_t cen_fpga_slot_store(struct config_item *item, const char *page, size_t count,
				   int (*set)(struct cen_fpga_slot *slot, char *text))
{
	struct cen_fpga_slot *slot = cen_fpga_slot_from(item);
	char *text = kstrndup(page, count, GFP_KERNEL);
	int ret;

	if (!text)
		return -ENOMEM;
	ret = mutex_lock_interruptible(&slot->lock);
	if (!ret) {
		ret = set(slot, strim(text));
		mutex_unlock(&slot->lock);
	}
	kfree(text);
	return ret ?: count;
}

/* The name of a file, in a field of the slot; NULL is none. */
static ssize_t cen_fpga_slot_show_name(struct cen_fpga_slot *slot, char *page, char * const *name)
{
	ssize_t length;

	mutex_lock(&slot->lock);
	length = sysfs_emit(page, "%s\n", *name ?: "");
	mutex_unlock(&slot->lock);
	return length;
}

static ssize_t cen_fpga_slot_flags_show(struct config_item *item, char *page)
{
	struct cen_fpga_slot *slot = cen_fpga_slot_from(item);
	u32 flags, flag, i;
	ssize_t length = 0;
	const char *name;

	mutex_lock(&slot->lock);
	flags = slot->how.flags;
	mutex_unlock(&slot->lock);
	for (i = 0; (name = cen_fpga_name_of_flag(i, &flag)); i++)
		if (flags & flag)
			length += sysfs_emit_at(page, length, "%s%s", length ? " " : "", name);
	return length + sysfs_emit_at(page, length, "\n");
}

static int cen_fpga_flag_parse(const char *word, u32 *flags)
{
	const char *name;
	u32 flag, i;

	for (i = 0; (name = cen_fpga_name_of_flag(i, &flag)); i++) {
		if (!strcmp(word, name)) {
			*flags |= flag;
			return 0;
		}
	}
	return -EINVAL;
}

/* Words, in any order; what is not named is off. */
static int cen_fpga_slot_set_flags(struct cen_fpga_slot *slot, char *text)
{
	u32 flags = 0;
	char *word;
	int ret;

	while ((word = strsep(&text, " \t\n"))) {
		ret = *word ? cen_fpga_flag_parse(word, &flags) : 0;
		if (ret)
			return ret;
	}
	slot->how.flags = flags;
	return 0;
}

static ssize_t cen_fpga_slot_flags_store(struct config_item *item, const char *page,
					 size_t count)
{
	return cen_fpga_slot_store(item, page, count, cen_fpga_slot_set_flags);
}
CONFIGFS_ATTR(cen_fpga_slot_, flags);

#define CEN_FPGA_SLOT_TIMEOUT(field)							\
static ssize_t cen_fpga_slot_##field##_show(struct config_item *item, char *page)	\
{											\
	return sysfs_emit(page, "%u\n", READ_ONCE(cen_fpga_slot_from(item)->how.field));	\
}											\
											\
static ssize_t cen_fpga_slot_##field##_store(struct config_item *item, const char *page,	\
					     size_t count)				\
{											\
	struct cen_fpga_slot *slot = cen_fpga_slot_from(item);				\
	u32 value;									\
	int ret = kstrtou32(page, 0, &value);						\
											\
	if (ret)									\
		return ret;								\
	mutex_lock(&slot->lock);							\
	WRITE_ONCE(slot->how.field, value);						\
	mutex_unlock(&slot->lock);							\
	return count;									\
}											\
CONFIGFS_ATTR(cen_fpga_slot_, field)

CEN_FPGA_SLOT_TIMEOUT(enable_timeout_us);
CEN_FPGA_SLOT_TIMEOUT(disable_timeout_us);
CEN_FPGA_SLOT_TIMEOUT(complete_timeout_us);

static ssize_t cen_fpga_slot_size_show(struct config_item *item, char *page)
{
	struct cen_fpga_slot *slot = cen_fpga_slot_from(item);
	u64 size;

	mutex_lock(&slot->lock);
	size = slot->image.dmabuf ? slot->image.length : 0;
	mutex_unlock(&slot->lock);
	return sysfs_emit(page, "%llu\n", size);
}
CONFIGFS_ATTR_RO(cen_fpga_slot_, size);

static bool cen_fpga_slot_active(struct cen_fpga_slot *slot)
{
	struct cen_fpga_target *target = cen_fpga_region_target(slot->region);
	struct cen_fpga_status status;
	bool active = false;
	u32 state;

	if (target)
		active = !cen_fpga_status_get(target, &status, &state) && status.slot == slot->id;
	cen_fpga_target_put(target);
	return active;
}

/* "failed": the last switch to it did, and it is not in the FPGA. */
static ssize_t cen_fpga_slot_state_show(struct config_item *item, char *page)
{
	struct cen_fpga_slot *slot = cen_fpga_slot_from(item);
	const char *state = "ready";

	mutex_lock(&slot->lock);
	if (!slot->image.dmabuf)
		state = "empty";
	else if (cen_fpga_slot_active(slot))
		state = "active";
	else if (slot->failed)
		state = "failed";
	mutex_unlock(&slot->lock);
	return sysfs_emit(page, "%s\n", state);
}
CONFIGFS_ATTR_RO(cen_fpga_slot_, state);

static ssize_t cen_fpga_slot_switches_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%llu\n", READ_ONCE(cen_fpga_slot_from(item)->switches));
}
CONFIGFS_ATTR_RO(cen_fpga_slot_, switches);

static ssize_t cen_fpga_slot_last_switch_ns_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%llu\n", READ_ONCE(cen_fpga_slot_from(item)->duration));
}
CONFIGFS_ATTR_RO(cen_fpga_slot_, last_switch_ns);

static ssize_t cen_fpga_slot_firmware_show(struct config_item *item, char *page)
{
	struct cen_fpga_slot *slot = cen_fpga_slot_from(item);

	return cen_fpga_slot_show_name(slot, page, &slot->firmware);
}

static int cen_fpga_slot_set_firmware(struct cen_fpga_slot *slot, char *name)
{
	return capable(CAP_SYS_RAWIO) ? cen_fpga_slot_read(slot, name) : -EPERM;
}

static ssize_t cen_fpga_slot_firmware_store(struct config_item *item, const char *page,
					    size_t count)
{
	return cen_fpga_slot_store(item, page, count, cen_fpga_slot_set_firmware);
}
CONFIGFS_ATTR(cen_fpga_slot_, firmware);

/* "FD [OFFSET [LENGTH]]": an fd of the process that writes. */
static int cen_fpga_dmabuf_parse(char *text, int *fd, u64 *offset, u64 *length)
{
	u64 numbers[3] = {};
	char *word;
	u32 nr = 0;
	int ret;

	while ((word = strsep(&text, " \t"))) {
		if (!*word)
			continue;
		if (nr == ARRAY_SIZE(numbers))
			return -EINVAL;
		ret = kstrtou64(word, 0, &numbers[nr++]);
		if (ret)
			return ret;
	}
	if (!nr)
		return -EINVAL;
	if (numbers[0] > INT_MAX)
		return -EBADF;
	*fd = numbers[0];
	*offset = numbers[1];
	*length = numbers[2];
	return 0;
}

static int cen_fpga_slot_set_dmabuf(struct cen_fpga_slot *slot, char *text)
{
	struct dma_buf *dmabuf;
	u64 offset, length;
	int fd, ret;

	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	ret = cen_fpga_dmabuf_parse(text, &fd, &offset, &length);
	if (ret)
		return ret;
	dmabuf = dma_buf_get(fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	ret = cen_fpga_slot_fill(slot, dmabuf, offset, length);
	if (ret)
		dma_buf_put(dmabuf);
	return ret;
}

static ssize_t cen_fpga_slot_dmabuf_store(struct config_item *item, const char *page,
					  size_t count)
{
	return cen_fpga_slot_store(item, page, count, cen_fpga_slot_set_dmabuf);
}
CONFIGFS_ATTR_WO(cen_fpga_slot_, dmabuf);

static ssize_t cen_fpga_slot_overlay_show(struct config_item *item, char *page)
{
	struct cen_fpga_slot *slot = cen_fpga_slot_from(item);

	return cen_fpga_slot_show_name(slot, page, &slot->overlay_name);
}

/* An empty name: the image brings no devices. Counts from the next switch on. */
static int cen_fpga_slot_set_overlay(struct cen_fpga_slot *slot, char *text)
{
	struct cen_fpga_target *target;
	void *overlay = NULL;
	size_t size = 0;
	char *name;
	int ret = 0;

	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	target = cen_fpga_region_target(slot->region);
	if (!target)
		return -ENODEV;
	name = kstrdup(text, GFP_KERNEL);
	if (!name)
		ret = -ENOMEM;
	else if (*name)
		ret = cen_fpga_overlay_read(target->hw, name, &overlay, &size);
	cen_fpga_target_put(target);
	if (ret) {
		kfree(name);
		return ret;
	}
	kvfree(slot->overlay);
	kfree(slot->overlay_name);
	slot->overlay = overlay;
	slot->overlay_size = size;
	slot->overlay_name = name;
	return 0;
}

static ssize_t cen_fpga_slot_overlay_store(struct config_item *item, const char *page,
					   size_t count)
{
	return cen_fpga_slot_store(item, page, count, cen_fpga_slot_set_overlay);
}
CONFIGFS_ATTR(cen_fpga_slot_, overlay);

struct configfs_attribute *cen_fpga_slot_attrs[] = {
	&cen_fpga_slot_attr_flags,
	&cen_fpga_slot_attr_firmware,
	&cen_fpga_slot_attr_dmabuf,
	&cen_fpga_slot_attr_overlay,
	&cen_fpga_slot_attr_size,
	&cen_fpga_slot_attr_state,
	&cen_fpga_slot_attr_switches,
	&cen_fpga_slot_attr_last_switch_ns,
	&cen_fpga_slot_attr_enable_timeout_us,
	&cen_fpga_slot_attr_disable_timeout_us,
	&cen_fpga_slot_attr_complete_timeout_us,
	NULL
};
