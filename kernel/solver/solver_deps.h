/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* All that the solver needs from outside: integer types, errno, memcpy and memset. */
#ifndef _CEN_SOLVER_DEPS_H
#define _CEN_SOLVER_DEPS_H

#ifdef __KERNEL__

#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/types.h>
#include <uapi/linux/cenalloc.h>

#else

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <linux/cenalloc.h>

typedef __u64 u64;
typedef __u32 u32;

#ifndef U64_MAX
#define U64_MAX	(~(u64)0)
#endif
#ifndef U32_MAX
#define U32_MAX	(~(u32)0)
#endif

#endif

#endif /* _CEN_SOLVER_DEPS_H */
