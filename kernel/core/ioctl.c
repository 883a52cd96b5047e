// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/cenalloc: one table, one small function per ioctl. A handler sees a
 * zero-extended copy of the argument in kernel memory and fills in the reply.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/dma-buf.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "../ioctl_arg.h"
#include "ioctl.h"

struct cen_buffer *cen_ioctl_get_buffer(struct cen_ioctl_ctx *ctx, int fd)
{
	struct cen_buffer *buffer;
	struct dma_buf *dmabuf;

	if (fd < 0)
		return ERR_PTR(-EBADF);
	dmabuf = dma_buf_get(fd);
	if (IS_ERR(dmabuf))
		return ERR_CAST(dmabuf);
	buffer = cen_buffer_from_dmabuf(dmabuf);
	if (IS_ERR(buffer))
		dma_buf_put(dmabuf);
	else
		ctx->dmabuf = dmabuf;
	return buffer;
}

void cen_ioctl_put_uses(struct cen_use **uses, u32 count)
{
	while (count--)
		if (!IS_ERR_OR_NULL(uses[count]))
			cen_use_free(uses[count]);
	kfree(uses);
}

struct cen_use **cen_ioctl_get_uses(u64 uptr, u32 count, u32 *failed)
{
	const struct cen_device __user *user = u64_to_user_ptr(uptr);
	struct cen_device *device;
	struct cen_use **uses;
	int ret;
	u32 i, j;

	uses = kcalloc(count ?: 1, sizeof(*uses), GFP_KERNEL_ACCOUNT);
	device = kmalloc(sizeof(*device), GFP_KERNEL);
	if (!uses || !device) {
		ret = -ENOMEM;
		goto err;
	}

	for (i = 0; i < count; i++) {
		if (failed)
			*failed = i;
		if (copy_from_user(device, &user[i], sizeof(*device))) {
			ret = -EFAULT;
			goto err;
		}
		uses[i] = cen_use_new_device(device);
		if (IS_ERR(uses[i])) {
			ret = PTR_ERR(uses[i]);
			goto err;
		}
		/* twice the same device in one call: which limits count? */
		for (j = 0; j < i; j++) {
			if (!strcmp(uses[j]->name, uses[i]->name)) {
				ret = -EINVAL;
				goto err;
			}
		}
	}
	if (failed)
		*failed = CEN_NO_INDEX;
	kfree(device);
	return uses;

err:
	kfree(device);
	if (uses)
		cen_ioctl_put_uses(uses, count);
	return ERR_PTR(ret);
}

static int cen_ioctl_create(struct cen_ioctl_ctx *ctx, void *data)
{
	struct cen_create *arg = data;
	struct cen_create_args args = {
		.size = arg->size,
		.align = arg->align,
		.flags = arg->flags,
		.heap_mask = arg->heap_mask,
		.file_flags = O_RDWR,
	};
	struct dma_buf *dmabuf;
	int fd;

	if (arg->pad)
		return -EINVAL;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	dmabuf = cen_buffer_export(&args);
	if (IS_ERR(dmabuf)) {
		put_unused_fd(fd);
		return PTR_ERR(dmabuf);
	}
	arg->size = dmabuf->size;
	arg->fd = fd;
	ctx->install = dmabuf;
	ctx->install_fd = fd;
	return 0;
}

static int cen_ioctl_declare(struct cen_ioctl_ctx *ctx, void *data)
{
	struct cen_declare *arg = data;
	struct cen_buffer *buffer;
	struct cen_use **uses;
	int ret;
	u32 i;

	arg->failed = CEN_NO_INDEX;
	if (arg->flags || !arg->count || arg->count > CEN_MAX_DEVICES)
		return -EINVAL;
	buffer = cen_ioctl_get_buffer(ctx, arg->fd);
	if (IS_ERR(buffer))
		return PTR_ERR(buffer);
	uses = cen_ioctl_get_uses(arg->devices, arg->count, &arg->failed);
	if (IS_ERR(uses))
		return PTR_ERR(uses);
	for (i = 0; i < arg->count; i++)
		uses[i]->flags = CEN_USE_DECLARED;

	ret = dma_resv_lock_interruptible(&buffer->resv, NULL);
	if (!ret) {
		ret = cen_buffer_admit_locked(buffer, uses, arg->count);
		dma_resv_unlock(&buffer->resv);
	}
	if (ret)
		cen_ioctl_put_uses(uses, arg->count);
	else
		kfree(uses);
	return ret;
}

