/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The edu device as a program sees it. Functions return 0 or -errno.
 */
#ifndef DEMO_EDU_H
#define DEMO_EDU_H

#include <stdint.h>

#include "../edu/cen_edu.h"

struct edu {
	int fd;
	char pci[32];		/* "0000:00:02.0" */
	char node[32];		/* "/dev/cen_edu0" */
};

/* What it has imported. */
struct edu_buffer {
	uint32_t handle;
	uint32_t segments;
	uint32_t address_bits;
};

/* Finds the device by its PCI id; -ENODEV: none, -ENXIO: no driver bound. */
int edu_open(struct edu *edu);
void edu_close(struct edu *edu);

int edu_attach(struct edu *edu, int dmabuf, struct edu_buffer *buf);
int edu_detach(struct edu *edu, const struct edu_buffer *buf);

/* edu reads @length bytes at @offset of the buffer into its own memory ... */
int edu_read(struct edu *edu, const struct edu_buffer *buf, uint64_t offset, uint32_t length);
/* ... and writes them from there to @offset. */
int edu_write(struct edu *edu, const struct edu_buffer *buf, uint64_t offset, uint32_t length);

#endif
