// SPDX-License-Identifier: GPL-2.0
/*
 * configfs: cen_fpga/<region>/<image>/, the files of a slot.
 */
#include <linux/capability.h>
#include <linux/ctype.h>
#include <linux/dma-buf.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fpga.h"

static const struct {
	u32 flag;
	const char *name;
} cen_fpga_flags[] = {
	{ CEN_FPGA_PARTIAL, "partial" },
	{ CEN_FPGA_ENCRYPTED, "encrypted" },
	{ CEN_FPGA_COMPRESSED, "compressed" },
	{ CEN_FPGA_LSB_FIRST, "lsb-first" },
};

/* A line of @page, without blanks around it, or ERR_PTR. For kfree(). */
static char *cen_fpga_line(const char *page, size_t count)
{
	char *text = kstrndup(page, count, GFP_KERNEL);
	char *trimmed;

	if (!text)
		return ERR_PTR(-ENOMEM);
	trimmed = strim(text);
	memmove(text, trimmed, strlen(trimmed) + 1);
	return text;
}

static ssize_t cen_fpga_slot_flags_show(struct config_item *item, char *page)
{
	struct cen_fpga_slot *slot = cen_fpga_slot_from(item);
	ssize_t length = 0;
	u32 flags, i;

	mutex_lock(&slot->lock);
	flags = slot->how.flags;
	mutex_unlock(&slot->lock);
	for (i = 0; i < ARRAY_SIZE(cen_fpga_flags); i++)
		if (flags & cen_fpga_flags[i].flag)
			length += sysfs_emit_at(page, length, "%s%s", length ? " " : "",
						cen_fpga_flags[i].name);
	return length + sysfs_emit_at(page, length, "\n");
}

static int cen_fpga_flag_parse(const char *word, u32 *flags)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cen_fpga_flags); i++) {
		if (!strcmp(word, cen_fpga_flags[i].name)) {
			*flags |= cen_fpga_flags[i].flag;
			return 0;
		}
	}
	return -EINVAL;
}

/* Words, in any order; what is not named is off. */
static ssize_t cen_fpga_slot_flags_store(struct config_item *item, const char *page,
					 size_t count)
{
	struct cen_fpga_slot *slot = cen_fpga_slot_from(item);
	char *text = cen_fpga_line(page, count), *rest = text, *word;
	u32 flags = 0;
	int ret = 0;

	if (IS_ERR(text))
		return PTR_ERR(text);
	while (!ret && (word = strsep(&rest, " \t\n")))
		if (*word)
			ret = cen_fpga_flag_parse(word, &flags);
	kfree(text);
	if (ret)
		return ret;
	mutex_lock(&slot->lock);
	slot->how.flags = flags;
	mutex_unlock(&slot->lock);
	return count;
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
	ssize_t length;

	mutex_lock(&slot->lock);
	length = sysfs_emit(page, "%s\n", slot->firmware ?: "");
	mutex_unlock(&slot->lock);
	return length;
}

static ssize_t cen_fpga_slot_firmware_store(struct config_item *item, const char *page,
					    size_t count)
{
	struct cen_fpga_slot *slot = cen_fpga_slot_from(item);
	char *name;
	int ret;

	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	name = cen_fpga_line(page, count);
	if (IS_ERR(name))
		return PTR_ERR(name);
	ret = mutex_lock_interruptible(&slot->lock);
	if (!ret) {
		ret = cen_fpga_slot_read(slot, name);
		mutex_unlock(&slot->lock);
	}
	kfree(name);
	return ret ?: count;
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

static ssize_t cen_fpga_slot_dmabuf_store(struct config_item *item, const char *page,
					  size_t count)
{
	struct cen_fpga_slot *slot = cen_fpga_slot_from(item);
	struct dma_buf *dmabuf;
	u64 offset, length;
	char *text;
	int fd, ret;

	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	text = cen_fpga_line(page, count);
	if (IS_ERR(text))
		return PTR_ERR(text);
	ret = cen_fpga_dmabuf_parse(text, &fd, &offset, &length);
	kfree(text);
	if (ret)
		return ret;
	dmabuf = dma_buf_get(fd);
	if (IS_ERR(dmabuf))
		return PTR_ERR(dmabuf);
	ret = mutex_lock_interruptible(&slot->lock);
	if (!ret) {
		ret = cen_fpga_slot_fill(slot, dmabuf, offset, length);
		mutex_unlock(&slot->lock);
	}
	if (ret)
		dma_buf_put(dmabuf);
	return ret ?: count;
}
CONFIGFS_ATTR_WO(cen_fpga_slot_, dmabuf);

static ssize_t cen_fpga_slot_overlay_show(struct config_item *item, char *page)
{
	struct cen_fpga_slot *slot = cen_fpga_slot_from(item);
	ssize_t length;

	mutex_lock(&slot->lock);
	length = sysfs_emit(page, "%s\n", slot->overlay_name ?: "");
	mutex_unlock(&slot->lock);
	return length;
}

/* An empty name: the image brings no devices. Counts from the next switch on. */
static int cen_fpga_slot_set_overlay(struct cen_fpga_slot *slot, char *name)
{
	struct cen_fpga_target *target = cen_fpga_region_target(slot->region);
	void *overlay = NULL;
	size_t size = 0;
	int ret = 0;

	lockdep_assert_held(&slot->lock);
	if (!target)
		return -ENODEV;
	if (*name)
		ret = cen_fpga_overlay_read(target->hw, name, &overlay, &size);
	cen_fpga_target_put(target);
	if (ret)
		return ret;
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
	struct cen_fpga_slot *slot = cen_fpga_slot_from(item);
	char *name;
	int ret;

	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	name = cen_fpga_line(page, count);
	if (IS_ERR(name))
		return PTR_ERR(name);
	mutex_lock(&slot->lock);
	ret = cen_fpga_slot_set_overlay(slot, name);
	mutex_unlock(&slot->lock);
	if (ret)
		kfree(name);
	return ret ?: count;
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