static int cen_ioctl_commit(struct cen_ioctl_ctx *ctx, void *data)
{
	struct cen_commit *arg = data;
	struct cen_buffer *buffer;
	int ret;

	if (arg->flags)
		return -EINVAL;
	buffer = cen_ioctl_get_buffer(ctx, arg->fd);
	if (IS_ERR(buffer))
		return PTR_ERR(buffer);
	ret = dma_resv_lock_interruptible(&buffer->resv, NULL);
	if (ret)
		return ret;
	ret = cen_buffer_back_locked(buffer);
	if (!ret)
		arg->plan = buffer->plan;
	dma_resv_unlock(&buffer->resv);
	return ret;
}

/* Copy out the devices that fit the caller's room. */
static int cen_info_fill(struct cen_info *arg, struct cen_buffer *buffer)
{
	u32 room = arg->devices ? min_t(u32, arg->devices_count, CEN_MAX_DEVICES) : 0;
	struct cen_buffer_device *devices = NULL;
	int ret;

	if (room) {
		devices = kvcalloc(room, sizeof(*devices), GFP_KERNEL);
		if (!devices)
			return -ENOMEM;
	}
	ret = cen_buffer_info(buffer, arg, devices, room);
	if (!ret && copy_to_user(u64_to_user_ptr(arg->devices), devices,
				 min(room, arg->devices_count) * sizeof(*devices)))
		ret = -EFAULT;
	kvfree(devices);
	return ret;
}

static int cen_info_next(struct cen_info *arg)
{
	bool all = capable(CAP_SYS_ADMIN);
	struct cen_buffer *buffer;
	u64 id = arg->id;
	int ret;

	while ((buffer = cen_buffer_next(id))) {
		if (all || uid_eq(cen_user_uid(buffer->user), current_uid()))
			break;
		id = buffer->id;
		cen_buffer_put(buffer);
	}
	if (!buffer)
		return -ENOENT;
	ret = cen_info_fill(arg, buffer);
	cen_buffer_put(buffer);
	return ret;
}

static int cen_ioctl_info(struct cen_ioctl_ctx *ctx, void *data)
{
	struct cen_info *arg = data;
	struct cen_buffer *buffer;

	if (arg->flags & ~CEN_INFO_FLAGS || arg->pad)
		return -EINVAL;
	if (arg->flags & CEN_INFO_NEXT)
		return arg->fd == -1 ? cen_info_next(arg) : -EINVAL;
	if (arg->id)
		return -EINVAL;
	buffer = cen_ioctl_get_buffer(ctx, arg->fd);
	if (IS_ERR(buffer))
		return PTR_ERR(buffer);
	return cen_info_fill(arg, buffer);
}

static int cen_ioctl_sync(struct cen_ioctl_ctx *ctx, void *data)
{
	const struct cen_sync *arg = data;
	bool write = arg->flags & CEN_SYNC_WRITE;
	enum dma_data_direction dir;
	struct cen_buffer *buffer;
	u64 end;
	long left;

	if (arg->flags & ~CEN_SYNC_FLAGS)
		return -EINVAL;
	switch (arg->flags & (CEN_SYNC_READ | CEN_SYNC_WRITE)) {
	case CEN_SYNC_READ:
		dir = DMA_FROM_DEVICE;
		break;
	case CEN_SYNC_WRITE:
		dir = DMA_TO_DEVICE;
		break;
	case CEN_SYNC_READ | CEN_SYNC_WRITE:
		dir = DMA_BIDIRECTIONAL;
		break;
	default:
		return -EINVAL;
	}
	buffer = cen_ioctl_get_buffer(ctx, arg->fd);
	if (IS_ERR(buffer))
		return PTR_ERR(buffer);
	if (!arg->length || check_add_overflow(arg->offset, arg->length, &end) ||
	    end > buffer->size)
		return -EINVAL;

	if (arg->flags & CEN_SYNC_END)
		return cen_buffer_end_cpu(buffer, dir, arg->offset, arg->length);

	left = dma_resv_wait_timeout(&buffer->resv, dma_resv_usage_rw(write), true,
				     MAX_SCHEDULE_TIMEOUT);
	if (left < 0)
		return left;
	return cen_buffer_begin_cpu(buffer, dir, arg->offset, arg->length);
}

