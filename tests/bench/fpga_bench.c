// SPDX-License-Identifier: GPL-2.0
/*
 * Switching between images that are kept in slots against loading the same images by firmware file, as
 * the kernel's own drivers of regions do: through the same region, bridge and manager, in turns.
 *
 *	fpga_bench [SCALE]			JSON on stdout
 *
 * The simulated manager reads by DMA, which costs a real one's CPU nothing, and is told not to look at
 * the data; a second figure has it check every byte with the CPU, which both ways pay alike. The
 * files lie in memory already (the root is a ramfs): reading them costs a copy and no disk, which is
 * the best case for them.
 *
 * Memory is what is free before there is an image at all, less the least that was free until it
 * was in the FPGA.
 */
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cen-fpga.h>

#include "../../kernel/sim/cen_sim_fpga.h"

#define SIZE		(16UL << 20)
#define TURNS		20
#define CHECKED_TURNS	4
#define PIECE		65536UL
#define DEVICE		"platform:cen_sim_fpga.0"
#define DEBUGFS		"/sys/kernel/debug/cen_sim_fpga/"
#define LOAD_FILE	DEBUGFS "cen_sim_fpga_region.0/firmware"
#define CHECK		DEBUGFS "cen_sim_fpga.0/check"

enum who { SLOT, LOAD, FILES, WHO };

static double took[WHO][TURNS];	/* us */
static const char *region;
static struct cen_fpga *fpga;

static double now_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(1, "%s", path);
	close(fd);
}

/* --- images, made piece by piece: nobody holds one in memory unasked ------------------------------- */

struct maker {
	uint32_t state;
	uint32_t crc;
	uint64_t left;
};

static uint32_t crc32(uint32_t crc, const uint8_t *data, size_t length)
{
	static uint32_t table[256];

	for (uint32_t i = 0; !table[255] && i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] & 1 ? table[i] >> 1 ^ 0xedb88320 : table[i] >> 1;
	}
	while (length--)
		crc = crc >> 8 ^ table[(crc ^ *data++) & 0xff];
	return crc;
}

static void make_piece(struct maker *maker, uint8_t *to, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		maker->state = maker->state * 1664525 + 1013904223;
		to[i] = maker->state >> 24;
	}
	maker->crc = crc32(maker->crc, to, length);
	maker->left -= length;
}

static struct cen_sim_fpga_header header_of(const struct maker *maker, uint32_t design)
{
	struct cen_sim_fpga_header header = { .magic = CEN_SIM_FPGA_MAGIC };

	header.size = htole32(sizeof(header));
	header.region = htole32(1);
	header.data_size = htole64(SIZE - sizeof(header));
	header.design = htole32(design);
	header.data_crc = htole32(~maker->crc);
	header.header_crc = htole32(~crc32(~0U, (uint8_t *)&header,
					   offsetof(struct cen_sim_fpga_header, header_crc)));
	return header;
}

