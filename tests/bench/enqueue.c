// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs the program to queue one buffer: on our ports, on mainline's FunctionFS and
 * on mainline's IIO interface; with few and with many buffers attached; on many ports. The
 * hardware stands still meanwhile, so that nothing completes and only the call is timed.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "flows.h"

struct iio_dmabuf {
	uint32_t fd;
	uint32_t flags;
	uint64_t bytes_used;
};
#define IIO_BUFFER_GET_FD	_IOWR('i', 0x91, int)
#define IIO_DMABUF_ATTACH	_IOW('i', 0x92, int)
#define IIO_DMABUF_ENQUEUE	_IOW('i', 0x94, struct iio_dmabuf)

#define BATCH	16
#define TURNS	60
#define SIZE	(64 * KIB)
#define MANY	1000

static struct cen_ctx *ctx;

/* Somewhere to queue a buffer. */
struct place {
	struct cen_port *port;	/* ours; NULL: mainline's */
	int fd;
	int (*enqueue)(struct place *place, struct cen_buffer *buf);
	const char *hang;	/* file that stops its hardware */
};

static int enqueue_port(struct place *place, struct cen_buffer *buf)
{
	struct cen_port_enqueue arg = { .fd = cen_buffer_fd(buf), .length = SIZE };

	return ioctl(place->fd, CEN_PORT_IOC_ENQUEUE, &arg);
}

static int enqueue_ffs(struct place *place, struct cen_buffer *buf)
{
	return ffs_transfer(place->fd, cen_buffer_fd(buf), SIZE);
}

static int enqueue_iio(struct place *place, struct cen_buffer *buf)
{
	struct iio_dmabuf arg = { .fd = (uint32_t)cen_buffer_fd(buf), .bytes_used = SIZE };

	return ioctl(place->fd, IIO_DMABUF_ENQUEUE, &arg);
}

/* Whoever queued it: its fences tell. */
static void wait_for(struct cen_buffer *buf)
{
	struct pollfd fd = { .fd = cen_buffer_fd(buf), .events = POLLIN | POLLOUT };

	while (poll(&fd, 1, 5000) == 1 && (fd.revents & fd.events) != fd.events)
		;
	if ((fd.revents & fd.events) != fd.events)
		errx(1, "a buffer does not come back");
}

/* µs of CPU time per call, median of turns. Each of the @count buffers once: their fences
 * would queue up behind each other.
 */
static double time_place(struct place *place, struct cen_buffer **bufs, unsigned int count,
			 double *values)
{
	struct cen_completion done[BATCH];

	for (unsigned int turn = 0; turn < TURNS; turn++) {
		uint64_t took;

		write_file(place->hang, "1");
		took = thread_ns();
		for (unsigned int i = 0; i < count; i++)
			if (place->enqueue(place, bufs[i]))
				err(1, "enqueue");
		values[turn] = (double)(thread_ns() - took) / count / 1e3;
		write_file(place->hang, "0");
		for (unsigned int i = 0; i < count; i++)
			wait_for(bufs[i]);
		for (unsigned int got = 0; place->port && got < count;) {
			int n = cen_port_wait(place->port, done, BATCH, 5000);

			if (n < 0)
				errx(1, "%s", cen_error());
			got += (unsigned int)n;
		}
	}
	return median(values, TURNS);
}

static struct cen_buffer *buffer_for(const char *device)
{
	struct cen_buffer *buf = cen_buffer_new(ctx, SIZE);

	if (!buf || cen_buffer_declare(buf, device) || cen_buffer_commit(buf))
		errx(1, "%s", cen_error());
	return buf;
}

static void report(const char *key, const char *cpu_key, double *ours, double *theirs)
{
	double ratios[TURNS];

	figure(cpu_key, "us", median(theirs, TURNS), spread(theirs, TURNS));
	for (unsigned int i = 0; i < TURNS; i++)
		ratios[i] = ours[i] / theirs[i];
	figure(key, "ratio", median(ours, TURNS) / median(theirs, TURNS), spread(ratios, TURNS));
}

