/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The argument of an ioctl whose structure may grow: what all our nodes do with it.
 */
#ifndef _CEN_IOCTL_ARG_H
#define _CEN_IOCTL_ARG_H

#include <linux/ioctl.h>
#include <linux/string.h>
#include <linux/uaccess.h>

/**
 * cen_ioctl_arg - fetch an ioctl's argument
 * @arg: room for it, all of which is written
 * @room: bytes at @arg, at least as many as any argument has
 * @known: the ioctl as this kernel knows it
 * @cmd: as it was called, with the size the caller was compiled with
 * @user: where the argument is
 *
 * What is here now is the first version of every structure: shorter than that nobody was
 * ever compiled. When one grows, its old size goes beside it.
 *
 * Return: 0; -EINVAL: shorter than the first version, or longer than ours and what we do
 * not know is not zero; -EFAULT.
 */
static inline int cen_ioctl_arg(void *arg, size_t room, unsigned int known, unsigned int cmd,
				const void __user *user)
{
	int ret;

	if (_IOC_SIZE(cmd) < _IOC_SIZE(known))
		return -EINVAL;
	memset(arg, 0, room);
	ret = copy_struct_from_user(arg, _IOC_SIZE(known), user, _IOC_SIZE(cmd));
	return ret == -E2BIG ? -EINVAL : ret;
}

#endif /* _CEN_IOCTL_ARG_H */