static int cen_ioctl_device_info(struct cen_ioctl_ctx *ctx, void *data)
{
	struct cen_device_info *arg = data;

	if (arg->flags || arg->pad || !arg->name[0] ||
	    strnlen(arg->name, sizeof(arg->name)) == sizeof(arg->name))
		return -EINVAL;
	return cen_device_get_info(arg);
}

static int cen_ioctl_heap_info(struct cen_ioctl_ctx *ctx, void *data)
{
	struct cen_heap_info *arg = data;

	if (arg->flags)
		return -EINVAL;
	return cen_heap_get_info(arg);
}

struct cen_ioctl {
	unsigned int cmd;
	int (*handler)(struct cen_ioctl_ctx *ctx, void *data);
	bool out_on_error;	/* the reply says what was at fault */
};

static const struct cen_ioctl cen_ioctls[] = {
	[_IOC_NR(CEN_IOC_CREATE)] = { CEN_IOC_CREATE, cen_ioctl_create },
	[_IOC_NR(CEN_IOC_DECLARE)] = { CEN_IOC_DECLARE, cen_ioctl_declare, true },
	[_IOC_NR(CEN_IOC_COMMIT)] = { CEN_IOC_COMMIT, cen_ioctl_commit },
	[_IOC_NR(CEN_IOC_EXPLAIN)] = { CEN_IOC_EXPLAIN, cen_ioctl_explain },
	[_IOC_NR(CEN_IOC_INFO)] = { CEN_IOC_INFO, cen_ioctl_info },
	[_IOC_NR(CEN_IOC_SYNC)] = { CEN_IOC_SYNC, cen_ioctl_sync },
	[_IOC_NR(CEN_IOC_DEVICE_INFO)] = { CEN_IOC_DEVICE_INFO, cen_ioctl_device_info },
	[_IOC_NR(CEN_IOC_HEAP_INFO)] = { CEN_IOC_HEAP_INFO, cen_ioctl_heap_info },
};

/* Large enough for every argument above; checked below. */
union cen_ioctl_args {
	struct cen_create create;
	struct cen_declare declare;
	struct cen_commit commit;
	struct cen_explain explain;
	struct cen_info info;
	struct cen_sync sync;
	struct cen_device_info device_info;
	struct cen_heap_info heap_info;
};

static long cen_ioctl(struct file *file, unsigned int cmd, unsigned long uptr)
{
	void __user *user = (void __user *)uptr;
	struct cen_ioctl_ctx ctx = {};
	const struct cen_ioctl *ioctl;
	union cen_ioctl_args arg;
	int ret;

	if (_IOC_TYPE(cmd) != CEN_IOC_MAGIC || _IOC_NR(cmd) >= ARRAY_SIZE(cen_ioctls))
		return -ENOTTY;
	ioctl = &cen_ioctls[_IOC_NR(cmd)];
	if (_IOC_DIR(cmd) != _IOC_DIR(ioctl->cmd))
		return -ENOTTY;

	ret = cen_ioctl_arg(&arg, sizeof(arg), ioctl->cmd, cmd, user);
	if (ret)
		return ret;

	ret = ioctl->handler(&ctx, &arg);
	if ((!ret || ioctl->out_on_error) && _IOC_DIR(cmd) & _IOC_READ &&
	    copy_to_user(user, &arg, _IOC_SIZE(ioctl->cmd)))
		ret = -EFAULT;

	if (ctx.install) {
		if (ret) {
			put_unused_fd(ctx.install_fd);
			dma_buf_put(ctx.install);
		} else {
			fd_install(ctx.install_fd, ctx.install->file);
		}
	}
	if (ctx.dmabuf)
		dma_buf_put(ctx.dmabuf);
	return ret;
}

/* Who has the device open is about to pay for buffers: keep the account. */
static int cen_open(struct inode *inode, struct file *file)
{
	struct cen_user *user = cen_user_get(current_uid());

	if (IS_ERR(user))
		return PTR_ERR(user);
	file->private_data = user;
	return nonseekable_open(inode, file);
}

static int cen_release(struct inode *inode, struct file *file)
{
	cen_user_put(file->private_data);
	return 0;
}

static const struct file_operations cen_fops = {
	.owner = THIS_MODULE,
	.open = cen_open,
	.release = cen_release,
	.unlocked_ioctl = cen_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice cen_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "cenalloc",
	.fops = &cen_fops,
	.mode = 0660,
};

int cen_ioctl_init(void)
{
	return misc_register(&cen_misc);
}

void cen_ioctl_exit(void)
{
	misc_deregister(&cen_misc);
}
