// SPDX-License-Identifier: GPL-2.0
/*
 * Streams and links against read() and write(), in one guest run:
 *
 *   stream_bench [SCALE]     SCALE makes it so many times shorter, and worse
 *
 * One JSON object: figure → {"value", "unit", "spread"}. Paths take turns; values are medians of
 * the turns, spread is the distance between the quartiles as a part of the median. CPU time
 * is all that the measured CPU did, interrupts and kernel threads included, less what it
 * does when nothing goes on.
 */
#include <err.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flows.h"

#define TURNS	7
#define BLOCK	MIB

static double seconds = 1.5;

/* The main comparison: as fast as it goes. Returns a rate that is too much for one of them. */
static double compare_paths(void)
{
	double rate[PATHS][TURNS], cpu[PATHS][TURNS], ratio[TURNS], between;
	char key[64];

	for (enum path path = 0; path < PATHS; path++)
		flow_run(path, BLOCK, 0.2, 0, 0);
	for (unsigned int turn = 0; turn < TURNS; turn++) {
		for (enum path path = 0; path < PATHS; path++) {
			struct flow flow = flow_run(path, BLOCK, seconds, 0, 0);
			double mib = (double)flow.bytes / MIB;

			rate[path][turn] = mib / ((double)flow.wall / 1e9);
			cpu[path][turn] = flow.busy / 1e3 / mib;
		}
	}
	for (unsigned int turn = 0; turn < TURNS; turn++)
		ratio[turn] = rate[STREAM][turn] / rate[COPY][turn];
	figure("stream.iio_usb.throughput.vs_copy", "times", median(ratio, TURNS), spread(ratio, TURNS));
	for (unsigned int turn = 0; turn < TURNS; turn++)
		ratio[turn] = cpu[STREAM][turn] / cpu[COPY][turn];
	figure("stream.iio_usb.cpu_per_mib.vs_copy", "ratio", median(ratio, TURNS),
	       spread(ratio, TURNS));
	for (unsigned int turn = 0; turn < TURNS; turn++)
		ratio[turn] = rate[LINK][turn] / rate[COPY][turn];
	figure("link.iio_usb.throughput.vs_copy", "times", median(ratio, TURNS), spread(ratio, TURNS));
	for (unsigned int turn = 0; turn < TURNS; turn++)
		ratio[turn] = cpu[LINK][turn] / cpu[COPY][turn];
	figure("link.iio_usb.cpu_per_mib.vs_copy", "ratio", median(ratio, TURNS), spread(ratio, TURNS));
	between = sqrt(median(rate[COPY], TURNS) * median(rate[STREAM], TURNS));
	for (enum path path = 0; path < PATHS; path++) {
		snprintf(key, sizeof(key), "%s.iio_usb.throughput", path_name[path]);
		figure(key, "MiB/s", median(rate[path], TURNS), spread(rate[path], TURNS));
		snprintf(key, sizeof(key), "%s.iio_usb.cpu_per_mib", path_name[path]);
		figure(key, "us", median(cpu[path], TURNS), spread(cpu[path], TURNS));
	}
	return between * MIB;
}

/* Counted by the kernel's own entrances for copies, by bytes. */
static void count_copies(void)
{
	static const enum path paths[] = { STREAM, LINK, COPY };
	char key[64];

	for (unsigned int i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct flow flow;

		if (!copies_begin()) {
			fprintf(stderr, "stream_bench: no kprobes, copies are not counted\n");
			return;
		}
		flow = flow_run(paths[i], BLOCK, 60, 100, 0);
		snprintf(key, sizeof(key), "%s.copies_per_byte", path_name[paths[i]]);
		figure(key, "copies", (double)copies_end() / (double)flow.bytes, 0);
	}
}

/* A long link against a short one: what is left is what a block costs. */
static void count_syscalls(void)
{
	static const enum path paths[] = { LINK, STREAM, COPY };
	const unsigned int few = 200, many = 1200;
	uint64_t calls[2];
	char key[64];

	for (unsigned int i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		syscalls_begin();
		flow_run(paths[i], 64 * KIB, 60, few, 0);
		calls[0] = syscalls_end();
		syscalls_begin();
		flow_run(paths[i], 64 * KIB, 60, many, 0);
		calls[1] = syscalls_end();
		snprintf(key, sizeof(key), "%s.syscalls_per_block", path_name[paths[i]]);
		figure(key, "calls", ((double)calls[1] - (double)calls[0]) / (many - few), 0);
	}
}

/* The radio does not wait: who cannot take what it offers loses samples. */
static void count_overruns(double rate)
{
	uint64_t offered = (uint64_t)rate / SCAN * SCAN;
	char key[64];

	figure("overruns.offered_rate", "MiB/s", (double)offered / MIB, 0);
	for (enum path path = 0; path < PATHS; path++) {
		struct flow flow = flow_run(path, BLOCK, 2 * seconds, 0, offered);

		snprintf(key, sizeof(key), "overruns.%s", path_name[path]);
		figure(key, "overruns", (double)flow.overruns, 0);
		snprintf(key, sizeof(key), "overruns.%s.delivered", path_name[path]);
		figure(key, "part", (double)flow.bytes / ((double)flow.wall / 1e9) / (double)offered, 0);
	}
}

/* CPU time of a block by its size. */
static void by_size(void)
{
	static const struct {
		const char *name;
		uint64_t size;
	} sizes[] = {
		{ "4KiB", 4 * KIB }, { "16KiB", 16 * KIB }, { "64KiB", 64 * KIB },
		{ "256KiB", 256 * KIB }, { "1MiB", MIB }, { "4MiB", 4 * MIB },
	};
	double cpu[PATHS][TURNS], ratio[TURNS];
	char key[64];

	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (unsigned int turn = 0; turn < TURNS; turn++) {
			for (enum path path = 0; path < PATHS; path++) {
				struct flow flow = flow_run(path, sizes[i].size, seconds / 3, 0, 0);

				cpu[path][turn] = flow.busy / 1e3 / (double)flow.blocks;
			}
			ratio[turn] = cpu[LINK][turn] / cpu[STREAM][turn];
		}
		for (enum path path = 0; path < PATHS; path++) {
			snprintf(key, sizeof(key), "%s.cpu_per_block.%s", path_name[path], sizes[i].name);
			figure(key, "us", median(cpu[path], TURNS), spread(cpu[path], TURNS));
		}
		if (sizes[i].size == 64 * KIB)
			figure("link.cpu_per_block.vs_stream", "ratio", median(ratio, TURNS),
			       spread(ratio, TURNS));
	}
}

static void pin(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(MEASURED_CPU, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		err(1, "sched_setaffinity");
}

int main(int argc, char **argv)
{
	unsigned int scale = argc > 1 ? (unsigned int)atoi(argv[1]) : 1;
	double rate;

	if (!scale || argc > 2)
		errx(2, "usage: stream_bench [SCALE]");
	seconds /= scale;
	pin();
	measure_rest();
	flows_open();
	rate = compare_paths();
	count_copies();
	count_syscalls();
	count_overruns(rate);
	by_size();
	bench_enqueue(scale);
	figures_end();
	return ffs_close(&flows_ffs) ? 1 : 0;
}
