// SPDX-License-Identifier: GPL-2.0
/*
 * Three ways from the radio to USB:
 *
 *	copy	read() from the IIO device, write() to mainline's FunctionFS
 *	stream	the program hands dma-bufs from port to port
 *	link	the kernel does
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "flows.h"

const char * const path_name[PATHS] = { "copy", "stream", "link" };

static struct cen_ctx *ctx;
static char iio_dir[320];
struct ffs flows_ffs = { .ep0 = -1, .in = -1, .out = -1 };

/* The receiver of radio 0, one of many by that name. */
static void find_iio(void)
{
	DIR *dir = opendir("/sys/bus/iio/devices");
	struct dirent *entry;
	char path[400], name[64], *real;
	FILE *file;

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/sys/bus/iio/devices/%s", entry->d_name);
		real = realpath(path, NULL);
		if (!real || !strstr(real, "/cen_sim_sdr.0/")) {
			free(real);
			continue;
		}
		free(real);
		snprintf(path, sizeof(path), "/sys/bus/iio/devices/%s/name", entry->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (fscanf(file, "%63s", name) == 1 && !strcmp(name, "cen-sdr-rx"))
			snprintf(iio_dir, sizeof(iio_dir), "/sys/bus/iio/devices/%s", entry->d_name);
		fclose(file);
	}
	if (dir)
		closedir(dir);
	if (!iio_dir[0])
		errx(1, "radio 0 is no IIO device");
}

void iio_write(const char *file, const char *text)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/%s", iio_dir, file);
	write_file(path, text);
}

void flows_open(void)
{
	static const char * const channels[] = {
		"in_voltage0_i_en", "in_voltage0_q_en", "in_voltage1_i_en", "in_voltage1_q_en",
	};
	char path[64];

	ctx = cen_ctx_open(CEN_CTX_MODULE);
	if (!ctx)
		errx(1, "%s", cen_error());
	find_iio();
	for (unsigned int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "buffer0/%s", channels[i]);
		iio_write(path, "1");
	}
	if (ffs_open(&flows_ffs, "cen_sim_udc.1", false))
		exit(1);
	/* what the hardware does costs next to nothing */
	write_file(RADIO "rx/pattern", "stamp");
}

/* A path between two looks at the clock. */
struct run {
	uint64_t size;
	uint64_t end;		/* ns */
	uint64_t limit;		/* blocks */
	struct flow flow;
};

static bool over(const struct run *run)
{
	return (run->limit && run->flow.blocks >= run->limit) || now_ns() >= run->end;
}

static void arrived(struct run *run, uint64_t bytes)
{
	run->flow.blocks++;
	run->flow.bytes += bytes;
}

static void begin(struct run *run)
{
	run->flow.overruns = read_number(RADIO "rx/overruns");
	run->flow.busy = (double)busy_ns();
	run->flow.wall = now_ns();
	run->end += run->flow.wall;
}

static void end(struct run *run)
{
	run->flow.wall = now_ns() - run->flow.wall;
	run->flow.busy = net_ns((uint64_t)((double)busy_ns() - run->flow.busy), run->flow.wall);
	run->flow.overruns = read_number(RADIO "rx/overruns") - run->flow.overruns;
}

