// SPDX-License-Identifier: GPL-2.0
/*
 * cenalloc against the kernel's exporters, in one guest run:
 *
 *   alloc_bench [SCALE]     SCALE divides the number of rounds, for a quick look
 *
 * Each round does the same with every source, one after the other, in an order that turns, so
 * that what else the machine does meets all alike. One JSON object: figure → {"value",
 * "unit", "spread"}. Ratios are ours / theirs, below 1 is faster; the value is the ratio of the
 * medians, the spread the distance between the quartiles of the rounds' ratios over the value.
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/cenalloc.h>
#include <linux/dma-buf.h>

#include "../modules/cen_test_importer/cen_test_importer.h"
#include "sources.h"

#define KIB	1024UL
#define MIB	(1024 * KIB)
#define DEVICE	"platform:cen_test.0"
#define ROUNDS	400

static int importer;
static unsigned int scale = 1;
static int first = 1;

static const struct size {
	const char *name;
	size_t bytes;
	unsigned int rounds;
} sizes[] = {
	{ "4KiB", 4 * KIB, ROUNDS },
	{ "64KiB", 64 * KIB, ROUNDS },
	{ "1MiB", MIB, 150 },
	{ "16MiB", 16 * MIB, 40 },
	{ "64MiB", 64 * MIB, 16 },
};

static const struct size *size_named(const char *name)
{
	const struct size *s = sizes;

	while (strcmp(s->name, name))
		s++;
	return s;
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const double *values, unsigned int n, double q)
{
	double copy[ROUNDS];

	memcpy(copy, values, n * sizeof(*values));
	qsort(copy, n, sizeof(*copy), compare);
	return copy[(unsigned int)(q * (n - 1) + 0.5)];
}

static void figure(const char *key, const char *unit, double value, double spread)
{
	printf("%s\n  \"%s\": {\"value\": %.4g, \"unit\": \"%s\", \"spread\": %.3g}",
	       first ? "{" : ",", key, value, unit, spread);
	first = 0;
}

static void ratio(const char *key, const double *ours, const double *theirs, unsigned int n)
{
	double ratios[ROUNDS];
	double value = quantile(ours, n, 0.5) / quantile(theirs, n, 0.5);

	for (unsigned int i = 0; i < n; i++)
		ratios[i] = ours[i] / theirs[i];
	figure(key, "ratio", value,
	       (quantile(ratios, n, 0.75) - quantile(ratios, n, 0.25)) / value);
}

static void time_of(const char *what, const char *size, enum source source,
		    const double *values, unsigned int n)
{
	char key[96];
	double median = quantile(values, n, 0.5);

	snprintf(key, sizeof(key), "%s.%s.%s", what, size, source_name[source]);
	figure(key, "us", median,
	       (quantile(values, n, 0.75) - quantile(values, n, 0.25)) / median);
}

typedef double (*measure_fn)(enum source source, size_t size);

static void compare_sources(const char *what, const struct size *size, measure_fn measure)
{
	static double took[SOURCES][ROUNDS];
	unsigned int n = size->rounds / scale + 3;
	char key[96];

	if (n > ROUNDS)
		n = ROUNDS;
	for (enum source s = 0; s < SOURCES; s++)	/* caches, pool */
		if (source_present(s))
			measure(s, size->bytes);
	for (unsigned int i = 0; i < n; i++) {
		for (unsigned int j = 0; j < SOURCES; j++) {
			enum source s = (i + j) % SOURCES;

			if (source_present(s))
				took[s][i] = measure(s, size->bytes);
		}
	}
	for (enum source s = OURS + 1; s < SOURCES; s++) {
		if (!source_present(s))
			continue;
		snprintf(key, sizeof(key), "%s.%s.vs_%s", what, size->name, source_name[s]);
		ratio(key, took[OURS], took[s], n);
	}
	for (enum source s = 0; s < SOURCES; s++)
		if (source_present(s))
			time_of(what, size->name, s, took[s], n);
}

/* Small ones in a row: one takes hardly longer than reading the clock. */
static double alloc_close(enum source source, size_t size)
{
	const int times = size < MIB ? 16 : 1;
	double start = now_us();

	for (int i = 0; i < times; i++)
		close(source_alloc(source, size));
	return (now_us() - start) / times;
}

static double first_touch(enum source source, size_t size)
{
	int fd = source_alloc(source, size);
	double start = now_us();
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	double took;

	if (p == MAP_FAILED)
		err(1, "mmap");
	memset(p, 0x5a, size);
	took = now_us() - start;
	munmap(p, size);
	close(fd);
	return took;
}

static uint32_t attach(int fd)
{
	struct cti_attach arg = { .name = DEVICE, .fd = fd };

	if (ioctl(importer, CTI_IOC_ATTACH, &arg))
		err(1, "CTI_IOC_ATTACH");
	return arg.id;
}

static void map(uint32_t id)
{
	struct cti_map arg = { .id = id, .direction = CTI_BIDIRECTIONAL };

	if (ioctl(importer, CTI_IOC_MAP, &arg))
		err(1, "CTI_IOC_MAP");
}

