/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * All that the solver needs from outside: integer types, errno, memcpy, memmove and
 * memset, the position of the highest bit, and a 64-bit division that a 32-bit kernel
 * can link.
 */
#ifndef _CEN_SOLVER_DEPS_H
#define _CEN_SOLVER_DEPS_H

#ifdef __KERNEL__

#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/string.h>
#include <linux/types.h>
#include <uapi/linux/cenalloc.h>

#define cen_div(a, b)	div64_u64(a, b)
#define cen_fls(x)	((u32)fls64(x))

#else

#include <errno.h>
#include <stdbool.h>
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

#define cen_div(a, b)	((u64)(a) / (u64)(b))

/* Position of the highest set bit, counted from 1; 0 for 0. */
static inline u32 cen_fls(u64 x)
{
	return x ? 64 - (u32)__builtin_clzll(x) : 0;
}

#endif

#endif /* _CEN_SOLVER_DEPS_H */