static void make_file(const char *name, uint32_t design)
{
	struct maker maker = { .state = design, .crc = ~0U, .left = SIZE - sizeof(struct cen_sim_fpga_header) };
	struct cen_sim_fpga_header header;
	uint8_t piece[PIECE];
	char path[64];
	int fd;

	mkdir("/lib/firmware", 0755);
	snprintf(path, sizeof(path), "/lib/firmware/%s", name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		err(1, "%s", path);
	for (off_t at = sizeof(header); maker.left; ) {
		size_t length = maker.left < PIECE ? maker.left : PIECE;

		make_piece(&maker, piece, length);
		if (pwrite(fd, piece, length, at) != (ssize_t)length)
			err(1, "%s", path);
		at += length;
	}
	header = header_of(&maker, design);
	if (pwrite(fd, &header, sizeof(header), 0) != sizeof(header))
		err(1, "%s", path);
	close(fd);
}

static struct cen_buffer *make_buffer(struct cen_ctx *ctx, uint32_t design)
{
	struct maker maker = { .state = design, .crc = ~0U, .left = SIZE - sizeof(struct cen_sim_fpga_header) };
	struct cen_buffer *buf = cen_buffer_new(ctx, SIZE);
	struct cen_sim_fpga_header header;
	struct cen_map *map;
	uint8_t *at;

	if (!buf || cen_buffer_declare(buf, DEVICE) || cen_buffer_commit(buf))
		errx(1, "%s", cen_error());
	map = cen_buffer_map(buf, 0, 0, PROT_READ | PROT_WRITE);
	if (!map)
		errx(1, "%s", cen_error());
	at = cen_map_data(map);
	make_piece(&maker, at + sizeof(header), maker.left);
	header = header_of(&maker, design);
	memcpy(at, &header, sizeof(header));
	cen_buffer_unmap(map);
	return buf;
}

/* --- speed --------------------------------------------------------------------------------------------- */

static uint32_t design_now(void)
{
	struct cen_fpga_info info;
	char path[96], text[32] = "";
	int fd;

	if (cen_fpga_get_info(fpga, &info))
		errx(1, "%s", cen_error());
	snprintf(path, sizeof(path), "/sys/class/fpga_manager/%s/design1", info.manager);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		err(1, "%s", path);
	close(fd);
	return (uint32_t)strtoul(text, NULL, 0);
}

static double one(enum who who, unsigned int turn, struct cen_buffer **bufs)
{
	static const char *const names[] = { "bench-a", "bench-b" };
	unsigned int which = turn % 2;
	double begun = now_us();

	switch (who) {
	case SLOT:
		if (cen_fpga_switch(region, names[which]))
			errx(1, "%s", cen_error());
		break;
	case LOAD:
		if (cen_fpga_load(fpga, bufs[which], 0, 0, CEN_FPGA_PARTIAL, NULL))
			errx(1, "%s", cen_error());
		break;
	default:
		put(LOAD_FILE, names[which]);
		break;
	}
	begun = now_us() - begun;
	if (design_now() != 0xa + which)
		errx(1, "the FPGA holds another design than it was given");
	return begun;
}

static unsigned int race(struct cen_buffer **bufs, unsigned int turns)
{
	for (unsigned int turn = 0; turn <= turns; turn++)
		for (enum who who = 0; who < WHO; who++) {
			double us = one(who, turn, bufs);

			/* the first warms up */
			if (turn)
				took[who][turn - 1] = us;
		}
	return turns;
}

/* --- memory ----------------------------------------------------------------------------------------------- */

static volatile bool watching;
static unsigned long least;	/* KiB */

static unsigned long free_kib(void)
{
	static int fd = -1;
	char text[256] = "";
	const char *at;

	if (fd < 0)
		fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		err(1, "/proc/meminfo");
	at = strstr(text, "MemFree:");
	return at ? strtoul(at + 8, NULL, 10) : 0;
}

static void *watch(void *arg)
{
	while (watching) {
		unsigned long kib = free_kib();

		if (kib < least)
			least = kib;
	}
	return arg;
}

static unsigned long before;
static pthread_t watcher;

static void watch_begin(void)
{
	put("/proc/sys/vm/drop_caches", "3");
	before = least = free_kib();
	watching = true;
	if (pthread_create(&watcher, NULL, watch, NULL))
		errx(1, "no thread");
}

/* In images. */
static double watch_end(void)
{
	watching = false;
	pthread_join(watcher, NULL);
	return (double)(before - least) * 1024 / SIZE;
}

static double memory_of_file(void)
{
	double images;

	watch_begin();
	make_file("bench-m", 0xa);
	put(LOAD_FILE, "bench-m");
	images = watch_end();
	unlink("/lib/firmware/bench-m");
	return images;
}

static void new_slot(const char *name)
{
	if (cen_fpga_slot_add(region, name) || cen_fpga_slot_set_flags(region, name, CEN_FPGA_PARTIAL))
		errx(1, "%s", cen_error());
}

static double memory_of_slot(struct cen_ctx *ctx)
{
	struct cen_buffer *buf;
	double images;

	watch_begin();
	buf = make_buffer(ctx, 0xa);
	new_slot("bench-m");
	if (cen_fpga_slot_set_buffer(region, "bench-m", buf, 0, 0) ||
	    cen_fpga_switch(region, "bench-m"))
		errx(1, "%s", cen_error());
	images = watch_end();
	cen_buffer_free(buf);
	cen_fpga_slot_remove(region, "bench-m");
	return images;
}

/* A switch once more, to what is in its slot: what it takes beyond that. */
static double memory_of_switch(void)
{
	watch_begin();
	if (cen_fpga_switch(region, "bench-a"))
		errx(1, "%s", cen_error());
	return watch_end();
}

static double memory_of_file_switch(void)
{
	watch_begin();
	put(LOAD_FILE, "bench-a");
	return watch_end();
}

/* --- figures -------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const double *values, unsigned int n, double q)
{
	double sorted[TURNS];

	memcpy(sorted, values, n * sizeof(*values));
	qsort(sorted, n, sizeof(*sorted), compare);
	return sorted[(unsigned int)(q * (n - 1) + 0.5)];
}

static double spread(const double *values, unsigned int n)
{
	return (quantile(values, n, 0.75) - quantile(values, n, 0.25)) / quantile(values, n, 0.5);
}

static void figure(const char *key, const char *unit, double value, double spread_of, bool last)
{
	printf("  \"%s\": {\"value\": %.4g, \"unit\": \"%s\", \"spread\": %.3g}%s\n", key, value,
	       unit, spread_of, last ? "" : ",");
}

static void ratio(const char *key, enum who who, unsigned int n)
{
	double ratios[TURNS];

	for (unsigned int i = 0; i < n; i++)
		ratios[i] = took[who][i] / took[FILES][i];
	figure(key, "ratio", quantile(took[who], n, 0.5) / quantile(took[FILES], n, 0.5),
	       spread(ratios, n), false);
}

static void times(const char *key, enum who who, unsigned int n)
{
	figure(key, "us", quantile(took[who], n, 0.5), spread(took[who], n), false);
}

static const char *find_region(void)
{
	static struct cen_fpga_list *all;
	const struct cen_fpga_info *info;

	all = cen_fpga_list_new();
	for (size_t i = 0; all && (info = cen_fpga_list_get(all, i)); i++)
		if (info->flags & CEN_FPGA_REGION && !strcmp(info->device, DEVICE))
			return info->name;
	errx(1, "no simulated FPGA");
}

int main(int argc, char **argv)
{
	unsigned int scale = argc > 1 ? atoi(argv[1]) : 1, n;
	struct cen_ctx *ctx = cen_ctx_open(CEN_CTX_MODULE);
	struct cen_buffer *bufs[2];

	if (!scale || !ctx)
		errx(1, "usage: fpga_bench [SCALE]");
	region = find_region();
	fpga = cen_fpga_open(region);
	if (!fpga)
		errx(1, "%s", cen_error());
	/* what is kept ready for the next buffer would be counted as neither free nor used */
	put("/sys/module/cenalloc/parameters/pool_mib", "0");

	printf("{\n");
	figure("fpga.peak_memory_images", "images", memory_of_slot(ctx), 0, false);
	figure("fpga.peak_memory_images.file_load", "images", memory_of_file(), 0, false);

	make_file("bench-a", 0xa);
	make_file("bench-b", 0xb);
	for (int i = 0; i < 2; i++) {
		const char *name = i ? "bench-b" : "bench-a";

		bufs[i] = make_buffer(ctx, 0xa + i);
		new_slot(name);
		if (cen_fpga_slot_set_firmware(region, name, name))
			errx(1, "%s", cen_error());
	}
	figure("fpga.switch_memory_images", "images", memory_of_switch(), 0, false);
	figure("fpga.switch_memory_images.file_load", "images", memory_of_file_switch(), 0, false);

	n = race(bufs, CHECKED_TURNS);
	ratio("fpga.switch_checked_by_cpu.vs_file_load", SLOT, n);
	put(CHECK, "N");
	n = race(bufs, TURNS / scale ?: 1);
	put(CHECK, "Y");
	ratio("fpga.switch.vs_file_load", SLOT, n);
	ratio("fpga.load.vs_file_load", LOAD, n);
	times("fpga.switch.slot", SLOT, n);
	times("fpga.switch.file", FILES, n);
	figure("fpga.image", "bytes", SIZE, 0, true);
	printf("}\n");

	for (int i = 0; i < 2; i++) {
		cen_fpga_slot_remove(region, i ? "bench-b" : "bench-a");
		unlink(i ? "/lib/firmware/bench-b" : "/lib/firmware/bench-a");
		cen_buffer_free(bufs[i]);
	}
	cen_fpga_close(fpga);
	cen_ctx_close(ctx);
	return 0;
}
