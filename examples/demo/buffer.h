/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the job's buffers come from: cenalloc, and what a stock kernel offers.
 * Functions return 0 or -errno.
 */
#ifndef DEMO_BUFFER_H
#define DEMO_BUFFER_H

#include <stddef.h>
#include <stdint.h>

struct cen_buffer;
struct cen_ctx;
struct cen_device_set;

struct buffer {
	int fd;
	uint8_t *data;
	size_t size;
	char heap[32];
	unsigned int address_bits;	/* 0: cannot be known */
	struct cen_buffer *cen;		/* when it is one of libcen's */
};

/* A way to make buffers. */
struct source {
	const char *name;
	int (*make)(const struct source *source, struct buffer *buf, size_t size);
	struct cen_ctx *ctx;		/* cenalloc's: who allocates, and for whom */
	struct cen_device_set *devices;
};

int source_cenalloc(const struct source *source, struct buffer *buf, size_t size);
int source_dma_heap(const struct source *source, struct buffer *buf, size_t size);
int source_udmabuf(const struct source *source, struct buffer *buf, size_t size);

/* Makes and maps a buffer; @buf may be given to buffer_free() in any case. */
int buffer_new(struct buffer *buf, const struct source *source, size_t size);
void buffer_free(struct buffer *buf);

/* How often cenalloc moved it since it was made. */
uint64_t buffer_moves(struct buffer *buf);

/* Around every look of the CPU at the bytes, as every dma-buf asks for. */
int buffer_cpu_begin(struct buffer *buf);
int buffer_cpu_end(struct buffer *buf);

#endif
