/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel differences of device-tree overlays, see compat.h.
 */
#ifndef _CEN_COMPAT_OF_H
#define _CEN_COMPAT_OF_H

#include "compat_config.h"

#include <linux/of.h>

/* Where an overlay without a target goes was added in 6.3: nowhere, for us. */
static inline int cen_compat_overlay_apply(const void *fdt, u32 size, int *id)
{
#ifdef CEN_HAVE_OVERLAY_BASE
	return of_overlay_fdt_apply(fdt, size, id, NULL);
#else
	/* it copied what it was given then, too, but did not say so */
	return of_overlay_fdt_apply((void *)fdt, size, id);
#endif
}

#endif /* _CEN_COMPAT_OF_H */