#define HOST(udc)	"/sys/kernel/debug/cen_sim_udc/cen_sim_udc." udc "/ep1in/hang"

/* The same controller model under both. */
static void against_ffs(void)
{
	struct place ours = { .enqueue = enqueue_port, .hang = HOST("0") };
	struct place theirs = { .enqueue = enqueue_ffs, .hang = HOST("1") };
	struct cen_buffer *a[BATCH], *b[BATCH];
	double us[TURNS], them[TURNS];

	ours.port = cen_port_open(USB_PORT);
	theirs.fd = flows_ffs.in;
	if (!ours.port)
		errx(1, "%s", cen_error());
	ours.fd = cen_port_fd(ours.port);
	for (unsigned int i = 0; i < BATCH; i++) {
		a[i] = buffer_for("platform:cen_sim_udc.0");
		b[i] = buffer_for("platform:cen_sim_udc.1");
		if (cen_port_attach(ours.port, a[i]))
			errx(1, "%s", cen_error());
		if (ffs_attach(theirs.fd, cen_buffer_fd(b[i])))
			err(1, "FUNCTIONFS_DMABUF_ATTACH");
	}
	time_place(&ours, a, BATCH, us);
	time_place(&theirs, b, BATCH, them);
	figure("enqueue.cpu.port_usb", "us", median(us, TURNS), spread(us, TURNS));
	report("enqueue.cpu.vs_mainline_ffs", "enqueue.cpu.mainline_ffs", us, them);
	cen_port_close(ours.port);
	for (unsigned int i = 0; i < BATCH; i++) {
		if (ffs_detach(theirs.fd, cen_buffer_fd(b[i])))
			err(1, "FUNCTIONFS_DMABUF_DETACH");
		cen_buffer_free(a[i]);
		cen_buffer_free(b[i]);
	}
}

static int iio_buffer(void)
{
	int device = iio_open(), fd = 0;

	if (ioctl(device, IIO_BUFFER_GET_FD, &fd))
		err(1, "IIO buffer");
	close(device);
	return fd;
}

/* Mainline's ioctl leads to the same engine: what the IIO core adds. */
static void against_iio(void)
{
	struct place ours = { .enqueue = enqueue_port, .hang = RADIO "rx/hang" };
	struct place theirs = { .enqueue = enqueue_iio, .hang = RADIO "rx/hang" };
	struct cen_buffer *a[BATCH], *b[BATCH];
	double us[TURNS], them[TURNS];

	ours.port = cen_port_open("sdr0-rx");
	if (!ours.port)
		errx(1, "%s", cen_error());
	ours.fd = cen_port_fd(ours.port);
	theirs.fd = iio_buffer();
	for (unsigned int i = 0; i < BATCH; i++) {
		int fd;

		a[i] = buffer_for("platform:cen_sim_sdr.0");
		b[i] = buffer_for("platform:cen_sim_sdr.0");
		fd = cen_buffer_fd(b[i]);
		if (cen_port_attach(ours.port, a[i]))
			errx(1, "%s", cen_error());
		if (ioctl(theirs.fd, IIO_DMABUF_ATTACH, &fd))
			err(1, "IIO_BUFFER_DMABUF_ATTACH");
	}
	/* enabled with blocks attached it moves blocks, and nothing by itself */
	iio_write("buffer0/enable", "1");
	time_place(&ours, a, BATCH, us);
	time_place(&theirs, b, BATCH, them);
	iio_write("buffer0/enable", "0");
	figure("enqueue.cpu.port_iio", "us", median(us, TURNS), spread(us, TURNS));
	report("enqueue.cpu.vs_mainline_iio", "enqueue.cpu.mainline_iio", us, them);
	close(theirs.fd);
	cen_port_close(ours.port);
	for (unsigned int i = 0; i < BATCH; i++) {
		cen_buffer_free(a[i]);
		cen_buffer_free(b[i]);
	}
}

