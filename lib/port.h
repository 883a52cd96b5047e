/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What the files of libcen about ports share. */
#ifndef _CEN_PORT_INTERNAL_H
#define _CEN_PORT_INTERNAL_H

#include <cen-port.h>

#include "internal.h"

#define CEN_PORT_CLASS	"/sys/class/cen_port"

/**
 * struct cen_port - an open port
 * @fd: /dev/cen/NAME
 * @info: as it was when opened
 */
struct cen_port {
	int fd;
	struct cen_port_info info;
};

/* poll() for one event. 0, -ETIMEDOUT or -errno. */
int cen_port_poll(int fd, int timeout);

#endif /* _CEN_PORT_INTERNAL_H */