static void unmap(uint32_t id)
{
	struct cti_map arg = { .id = id };

	if (ioctl(importer, CTI_IOC_UNMAP, &arg))
		err(1, "CTI_IOC_UNMAP");
}

/* A buffer of ours that knows the device, as one does that a program made for it. */
static void declare(int fd)
{
	struct cen_device device = { .name = DEVICE };
	struct cen_declare arg = { .devices = (uintptr_t)&device, .fd = fd, .count = 1 };

	if (ioctl(cenalloc_node(), CEN_IOC_DECLARE, &arg))
		err(1, "CEN_IOC_DECLARE");
}

static int declared = 1;

static double attach_map_unmap(enum source source, size_t size)
{
	int fd = source_alloc(source, size);
	double start, took;
	uint32_t id;

	if (source == OURS && declared)
		declare(fd);
	start = now_us();
	id = attach(fd);
	map(id);
	unmap(id);
	ioctl(importer, CTI_IOC_RELEASE, id);
	took = now_us() - start;
	close(fd);
	return took;
}

static void sync_dma_buf(int fd)
{
	struct dma_buf_sync arg = { .flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW };

	if (ioctl(fd, DMA_BUF_IOCTL_SYNC, &arg))
		err(1, "DMA_BUF_IOCTL_SYNC");
	arg.flags = DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW;
	if (ioctl(fd, DMA_BUF_IOCTL_SYNC, &arg))
		err(1, "DMA_BUF_IOCTL_SYNC");
}

static void sync_range(int fd, uint64_t offset, uint64_t length)
{
	struct cen_sync arg = {
		.fd = fd, .offset = offset, .length = length,
		.flags = CEN_SYNC_START | CEN_SYNC_READ | CEN_SYNC_WRITE,
	};

	if (ioctl(cenalloc_node(), CEN_IOC_SYNC, &arg))
		err(1, "CEN_IOC_SYNC");
	arg.flags = CEN_SYNC_END | CEN_SYNC_READ | CEN_SYNC_WRITE;
	if (ioctl(cenalloc_node(), CEN_IOC_SYNC, &arg))
		err(1, "CEN_IOC_SYNC");
}

/* Many syncs of one mapped buffer; one takes too little time to be measured. */
static double sync_full(enum source source, size_t size)
{
	const int times = 20;
	int fd = source_alloc(source, size);
	uint32_t id = attach(fd);
	double start, took;

	map(id);
	start = now_us();
	for (int i = 0; i < times; i++)
		sync_dma_buf(fd);
	took = (now_us() - start) / times;
	unmap(id);
	ioctl(importer, CTI_IOC_RELEASE, id);
	close(fd);
	return took;
}

/* A test device that takes what anybody gives, in segments of 64 KiB. */
static void set_device(uint32_t flags)
{
	struct cti_limits limits = { .addr_bits = 64, .seg_size = 64 * KIB, .flags = flags };

	/* the stock heaps hand out 1 MiB pieces and would warn of smaller segments */
	if (!flags)
		limits.seg_size = 1UL << 30;
	if (ioctl(importer, CTI_IOC_LIMITS, &limits))
		err(1, "CTI_IOC_LIMITS");
}

/* Part against whole, on a device whose caches must be maintained: our own buffer. */
static void bench_ranged(void)
{
	const struct size *size = size_named("16MiB");
	double full[ROUNDS], part[ROUNDS];
	unsigned int n = 200 / scale + 3;
	int fd;
	uint32_t id;

	set_device(CTI_NONCOHERENT);
	fd = source_alloc(OURS, size->bytes);
	id = attach(fd);
	map(id);
	for (unsigned int i = 0; i < n; i++) {
		double start = now_us();

		sync_range(fd, 0, size->bytes);
		full[i] = now_us() - start;
		start = now_us();
		sync_range(fd, (i * 37 % 4096) * 4 * KIB, 4 * KIB);
		part[i] = now_us() - start;
	}
	ratio("sync_ranged.4KiB_of_16MiB.vs_full", part, full, n);
	unmap(id);
	ioctl(importer, CTI_IOC_RELEASE, id);
	close(fd);
	set_device(0);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		scale = strtoul(argv[1], NULL, 0);
	if (argc > 2 || !scale) {
		fprintf(stderr, "usage: alloc_bench [SCALE]\n");
		return 2;
	}
	sources_open();
	importer = open("/dev/cen_test_importer", O_RDWR | O_CLOEXEC);
	if (importer < 0)
		err(1, "/dev/cen_test_importer");
	set_device(0);

	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		compare_sources("alloc_close", &sizes[i], alloc_close);
	ours_in_two = 1;
	compare_sources("create_commit_close", size_named("4KiB"), alloc_close);
	ours_in_two = 0;
	compare_sources("attach_map_unmap", size_named("1MiB"), attach_map_unmap);
	compare_sources("attach_map_unmap", size_named("16MiB"), attach_map_unmap);
	/* a device nobody declared: its limits are collected and checked at attach */
	declared = 0;
	compare_sources("attach_undeclared", size_named("1MiB"), attach_map_unmap);
	compare_sources("first_touch", size_named("16MiB"), first_touch);
	compare_sources("sync_full", size_named("16MiB"), sync_full);
	bench_ranged();
	printf("\n}\n");
	return 0;
}
