// SPDX-License-Identifier: GPL-2.0
/*
 * The devices of a buffer, declared or attached.
 */
#include <linux/device.h>
#include <linux/slab.h>

#include "buffer.h"
#include "trace.h"

/* A device about to use a buffer; takes a reference on @dev. May sleep. */
struct cen_use *cen_use_new(struct device *dev, const struct cen_limits *extra)
{
	struct cen_use *use;
	int ret;

	use = kzalloc(sizeof(*use), GFP_KERNEL_ACCOUNT);
	if (!use)
		return ERR_PTR(-ENOMEM);
	ret = cen_device_facts(dev, extra, &use->facts);
	if (ret) {
		kfree(use);
		return ERR_PTR(ret);
	}
	use->dev = get_device(dev);
	cen_device_name(dev, use->name);
	return use;
}

/*
 * The same from a struct cen_device that user space wrote. -EINVAL: malformed;
 * -ENOENT: there is no such device.
 */
struct cen_use *cen_use_new_device(const struct cen_device *device)
{
	static const struct cen_limits none;
	struct cen_use *use;
	struct device *dev;
	int ret;

	if (device->pad || device->flags & ~CEN_DEVICE_FLAGS)
		return ERR_PTR(-EINVAL);
	if (!device->name[0] || strnlen(device->name, CEN_NAME_LEN) == CEN_NAME_LEN)
		return ERR_PTR(-EINVAL);
	if (device->flags) {
		ret = cen_limits_check(&device->limits);
		if (ret)
			return ERR_PTR(ret);
	} else if (memcmp(&device->limits, &none, sizeof(none))) {
		return ERR_PTR(-EINVAL);
	}

	if (device->flags & CEN_DEVICE_ANONYMOUS) {
		use = kzalloc(sizeof(*use), GFP_KERNEL_ACCOUNT);
		if (!use)
			return ERR_PTR(-ENOMEM);
		ret = cen_device_facts_anonymous(&device->limits, &use->facts);
		if (ret) {
			kfree(use);
			return ERR_PTR(ret);
		}
		strscpy(use->name, device->name, sizeof(use->name));
		return use;
	}

	dev = cen_device_find(device->name);
	if (IS_ERR(dev))
		return ERR_CAST(dev);
	/* Its driver owns much of what is looked at, and frees it when it unbinds. */
	ret = device_lock_interruptible(dev);
	if (ret) {
		use = ERR_PTR(ret);
		goto put_device;
	}
	use = cen_use_new(dev, device->flags & CEN_DEVICE_LIMITS ? &device->limits : NULL);
	device_unlock(dev);
put_device:
	put_device(dev);
	return use;
}

void cen_use_free(struct cen_use *use)
{
	put_device(use->dev);
	kfree(use);
}

/*
 * Are two uses the same device? Names are unique on a bus and survive that the device is
 * unplugged and comes back; on no bus we know ("?:name") they are not unique.
 */
bool cen_use_same(const struct cen_use *a, const struct cen_use *b)
{
	return !strcmp(a->name, b->name) && (a->name[0] != '?' || a->dev == b->dev);
}

struct cen_use *cen_use_find_locked(struct cen_buffer *buffer, const struct cen_use *like)
{
	struct cen_use *use;

	dma_resv_assert_held(&buffer->resv);
	list_for_each_entry(use, &buffer->uses, node)
		if (cen_use_same(use, like))
			return use;
	return NULL;
}

struct cen_use *cen_use_find_dev_locked(struct cen_buffer *buffer, struct device *dev)
{
	struct cen_use *use;

	dma_resv_assert_held(&buffer->resv);
	list_for_each_entry(use, &buffer->uses, node)
		if (use->dev == dev)
			return use;
	return NULL;
}

int cen_buffer_admit_locked(struct cen_buffer *buffer, struct cen_use **fresh, u32 nr)
{
	struct cen_work *work;
	bool move = false;
	int ret;
	u32 i;

	dma_resv_assert_held(&buffer->resv);

	work = cen_work_new();
	if (!work)
		return -ENOMEM;
	ret = cen_buffer_check_locked(buffer, fresh, nr, work, &move);
	if (!ret && move)
		ret = cen_buffer_move_locked(buffer, work);
	else if (ret)
		cen_buffer_refuse_locked(buffer, ret, work);
	cen_work_free(work);
	if (ret)
		return ret;

	/* The point of no return: nothing below can fail. */
	for (i = 0; i < nr; i++) {
		struct cen_use *old = cen_use_find_locked(buffer, fresh[i]);

		/* the memory may stay as it was planned, what is done to the caches does not */
		if (cen_buffer_backed(buffer) &&
		    fresh[i]->facts.constraints.flags & CEN_LIMIT_NONCOHERENT)
			buffer->plan.flags |= CEN_PLAN_SYNC;
		if (old) {
			/* keep its attachments, which point to it */
			old->facts = fresh[i]->facts;
			old->flags |= fresh[i]->flags;
			swap(old->dev, fresh[i]->dev);
			cen_use_recut_locked(buffer, old);
			cen_use_free(fresh[i]);
			fresh[i] = old;
		} else {
			list_add_tail(&fresh[i]->node, &buffer->uses);
			buffer->nr_uses++;
		}
	}
	return 0;
}

/* An attachment of @use is gone; so is @use, unless it was declared. */
void cen_use_drop_locked(struct cen_buffer *buffer, struct cen_use *use)
{
	dma_resv_assert_held(&buffer->resv);
	if (--use->attachments)
		return;
	use->flags &= ~CEN_USE_ATTACHED;
	if (use->flags & CEN_USE_DECLARED)
		return;
	list_del(&use->node);
	buffer->nr_uses--;
	cen_use_free(use);
}
