/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the benchmarks get their buffers: three sources of dma-bufs, one call each.
 */
#ifndef CEN_BENCH_SOURCES_H
#define CEN_BENCH_SOURCES_H

#include <stddef.h>

enum source { OURS, DMA_HEAP, UDMABUF, SOURCES };

/* Ours in one ioctl (CEN_CREATE_COMMIT) or in two, as with devices to declare. */
extern int ours_in_two;

extern const char *const source_name[SOURCES];

/* Open the nodes. Exits with a message when ours is missing; the others may be. */
void sources_open(void);
int source_present(enum source source);

/* A backed dma-buf of @size bytes: its fd, or exits. close() frees it. */
int source_alloc(enum source source, size_t size);

/* The node of cenalloc, for ioctls on a buffer. */
int cenalloc_node(void);

#endif
