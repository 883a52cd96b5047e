// SPDX-License-Identifier: GPL-2.0
/*
 * Measuring: what a CPU did, who called the kernel, who copied.
 *
 * A CPU's time is taken from its idle time in /proc/timer_list, which has nanoseconds and stops
 * for interrupts, softirqs and kernel threads, whoever they are charged to.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "flows.h"

#define TRACING	"/sys/kernel/tracing/"

static double rest;	/* ns per ns */
static int counter = -1;
static int first = 1;

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t thread_ns(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

/*
 * "  .idle_sleeptime : 123 nsecs" below "cpu: 0". The CPU is not idle while it reads this, so
 * that the figure is up to date.
 */
static uint64_t idle_ns(void)
{
	unsigned long long value = 0;
	int cpu = -1, found = 0;
	char line[256];
	FILE *file = fopen("/proc/timer_list", "re");

	if (!file)
		err(1, "/proc/timer_list");
	while (!found && fgets(line, sizeof(line), file)) {
		sscanf(line, "cpu: %d", &cpu);
		if (cpu == MEASURED_CPU && sscanf(line, " .idle_sleeptime : %llu", &value) == 1)
			found = 1;
	}
	fclose(file);
	if (!found)
		errx(1, "/proc/timer_list has no idle_sleeptime");
	return value;
}

uint64_t busy_ns(void)
{
	uint64_t idle = idle_ns();

	return now_ns() - idle;
}

void measure_rest(void)
{
	const struct timespec second = { .tv_sec = 2 };
	uint64_t busy = busy_ns(), wall = now_ns();

	nanosleep(&second, NULL);
	busy = busy_ns() - busy;
	wall = now_ns() - wall;
	rest = (double)busy / (double)wall;
	figure("stream.rest_busy", "part", rest, 0);
}

double net_ns(uint64_t busy, uint64_t wall)
{
	double net = (double)busy - rest * (double)wall;

	return net > 0 ? net : 0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(double *values, unsigned int count, double q)
{
	qsort(values, count, sizeof(*values), compare);
	return values[(unsigned int)(q * (count - 1) + 0.5)];
}

double median(double *values, unsigned int count)
{
	return quantile(values, count, 0.5);
}

double spread(double *values, unsigned int count)
{
	double middle = median(values, count);

	return middle > 0 ? (quantile(values, count, 0.75) - quantile(values, count, 0.25)) / middle : 0;
}

void figure(const char *key, const char *unit, double value, double spread)
{
	printf("%s\n  \"%s\": {\"value\": %.4g, \"unit\": \"%s\", \"spread\": %.3g}",
	       first ? "{" : ",", key, value, unit, spread);
	fflush(stdout);
	first = 0;
}

void figures_end(void)
{
	printf("\n}\n");
}

void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(1, "%s", path);
	close(fd);
}

uint64_t read_number(const char *path)
{
	unsigned long long value = 0;
	FILE *file = fopen(path, "re");

	if (!file || fscanf(file, "%llu", &value) != 1)
		err(1, "%s", path);
	fclose(file);
	return value;
}

/* --- who calls the kernel --------------------------------------------------------------- */

bool syscalls_begin(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .disabled = 1,
	};

	if (counter < 0) {
		attr.config = read_number(TRACING "events/raw_syscalls/sys_enter/id");
		counter = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
		if (counter < 0)
			err(1, "perf_event_open");
	}
	return !ioctl(counter, PERF_EVENT_IOC_RESET, 0) && !ioctl(counter, PERF_EVENT_IOC_ENABLE, 0);
}

uint64_t syscalls_end(void)
{
	uint64_t count;

	ioctl(counter, PERF_EVENT_IOC_DISABLE, 0);
	if (read(counter, &count, sizeof(count)) != sizeof(count))
		err(1, "system calls");
	return count;
}

/* --- who copies --------------------------------------------------------------------------- */

/*
 * Every copy between user space and kernel of a length that the compiler does not know is checked
 * by __check_object_size(), whichever function does it. Files in /proc come in pages at most.
 */
#define PROBE	"p:cen_copy __check_object_size n=%si:u64\n"
#define EVENT	TRACING "events/kprobes/cen_copy/"
#define TRIGGER	"hist:keys=common_pid:vals=n if n > 4096"

static bool probe_events(const char *text)
{
	int fd = open(TRACING "kprobe_events", O_WRONLY | O_APPEND | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) >= 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

bool copies_begin(void)
{
	if (!probe_events(PROBE))
		return false;
	write_file(EVENT "trigger", TRIGGER);
	return true;
}

/* Lines "{ common_pid: 123 } hitcount: 4  n: 5678". */
uint64_t copies_end(void)
{
	unsigned long long pid, hits, bytes, all = 0;
	FILE *file = fopen(EVENT "hist", "re");
	char line[256];

	if (!file)
		err(1, "%s", EVENT "hist");
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "{ common_pid: %llu } hitcount: %llu n: %llu", &pid, &hits, &bytes) == 3 &&
		    pid == (unsigned long long)getpid())
			all += bytes;
	fclose(file);
	write_file(EVENT "trigger", "!" TRIGGER);
	if (!probe_events("-:cen_copy\n"))
		err(1, "kprobe_events");
	return all;
}
