/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the benchmark of streams is made of. It runs in a guest with two CPUs: number 0 is
 * measured, with all interrupts of the virtual hardware; the hardware itself is played by
 * number 1.
 *
 *	radio sdr0 --copy, stream or link--> USB, whose host takes whatever comes
 */
#ifndef _CEN_BENCH_FLOWS_H
#define _CEN_BENCH_FLOWS_H

#include <stdbool.h>
#include <stdint.h>

#include <cen-port.h>

#include "../guest/ffs.h"

#define KIB		1024ULL
#define MIB		(1024 * KIB)
#define MEASURED_CPU	0
#define BUFFERS		8
#define RADIO		"/sys/kernel/debug/cen_sim_sdr/cen_sim_sdr.0/"
#define USB_PORT	"usb-bench-in0"
#define SCAN		8	/* bytes of a sample */

/* --- measuring (measure.c) -------------------------------------------------------------- */

uint64_t now_ns(void);
/* This thread's CPU time, ns. */
uint64_t thread_ns(void);
/* Time that the measured CPU was not idle since it was booted, ns: whoever it worked for. */
uint64_t busy_ns(void);
/* How busy it is when nothing goes on: ns per second. */
void measure_rest(void);
/* @busy without what it would have been anyway in @wall. */
double net_ns(uint64_t busy, uint64_t wall);

double median(double *values, unsigned int count);
double spread(double *values, unsigned int count);
void figure(const char *key, const char *unit, double value, double spread);
void figures_end(void);

/* System calls of this process since counting began; -1: this kernel cannot tell. */
bool syscalls_begin(void);
uint64_t syscalls_end(void);
/* Bytes copied between this process and the kernel, in pieces larger than a page. */
bool copies_begin(void);
uint64_t copies_end(void);

void write_file(const char *path, const char *text);
uint64_t read_number(const char *path);

/* --- paths (flows.c) -------------------------------------------------------------------- */

enum path { COPY, STREAM, LINK, PATHS };
extern const char * const path_name[PATHS];

/* What came of running a path. */
struct flow {
	uint64_t blocks;
	uint64_t bytes;
	uint64_t overruns;
	uint64_t wall;		/* ns */
	double busy;		/* ns, net */
};

/*
 * From the radio to USB in blocks of @size bytes, for @seconds or until @blocks (0: no limit); the
 * radio delivers @rate bytes a second, 0: as fast as it can.
 */
struct flow flow_run(enum path path, uint64_t size, double seconds, uint64_t blocks, uint64_t rate);
void flows_open(void);
/* The IIO device of radio 0, and files of its directory. */
int iio_open(void);
void iio_write(const char *file, const char *text);
/* Mainline's FunctionFS, on the second controller. */
extern struct ffs flows_ffs;

/* --- enqueueing (enqueue.c) ------------------------------------------------------------- */

void bench_enqueue(unsigned int scale);

#endif /* _CEN_BENCH_FLOWS_H */
