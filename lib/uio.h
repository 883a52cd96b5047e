/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What the files of libcen about user-space drivers share. */
#ifndef _CEN_UIO_INTERNAL_H
#define _CEN_UIO_INTERNAL_H

#include <cen-uio.h>

#include "internal.h"

#define CEN_UIO_SYS		"/sys"
#define CEN_UIO_CONFIGFS	"/sys/kernel/config/cen_uio"

/**
 * struct cen_uio - an open device
 * @node: /dev/cen_uio/N
 * @fd: /dev/uioN
 * @events: interrupts that were counted so far
 * @counted: @events is known
 * @maps: of the windows, by index; NULL: not asked for yet
 */
struct cen_uio {
	int node;
	int fd;
	uint32_t events;
	bool counted;
	struct cen_uio_info info;
	struct cen_uio_reason reason;
	struct cen_uio_window windows[CEN_UIO_MAX_WINDOWS];
	struct cen_uio_reg regs[CEN_UIO_MAX_REGS];
	void *maps[CEN_UIO_MAX_WINDOWS];
};

/* Number of /dev/uioN for "bus:name" or "/dev/uioN". -errno. */
int cen_uio_number(const char *device);

/* uio_text.c: a refusal as text for cen_error(). Returns @error. */
int cen_uio_say(struct cen_uio *dev, int error, const char *what,
		const struct cen_uio_reason *reason);

#endif /* _CEN_UIO_INTERNAL_H */
