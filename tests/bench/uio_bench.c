// SPDX-License-Identifier: GPL-2.0
/*
 * What a transfer by edu costs when user space drives the device (cen_uio: a program of
 * registers, wait, look) against one ioctl of a driver in the kernel (cen_edu).
 *
 *	uio_bench RULES [SCALE]			JSON on stdout
 *
 * A transfer takes edu 100 ms whoever asks, so what is compared is CPU time: of this
 * process, and of the interrupt's thread in the kernel, which only UIO has. The
 * drivers take turns.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <cen-uio.h>

#include "../../examples/edu/cen_edu.h"

#define TURNS		4
#define TRANSFERS	8	/* of a turn */
#define LENGTH		4000U
#define OWN		0x40000

enum who { UIO, KERNEL, WHO };

static struct {
	double cpu[TURNS * TRANSFERS];	/* us */
	double wall[TURNS * TRANSFERS];
	unsigned int count;
} took[WHO];

static char pci[32], device[64], irq_thread[64];

static double clock_us(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

/* Nanoseconds on a CPU so far, of a task given by its directory in /proc. */
static double task_us(const char *task)
{
	char path[96];
	unsigned long long ns = 0;
	FILE *file;

	if (!task[0])
		return 0;
	snprintf(path, sizeof(path), "%s/schedstat", task);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%llu", &ns) != 1)
		ns = 0;
	fclose(file);
	return ns / 1e3;
}

static void find_irq_thread(void)
{
	char path[300], name[32];
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	FILE *file;

	irq_thread[0] = 0;
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		file = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' ? fopen(path, "re") : NULL;
		if (!file)
			continue;
		if (fgets(name, sizeof(name), file) && !strncmp(name, "irq/", 4) &&
		    strstr(name, "cen_uio"))
			snprintf(irq_thread, sizeof(irq_thread), "/proc/%.20s", entry->d_name);
		fclose(file);
	}
	if (dir)
		closedir(dir);
}

static void find_edu(void)
{
	struct dirent *entry;
	DIR *dir = opendir("/sys/bus/pci/devices");
	char path[300], id[16];
	FILE *file;

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/device", entry->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (fgets(id, sizeof(id), file) && !strncmp(id, "0x11e8", 6))
			snprintf(pci, sizeof(pci), "%.31s", entry->d_name);
		fclose(file);
	}
	if (dir)
		closedir(dir);
	if (!pci[0])
		errx(1, "no edu device");
	snprintf(device, sizeof(device), "pci:%s", pci);
}

static struct cen_buffer *edu_buffer(struct cen_ctx *ctx)
{
	struct cen_buffer *buf = cen_buffer_new(ctx, 8192);

	if (!buf || cen_buffer_declare(buf, device) || cen_buffer_commit(buf))
		errx(1, "%s", cen_error());
	return buf;
}

static void note(enum who who, double cpu, double wall)
{
	took[who].cpu[took[who].count] = cpu;
	took[who].wall[took[who].count++] = wall;
}

/* The driver's part in user space: as examples/uio_edu has it. */
static void uio_transfer(struct cen_uio *edu, int handle)
{
	const struct cen_uio_write list[] = {
		cen_uio_address(0, 0x80, handle, 0, LENGTH),
		cen_uio_value(0, 0x88, OWN),
		cen_uio_value(0, 0x90, LENGTH),
		cen_uio_value(0, 0x98, 5),
	};
	uint64_t command = 1;

	if (cen_uio_program(edu, list, 4))
		errx(1, "%s", cen_error());
	while (command & 1)
		if (cen_uio_wait(edu, 10000) < 0 || cen_uio_read(edu, 0, 0x98, &command))
			errx(1, "%s", cen_error());
}

static void uio_turn(struct cen_ctx *ctx, const char *rules, unsigned int transfers)
{
	struct cen_uio *edu;
	struct cen_buffer *buf;
	int handle;

	if (cen_uio_bind(device, rules) || !(edu = cen_uio_open(device)))
		errx(1, "%s", cen_error());
	find_irq_thread();
	buf = edu_buffer(ctx);
	handle = cen_uio_attach(edu, buf, CEN_UIO_TO_DEVICE);
	if (handle < 0)
		errx(1, "%s", cen_error());
	uio_transfer(edu, handle);
	for (unsigned int i = 0; i < transfers; i++) {
		double thread = task_us(irq_thread);
		double wall = clock_us(CLOCK_MONOTONIC);
		double cpu = clock_us(CLOCK_PROCESS_CPUTIME_ID);

		uio_transfer(edu, handle);
		cpu = clock_us(CLOCK_PROCESS_CPUTIME_ID) - cpu;
		wall = clock_us(CLOCK_MONOTONIC) - wall;
		note(UIO, cpu + task_us(irq_thread) - thread, wall);
	}
	cen_uio_close(edu);
	cen_buffer_free(buf);
	if (cen_uio_unbind(device))
		errx(1, "%s", cen_error());
}