int iio_open(void)
{
	char node[64];
	int fd;

	snprintf(node, sizeof(node), "/dev/%s", strrchr(iio_dir, '/') + 1);
	fd = open(node, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", node);
	return fd;
}

static void copy(struct run *run)
{
	uint8_t *data = mmap(NULL, run->size, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	char text[32];
	int fd;

	snprintf(text, sizeof(text), "%llu", (unsigned long long)(2 * run->size / SCAN));
	iio_write("buffer0/length", text);
	iio_write("buffer0/enable", "1");
	fd = iio_open();
	if (data == MAP_FAILED)
		err(1, "mmap");
	begin(run);
	while (!over(run)) {
		uint64_t got = 0;

		while (got < run->size) {
			ssize_t n = read(fd, data + got, run->size - got);

			if (n <= 0)
				err(1, "read");
			got += (uint64_t)n;
		}
		if (write(flows_ffs.in, data, got) != (ssize_t)got)
			err(1, "write");
		arrived(run, got);
	}
	end(run);
	close(fd);
	iio_write("buffer0/enable", "0");
	munmap(data, run->size);
}

/* The ports, source first, and the buffers between them. */
struct pipe {
	struct cen_port *ports[2];
	struct cen_buffer *buffers[BUFFERS];
};

static void pipe_open(struct pipe *pipe, uint64_t size)
{
	pipe->ports[0] = cen_port_open("sdr0-rx");
	pipe->ports[1] = cen_port_open(USB_PORT);
	if (!pipe->ports[0] || !pipe->ports[1])
		errx(1, "%s", cen_error());
	for (unsigned int i = 0; i < BUFFERS; i++) {
		pipe->buffers[i] = cen_port_buffer_new(ctx, pipe->ports, 2, size);
		if (!pipe->buffers[i])
			errx(1, "%s", cen_error());
	}
}

static void pipe_close(struct pipe *pipe)
{
	cen_port_close(pipe->ports[0]);
	cen_port_close(pipe->ports[1]);
	for (unsigned int i = 0; i < BUFFERS; i++)
		cen_buffer_free(pipe->buffers[i]);
}

static void hand_over(struct pipe *pipe, unsigned int to, const struct cen_completion *done,
		      uint64_t length)
{
	if (done->status)
		errx(1, "a block failed: %s", strerror(-done->status));
	if (cen_port_enqueue(pipe->ports[to], pipe->buffers[done->user_data], 0, length,
			     done->user_data))
		errx(1, "%s", cen_error());
}

static void stream(struct run *run)
{
	struct cen_completion done[BUFFERS];
	struct pollfd fds[2];
	struct pipe pipe;

	pipe_open(&pipe, run->size);
	for (unsigned int i = 0; i < 2; i++)
		fds[i] = (struct pollfd) { .fd = cen_port_fd(pipe.ports[i]), .events = POLLIN };
	begin(run);
	for (unsigned int i = 0; i < BUFFERS; i++) {
		struct cen_completion empty = { .user_data = i };

		hand_over(&pipe, 0, &empty, run->size);
	}
	while (!over(run)) {
		int count;

		if (poll(fds, 2, 1000) < 0)
			err(1, "poll");
		count = fds[1].revents ? cen_port_wait(pipe.ports[1], done, BUFFERS, 0) : 0;
		for (int i = 0; i < count; i++) {
			arrived(run, done[i].actual);
			hand_over(&pipe, 0, &done[i], run->size);
		}
		count = fds[0].revents ? cen_port_wait(pipe.ports[0], done, BUFFERS, 0) : 0;
		for (int i = 0; i < count; i++)
			hand_over(&pipe, 1, &done[i], done[i].actual);
	}
	end(run);
	pipe_close(&pipe);
}

static void link_ports(struct run *run)
{
	struct cen_link_stats stats;
	struct cen_link *link;
	struct pipe pipe;
	int timeout = -1;

	pipe_open(&pipe, run->size);
	begin(run);
	link = cen_link_new(pipe.ports[0], pipe.ports + 1, 1, pipe.buffers, BUFFERS, run->size,
			    run->limit, 0);
	if (!link)
		errx(1, "%s", cen_error());
	if (!run->limit)
		timeout = (int)((run->end - run->flow.wall) / 1000000);
	if (cen_link_wait(link, timeout) && errno != ETIMEDOUT)
		errx(1, "%s", cen_error());
	end(run);
	if (cen_link_get_stats(link, &stats) || stats.status)
		errx(1, "the link ended: %s", strerror(-stats.status));
	run->flow.blocks = stats.blocks;
	run->flow.bytes = stats.bytes;
	cen_link_free(link);
	pipe_close(&pipe);
}

struct flow flow_run(enum path path, uint64_t size, double seconds, uint64_t blocks, uint64_t rate)
{
	struct run run = { .size = size, .end = (uint64_t)(seconds * 1e9), .limit = blocks };
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)(rate / SCAN));
	write_file(RADIO "rx/rate", text);
	switch (path) {
	case COPY:
		copy(&run);
		break;
	case STREAM:
		stream(&run);
		break;
	default:
		link_ports(&run);
	}
	write_file(RADIO "rx/rate", "0");
	return run.flow;
}