/* The same call with 1 … 1000 buffers attached. */
static void many_buffers(void)
{
	static const unsigned int counts[] = { 1, 10, 100, MANY };
	struct place place = { .enqueue = enqueue_port, .hang = RADIO "rx/hang" };
	struct cen_buffer **bufs = calloc(MANY, sizeof(*bufs));
	double values[TURNS], one = 0, value;
	unsigned int attached = 0;
	char key[64];

	place.port = cen_port_open("sdr0-rx");
	if (!place.port || !bufs)
		errx(1, "%s", cen_error());
	place.fd = cen_port_fd(place.port);
	for (unsigned int i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (; attached < counts[i]; attached++) {
			bufs[attached] = cen_port_buffer_new(ctx, &place.port, 1, SIZE);
			if (!bufs[attached])
				errx(1, "%s", cen_error());
		}
		value = time_place(&place, bufs + attached - 1, 1, values);
		one = one ?: value;
		snprintf(key, sizeof(key), "scale.enqueue.%u_buffers", counts[i]);
		figure(key, "us", value, spread(values, TURNS));
	}
	figure("scale.enqueue.1000_vs_1", "ratio", value / one, 0);
	cen_port_close(place.port);
	for (unsigned int i = 0; i < attached; i++)
		cen_buffer_free(bufs[i]);
	free(bufs);
}

#define PORTS_MAX	64

/* The CPU's time for a block, from enqueue to completion read, on 1 … 64 ports at once. */
static double blocks_on(unsigned int count, unsigned int rounds)
{
	struct cen_port *ports[PORTS_MAX];
	struct cen_buffer *bufs[PORTS_MAX];
	struct cen_completion done;
	uint64_t busy, wall;
	char name[32];

	for (unsigned int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "sdr%u-%s", i / 2, i % 2 ? "tx" : "rx");
		ports[i] = cen_port_open(name);
		if (!ports[i])
			errx(1, "%s", cen_error());
		bufs[i] = cen_port_buffer_new(ctx, &ports[i], 1, SIZE);
		if (!bufs[i])
			errx(1, "%s", cen_error());
	}
	busy = busy_ns();
	wall = now_ns();
	for (unsigned int round = 0; round < rounds; round++) {
		for (unsigned int i = 0; i < count; i++)
			if (cen_port_enqueue(ports[i], bufs[i], 0, SIZE, 0))
				errx(1, "%s", cen_error());
		for (unsigned int i = 0; i < count; i++)
			if (cen_port_wait(ports[i], &done, 1, 5000) != 1)
				errx(1, "%s", cen_error());
	}
	wall = now_ns() - wall;
	busy = busy_ns() - busy;
	for (unsigned int i = 0; i < count; i++) {
		cen_port_close(ports[i]);
		cen_buffer_free(bufs[i]);
	}
	return net_ns(busy, wall) / 1e3 / rounds / count;
}

static void many_ports(unsigned int scale)
{
	static const unsigned int counts[] = { 1, 8, PORTS_MAX };
	double values[5], first = 0, value = 0;
	char key[64];

	for (unsigned int i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (unsigned int turn = 0; turn < 5; turn++)
			values[turn] = blocks_on(counts[i], 4000 / counts[i] / scale + 1);
		value = median(values, 5);
		first = first ?: value;
		snprintf(key, sizeof(key), "scale.cpu_per_block.%u_ports", counts[i]);
		figure(key, "us", value, spread(values, 5));
	}
	figure("scale.cpu_per_block.64_vs_1_port", "ratio", value / first, 0);
}

void bench_enqueue(unsigned int scale)
{
	ctx = cen_ctx_open(CEN_CTX_MODULE);
	if (!ctx)
		errx(1, "%s", cen_error());
	against_ffs();
	against_iio();
	many_buffers();
	many_ports(scale);
	cen_ctx_close(ctx);
}
