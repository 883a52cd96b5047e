// SPDX-License-Identifier: GPL-2.0
/*
 * What the solver costs, by number of devices and heaps.
 *
 *   solver_bench [--samples N]
 *
 * One JSON object: figure → {"value", "unit", "spread"}. A run is normalising the limits of
 * all devices, merging them and solving: what a dry run of the module does. "typical" devices
 * are a mix of a few kinds, "distinct" ones differ in every limit, "refused" includes the
 * explanation. Values are medians over samples, spread is the distance between the
 * quartiles as a part of the median.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "solver.h"

#define SAMPLES		101
#define KIB		1024ULL
#define MIB		(1024 * KIB)
#define GIB		(1024 * MIB)

enum kind { TYPICAL, DISTINCT, REFUSED };

static const char *const kind_name[] = { "typical", "distinct", "refused" };

static struct cen_limits devices[CEN_MAX_DEVICES];
static struct cen_heap_props heaps[CEN_MAX_HEAPS];
static struct cen_merged merged;
static struct cen_solution solution;
static struct cen_reason list[64];

static const struct cen_limits kinds[] = {
	{ .addr_max = 0xffffffff, .seg_size = 65536, .seg_boundary = 0xffffffff },
	{ .addr_max = 0xffffffff, .max_segs = 1 },
	{ .addr_max = ~0ULL >> 24, .seg_size = 4 * MIB, .max_segs = 128 },
	{ .addr_max = 0xfffffff, .seg_size = 65536, .seg_boundary = 0xffffffff },
	{ .addr_max = 0xffffffff, .flags = CEN_LIMIT_IOMMU | CEN_LIMIT_NONCOHERENT },
};

static void make_devices(enum kind kind, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		devices[i] = kinds[i % (sizeof(kinds) / sizeof(kinds[0]))];
		if (kind == TYPICAL)
			continue;
		/* all different, all of them counting segments across a boundary */
		devices[i].addr_max = (1ULL << 40) - 1 + i * 4096ULL;
		devices[i].seg_size = 48 * KIB + 4096 * i;
		devices[i].seg_boundary = (1ULL << (20 + i % 12)) - 1;
		devices[i].max_segs = 400 - i;
		devices[i].flags = 0;
	}
	if (kind == REFUSED)
		devices[nr - 1].banks = 1;
}

static void make_heaps(u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		struct cen_heap_props *h = &heaps[i];

		memset(h, 0, sizeof(*h));
		h->reach[0].last = 6 * GIB - 1;
		h->nr_reach = 1;
		h->capacity = U64_MAX;
		h->priority = i;
		h->arbitrary = i & 1;
		h->chunk_max = h->arbitrary ? GIB : 4 * MIB;
		h->align_max = h->chunk_max;
		if (!h->arbitrary) {
			h->reach[1].last = 4 * GIB - 1;
			h->reach[2].last = 16 * MIB - 1;
			h->nr_reach = 3;
		}
	}
}

static void run(u32 nr_devices, u32 nr_heaps)
{
	const struct cen_request req = { .size = 2 * MIB, .page = 4096 };
	struct cen_reasons why = { .list = list, .room = 64 };
	struct cen_constraints c;
	u32 i;

	cen_merged_init(&merged);
	for (i = 0; i < nr_devices; i++) {
		cen_constraints_from_limits(&c, &devices[i], NULL, 0, 4096);
		cen_merged_add(&merged, &c, i);
	}
	cen_solve(&merged, heaps, nr_heaps, &req, &solution, &why);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void measure(enum kind kind, u32 nr_devices, u32 nr_heaps, u32 samples, const char *name)
{
	static double ns[10001];
	u32 i, j, rounds = 1 + 2000 / nr_devices;
	double start;

	make_devices(kind, nr_devices);
	make_heaps(nr_heaps);
	for (i = 0; i < samples; i++) {
		start = now();
		for (j = 0; j < rounds; j++)
			run(nr_devices, nr_heaps);
		ns[i] = (now() - start) / rounds / nr_devices;
	}
	if ((solution.error != 0) != (kind == REFUSED)) {
		fprintf(stderr, "solver_bench: %s: unexpected verdict %d\n", kind_name[kind],
			solution.error);
		exit(1);
	}
	qsort(ns, samples, sizeof(ns[0]), compare);
	if (name)
		printf("\"%s\": ", name);
	else
		printf(", \"solver.ns_per_device.%s.%u_devices.%u_heaps\": ", kind_name[kind],
		       nr_devices, nr_heaps);
	printf("{\"value\": %.1f, \"unit\": \"ns\", \"spread\": %.3f}", ns[samples / 2],
	       (ns[samples * 3 / 4] - ns[samples / 4]) / ns[samples / 2]);
}

int main(int argc, char **argv)
{
	static const u32 nr_devices[] = { 1, 2, 4, 8, 16, 32, 64 };
	static const u32 nr_heaps[] = { 1, 4, 32 };
	u32 samples = SAMPLES, d, h;
	enum kind kind;

	if (argc == 3 && !strcmp(argv[1], "--samples"))
		samples = strtoul(argv[2], NULL, 0);
	else if (argc != 1)
		samples = 0;
	if (samples < 1 || samples > 10001) {
		fprintf(stderr, "usage: solver_bench [--samples 1-10001]\n");
		return 2;
	}

	printf("{");
	/* the figure to watch: eight devices, the heaps of a PC */
	measure(TYPICAL, 8, 4, samples, "solver.ns_per_device");
	for (kind = TYPICAL; kind <= REFUSED; kind++) {
		for (d = 0; d < sizeof(nr_devices) / sizeof(nr_devices[0]); d++) {
			for (h = 0; h < sizeof(nr_heaps) / sizeof(nr_heaps[0]); h++)
				measure(kind, nr_devices[d], nr_heaps[h], samples, NULL);
		}
	}
	printf("}\n");
	return 0;
}
