// SPDX-License-Identifier: GPL-2.0
/*
 * CEN_IOC_EXPLAIN: what would happen, and why. Changes nothing.
 */
#include <linux/dma-buf.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "ioctl.h"

static int cen_explain_copy(struct cen_explain *arg, const struct cen_reason *reasons,
			    u32 nr_reasons, const void *names, u32 nr_names)
{
	if (copy_to_user(u64_to_user_ptr(arg->reasons), reasons,
			 min(nr_reasons, arg->reasons_count) * sizeof(*reasons)))
		return -EFAULT;
	if (copy_to_user(u64_to_user_ptr(arg->names), names,
			 (size_t)min(nr_names, arg->names_count) * CEN_NAME_LEN))
		return -EFAULT;
	arg->reasons_count = nr_reasons;
	arg->names_count = nr_names;
	return 0;
}

/* The buffer's last refusal, word for word. */
static int cen_explain_last(struct cen_explain *arg, struct cen_buffer *buffer)
{
	struct cen_refusal *copy;
	int ret;

	copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	ret = dma_resv_lock_interruptible(&buffer->resv, NULL);
	if (ret)
		goto out;
	if (buffer->last)
		*copy = *buffer->last;
	else
		ret = -ENODATA;
	dma_resv_unlock(&buffer->resv);
	if (ret)
		goto out;

	arg->error = copy->error;
	ret = cen_explain_copy(arg, copy->reasons, copy->nr_reasons, copy->names,
			       copy->nr_names);
out:
	kfree(copy);
	return ret;
}

static int cen_explain_now(struct cen_explain *arg, struct cen_buffer *buffer)
{
	struct cen_create_args args = { .size = arg->size, .align = arg->align };
	char (*names)[CEN_NAME_LEN] = NULL;
	const struct cen_reason *reasons;
	struct cen_use **uses;
	struct cen_work *work;
	u32 nr_reasons, nr_names;
	bool move;
	int ret;

	uses = cen_ioctl_get_uses(arg->devices, arg->count, NULL);
	if (IS_ERR(uses))
		return PTR_ERR(uses);
	ret = -ENOMEM;
	work = cen_work_new();
	if (!work)
		goto out_uses;
	names = kvcalloc(CEN_MAX_DEVICES, CEN_NAME_LEN, GFP_KERNEL);
	if (!names)
		goto out_work;

	if (buffer) {
		ret = dma_resv_lock_interruptible(&buffer->resv, NULL);
		if (ret)
			goto out_names;
		arg->error = cen_buffer_check_locked(buffer, uses, arg->count, work, &move);
		nr_names = cen_work_names(work, names, CEN_MAX_DEVICES);
		dma_resv_unlock(&buffer->resv);
	} else {
		arg->error = cen_plan_uses(&args, uses, arg->count, work);
		nr_names = cen_work_names(work, names, CEN_MAX_DEVICES);
	}
	if (!arg->error)
		arg->plan = *cen_work_plan(work);
	reasons = cen_work_reasons(work, &nr_reasons);
	ret = cen_explain_copy(arg, reasons, arg->error ? nr_reasons : 0, names, nr_names);
out_names:
	kvfree(names);
out_work:
	cen_work_free(work);
out_uses:
	cen_ioctl_put_uses(uses, arg->count);
	return ret;
}

int cen_ioctl_explain(struct cen_ioctl_ctx *ctx, void *data)
{
	struct cen_explain *arg = data;
	struct cen_buffer *buffer = NULL;
	int ret;

	if (arg->flags & ~CEN_EXPLAIN_FLAGS || arg->count > CEN_MAX_DEVICES)
		return -EINVAL;
	if (!arg->devices != !arg->count)
		return -EINVAL;
	if (!arg->reasons)
		arg->reasons_count = 0;
	if (!arg->names)
		arg->names_count = 0;
	memset(&arg->plan, 0, sizeof(arg->plan));
	arg->error = 0;

	if (arg->fd >= 0) {
		if (arg->size || arg->align)
			return -EINVAL;
		buffer = cen_ioctl_get_buffer(ctx, arg->fd);
		if (IS_ERR(buffer))
			return PTR_ERR(buffer);
	} else {
		if (arg->fd != -1 || arg->flags || !arg->size ||
		    arg->size > S64_MAX - PAGE_SIZE || (arg->align & (arg->align - 1)))
			return -EINVAL;
	}

	if (arg->flags & CEN_EXPLAIN_LAST)
		ret = arg->count ? -EINVAL : cen_explain_last(arg, buffer);
	else
		ret = cen_explain_now(arg, buffer);
	return ret;
}