static int open_kernel_driver(void)
{
	char path[320];
	struct dirent *entry;
	DIR *dir;
	int fd = -1;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/misc", pci);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "cen_edu", 7))
			continue;
		snprintf(path, sizeof(path), "/dev/%.31s", entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	if (dir)
		closedir(dir);
	if (fd < 0)
		errx(1, "%s has no cen_edu", device);
	return fd;
}

static void kernel_turn(struct cen_ctx *ctx, unsigned int transfers)
{
	struct cen_edu_transfer transfer = { .length = LENGTH, .direction = CEN_EDU_FROM_MEMORY };
	struct cen_buffer *buf = edu_buffer(ctx);
	struct cen_edu_attach attach = { .fd = cen_buffer_fd(buf) };
	int fd = open_kernel_driver();

	if (ioctl(fd, CEN_EDU_IOC_ATTACH, &attach))
		err(1, "cen_edu: attach");
	transfer.handle = attach.handle;
	for (unsigned int i = 0; i <= transfers; i++) {
		double wall = clock_us(CLOCK_MONOTONIC);
		double cpu = clock_us(CLOCK_PROCESS_CPUTIME_ID);

		if (ioctl(fd, CEN_EDU_IOC_TRANSFER, &transfer))
			err(1, "cen_edu: transfer");
		cpu = clock_us(CLOCK_PROCESS_CPUTIME_ID) - cpu;
		/* the first warms caches */
		if (i)
			note(KERNEL, cpu, clock_us(CLOCK_MONOTONIC) - wall);
	}
	close(fd);
	cen_buffer_free(buf);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(double *values, unsigned int n, double q)
{
	qsort(values, n, sizeof(*values), compare);
	return values[(unsigned int)(q * (n - 1) + 0.5)];
}

static double spread(double *values, unsigned int n)
{
	return (quantile(values, n, 0.75) - quantile(values, n, 0.25)) / quantile(values, n, 0.5);
}

static void figure(const char *key, const char *unit, double value, double spread, bool last)
{
	printf("  \"%s\": {\"value\": %.4g, \"unit\": \"%s\", \"spread\": %.3g}%s\n", key, value,
	       unit, spread, last ? "" : ",");
}

int main(int argc, char **argv)
{
	unsigned int scale = argc > 2 ? atoi(argv[2]) : 1, transfers, n;
	struct cen_ctx *ctx = cen_ctx_open(CEN_CTX_MODULE);
	double ratios[TURNS * TRANSFERS];

	if (argc < 2 || !scale || !ctx)
		errx(1, "usage: uio_bench RULES [SCALE]");
	find_edu();
	transfers = TRANSFERS / scale ?: 1;
	for (unsigned int turn = 0; turn < TURNS; turn++) {
		uio_turn(ctx, argv[1], transfers);
		kernel_turn(ctx, transfers);
	}
	cen_ctx_close(ctx);

	n = took[UIO].count;
	for (unsigned int i = 0; i < n; i++)
		ratios[i] = took[UIO].cpu[i] / took[KERNEL].cpu[i];
	printf("{\n");
	figure("uio.transfer_overhead.vs_kernel_driver", "ratio",
	       quantile(took[UIO].cpu, n, 0.5) / quantile(took[KERNEL].cpu, n, 0.5),
	       spread(ratios, n), false);
	figure("uio.transfer_cpu.cen_uio", "us", quantile(took[UIO].cpu, n, 0.5),
	       spread(took[UIO].cpu, n), false);
	figure("uio.transfer_cpu.cen_edu", "us", quantile(took[KERNEL].cpu, n, 0.5),
	       spread(took[KERNEL].cpu, n), false);
	figure("uio.transfer_wall.cen_uio", "us", quantile(took[UIO].wall, n, 0.5),
	       spread(took[UIO].wall, n), false);
	figure("uio.transfer_wall.cen_edu", "us", quantile(took[KERNEL].wall, n, 0.5),
	       spread(took[KERNEL].wall, n), true);
	printf("}\n");
	return 0;
}
