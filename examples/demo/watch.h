/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel does and says behind a program's back: copies through bounce
 * buffers, and lines in its log.
 */
#ifndef DEMO_WATCH_H
#define DEMO_WATCH_H

#include <stddef.h>
#include <stdint.h>

#define WATCH_LINES 4

struct watch {
	int kmsg;
	int trace;			/* events "swiotlb_bounced", or -1 */
	uint64_t bounces;		/* DMA mappings sent through a bounce buffer ... */
	uint64_t bounce_bytes;		/* ... and how much they hold */
	unsigned int address_bits;	/* of the memory such mappings were asked for */
	size_t lines;
	char line[WATCH_LINES][160];	/* the log, same lines told once */
};

/* From here on. Returns 0, or -errno when the log cannot be read. */
int watch_begin(struct watch *watch);
/* Reads what has come since watch_begin() or the last watch_read(). */
void watch_read(struct watch *watch);
void watch_end(struct watch *watch);

#endif
