// SPDX-License-Identifier: GPL-2.0
/*
 * A driver for QEMU's edu device, in user space: copies a buffer through the device's own
 * memory to another buffer and compares. It tells edu where the buffers are without
 * ever knowing it: uio_edu pci:0000:00:04.0 [edu.rules]
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cen-uio.h>

#define DMA_SOURCE	0x80
#define DMA_DEST	0x88
#define DMA_COUNT	0x90
#define DMA_COMMAND	0x98
#define  RUN		0x1
#define  TO_MEMORY	0x2
#define  WANT_IRQ	0x4
#define OWN_MEMORY	0x40000	/* where edu's 4 KiB are in its own address space */
#define CHUNK		4095U	/* QEMU before 8.0 dies of 4096 */
#define SIZE		(64U << 10)

static void check(bool ok)
{
	if (!ok)
		errx(1, "%s", cen_error());
}

/* Program, go, wait for the interrupt, which the kernel acknowledges as the rules say. */
static void transfer(struct cen_uio *edu, int handle, uint64_t offset, uint32_t length, bool in)
{
	struct cen_uio_write list[] = {
		in ? cen_uio_address(0, DMA_SOURCE, handle, offset, length) :
		     cen_uio_value(0, DMA_SOURCE, OWN_MEMORY),
		in ? cen_uio_value(0, DMA_DEST, OWN_MEMORY) :
		     cen_uio_address(0, DMA_DEST, handle, offset, length),
		cen_uio_value(0, DMA_COUNT, length),
		cen_uio_value(0, DMA_COMMAND, RUN | WANT_IRQ | (in ? 0 : TO_MEMORY)),
	};
	uint64_t command;

	check(!cen_uio_program(edu, list, 4));
	do {
		check(cen_uio_wait(edu, 10000) > 0);
		check(!cen_uio_read(edu, 0, DMA_COMMAND, &command));
	} while (command & RUN);
}

/* A buffer that edu reaches, with the CPU's view of it. */
static struct cen_buffer *buffer_for(struct cen_ctx *ctx, const char *device, unsigned char **data)
{
	struct cen_buffer *buf = cen_buffer_new(ctx, SIZE);
	struct cen_map *map;

	check(buf && !cen_buffer_declare(buf, device));
	map = cen_buffer_map(buf, 0, 0, 3 /* PROT_READ | PROT_WRITE */);
	check(map);
	*data = cen_map_data(map);
	return buf;
}

int main(int argc, char **argv)
{
	const char *device = argc > 1 ? argv[1] : "pci:0000:00:04.0";
	struct cen_sync_guard out = { 0 }, in = { 0 };
	unsigned char *from, *to;
	int source, dest;

	check(argc < 3 || !cen_uio_bind(device, argv[2]));
	struct cen_ctx *ctx = cen_ctx_open(0);
	struct cen_uio *edu = ctx ? cen_uio_open(device) : NULL;
	check(edu);
	struct cen_buffer *a = buffer_for(ctx, device, &from), *b = buffer_for(ctx, device, &to);

	check(!cen_sync_begin(&out, a, 0, 0, CEN_SYNC_WRITE));
	for (unsigned int i = 0; i < SIZE; i++)
		from[i] = (unsigned char)rand();
	check(!cen_sync_end(&out));
	check((source = cen_uio_attach(edu, a, CEN_UIO_TO_DEVICE)) > 0);
	check((dest = cen_uio_attach(edu, b, CEN_UIO_FROM_DEVICE)) > 0);
	for (uint32_t at = 0; at < SIZE; at += CHUNK) {
		uint32_t length = SIZE - at < CHUNK ? SIZE - at : CHUNK;

		transfer(edu, source, at, length, true);
		transfer(edu, dest, at, length, false);
	}
	check(!cen_sync_begin(&in, b, 0, 0, CEN_SYNC_READ));
	if (memcmp(from, to, SIZE))
		errx(1, "the bytes differ");
	printf("%s: %u bytes through the device and back, all right\n", device, SIZE);
	cen_uio_close(edu);
}
