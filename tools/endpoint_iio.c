// SPDX-License-Identifier: GPL-2.0
/*
 * An IIO device as an end of a stream, through mainline's IIO_BUFFER_DMABUF_*: with any driver
 * that has them. Blocks end in the order they were queued; when one has, and how, the fence
 * tells that the core put into the buffer.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/sync_file.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cenctl.h"
#include "endpoint.h"
#include "flow.h"

/* <linux/iio/buffer.h> of 6.11 on; Debian 12's headers are older. */
struct iio_dmabuf {
	uint32_t fd;
	uint32_t flags;
	uint64_t bytes_used;
};
#define IIO_BUFFER_GET_FD_IOCTL		_IOWR('i', 0x91, int)
#define IIO_BUFFER_DMABUF_ATTACH_IOCTL	_IOW('i', 0x92, int)
#define IIO_BUFFER_DMABUF_ENQUEUE_IOCTL	_IOW('i', 0x94, struct iio_dmabuf)

#define IIO_SYSFS	"/sys/bus/iio/devices"
#define PORT_SYSFS	"/sys/class/cen_port"

/* @queue: a ring of what is queued, each with its fence. */
struct iio_end {
	char dir[256];
	bool enabled;
	unsigned int first, count;
	struct {
		unsigned int index;
		int fence;
		uint64_t length;
	} queue[DEPTH_MAX];
};

static int read_line(const char *dir, const char *file, char *text, size_t room)
{
	char path[512];
	ssize_t len;
	int fd, error;

	*text = '\0';
	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, text, room - 1);
	error = len < 0 ? -errno : 0;
	close(fd);
	text[len < 0 ? 0 : len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return error;
}

static int write_line(const char *dir, const char *file, const char *text)
{
	char path[512];
	int fd, error = 0;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		error = -errno;
	close(fd);
	return error;
}

int iio_find(const char *name, char *dir, size_t room)
{
	const char *base = strncmp(name, "/dev/", 5) ? name : name + 5;
	struct dirent *entry;
	char text[64];
	int error = -ENOENT;
	DIR *list = opendir(IIO_SYSFS);

	while (list && error && (entry = readdir(list))) {
		if (strncmp(entry->d_name, "iio:device", 10))
			continue;
		snprintf(dir, room, IIO_SYSFS "/%s", entry->d_name);
		if (!strcmp(base, entry->d_name) || !strcmp(base, entry->d_name + 4) ||
		    (!read_line(dir, "name", text, sizeof(text)) && !strcmp(base, text)))
			error = 0;
	}
	if (list)
		closedir(list);
	return error;
}

int iio_port(const char *name, char port[CEN_PORT_NAME_LEN])
{
	char dir[256];
	int error = iio_find(name, dir, sizeof(dir));

	return error ? error : read_line(dir, "buffer0/port", port, CEN_PORT_NAME_LEN);
}

/* Scan elements are the user's choice; who made none gets them all. */
static int choose_channels(const char *dir)
{
	char buffer[300], text[8];
	struct dirent *entry;
	bool any = false;
	int error = 0;
	DIR *list;

	snprintf(buffer, sizeof(buffer), "%s/buffer0", dir);
	for (int pass = 0; pass < 2 && !any; pass++) {
		list = opendir(buffer);
		if (!list)
			return -errno;
		while ((entry = readdir(list))) {
			size_t length = strlen(entry->d_name);

			if (length < 4 || strcmp(entry->d_name + length - 3, "_en"))
				continue;
			if (pass) {
				error = error ?: write_line(buffer, entry->d_name, "1");
				continue;
			}
			if (!read_line(buffer, entry->d_name, text, sizeof(text)) && *text == '1')
				any = true;
		}
		closedir(list);
	}
	return error;
}

static int enable(struct iio_end *iio, const char *value)
{
	int error = write_line(iio->dir, "buffer0/enable", value);

	if (!error)
		iio->enabled = *value == '1';
	return error;
}

static int iio_attach(struct endpoint *end, struct block *block)
{
	int fd = cen_buffer_fd(block->buf);

	if (fd < 0)
		return -1;
	if (!ioctl(end->fd, IIO_BUFFER_DMABUF_ATTACH_IOCTL, &fd))
		return 0;
	flow_error(errno, "%s: attach: %s", end->spec, errno == ENODEV || errno == ENOTTY ||
		   errno == EPERM ? "its driver's buffers are no dma-bufs" : strerror(errno));
	return -1;
}

static int iio_start(struct endpoint *end)
{
	int error = enable(end->iio, "1");

	if (!error)
		return 0;
	flow_error(-error, "%s: enable: %s", end->spec, strerror(-error));
	return -1;
}

/* The fence is what a reader (a sink: a writer) of the buffer would wait for. */
static int iio_enqueue(struct endpoint *end, struct block *block, uint64_t length)
{
	struct iio_dmabuf arg = { .fd = (uint32_t)cen_buffer_fd(block->buf), .bytes_used = length };
	struct dma_buf_export_sync_file fence = {
		.flags = end->sink ? DMA_BUF_SYNC_WRITE : DMA_BUF_SYNC_READ, .fd = -1,
	};
	struct iio_end *iio = end->iio;
	unsigned int slot = (iio->first + iio->count) % DEPTH_MAX;

	if (ioctl(end->fd, IIO_BUFFER_DMABUF_ENQUEUE_IOCTL, &arg) ||
	    ioctl((int)arg.fd, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &fence)) {
		flow_error(errno, "%s: enqueue: %s", end->spec, strerror(errno));
		return -1;
	}
	iio->queue[slot].index = block->index;
	iio->queue[slot].fence = fence.fd;
	iio->queue[slot].length = length;
	iio->count++;
	return 0;
}

static int iio_poll_fd(struct endpoint *end)
{
	return end->iio->count ? end->iio->queue[end->iio->first].fence : -1;
}

/* Buffers that were cancelled: -ECANCELED from ours, -EINTR from mainline's. */
static int ended_how(int status)
{
	if (status > 0)
		return 0;
	return status == -EINTR ? -ECANCELED : status;
}

static int iio_reap(struct endpoint *end, struct ended *list, unsigned int room)
{
	struct iio_end *iio = end->iio;
	unsigned int count = 0;

	while (count < room && iio->count) {
		struct sync_file_info info = { .status = 0 };
		int fence = iio->queue[iio->first].fence;

		if (ioctl(fence, SYNC_IOC_FILE_INFO, &info) || !info.status)
			break;
		close(fence);
		list[count++] = (struct ended) {
			.index = iio->queue[iio->first].index,
			.status = ended_how(info.status),
			.actual = iio->queue[iio->first].length,
			.time = flow_now(),
		};
		iio->first = (iio->first + 1) % DEPTH_MAX;
		iio->count--;
	}
	return (int)count;
}

static void iio_cancel(struct endpoint *end)
{
	(void)enable(end->iio, "0");
}

static void iio_close(struct endpoint *end)
{
	struct iio_end *iio = end->iio;

	if (iio->enabled)
		(void)enable(iio, "0");
	while (iio->count--) {
		close(iio->queue[iio->first].fence);
		iio->first = (iio->first + 1) % DEPTH_MAX;
	}
	free(iio);
}

static const struct endpoint_ops iio_ops = {
	.attach = iio_attach,
	.start = iio_start,
	.enqueue = iio_enqueue,
	.poll_fd = iio_poll_fd,
	.reap = iio_reap,
	.cancel = iio_cancel,
	.close = iio_close,
};

static int trouble(const struct endpoint *end, const char *what, int error)
{
	warnx("%s: %s: %s", end->spec, what, strerror(error));
	return EXIT_TROUBLE;
}

/* Mainline tells nobody what a device moves at once; a port behind its buffer does. */
static uint64_t granule_of(const char *dir)
{
	char port[CEN_PORT_NAME_LEN], port_dir[sizeof(PORT_SYSFS) + CEN_PORT_NAME_LEN], text[32];
	uint64_t granule;

	if (read_line(dir, "buffer0/port", port, sizeof(port)) || !*port)
		return 1;
	snprintf(port_dir, sizeof(port_dir), PORT_SYSFS "/%s", port);
	if (read_line(port_dir, "granule", text, sizeof(text)))
		return 1;
	granule = strtoull(text, NULL, 10);
	return granule ? granule : 1;
}

int iio_end_open(struct endpoint *end, const char *name)
{
	char node[300], text[16];
	int device, error, buffer = 0;

	end->iio = calloc(1, sizeof(*end->iio));
	if (!end->iio)
		return trouble(end, "memory", ENOMEM);
	end->ops = &iio_ops;
	if (iio_find(name, end->iio->dir, sizeof(end->iio->dir))) {
		warnx("%s: no such IIO device", end->spec);
		return EXIT_TROUBLE;
	}
	if (!read_line(end->iio->dir, "buffer0/direction", text, sizeof(text)) &&
	    !strcmp(text, "out") != end->sink) {
		warnx("%s: the device is a %s, not a %s", end->spec, end->sink ? "source" : "sink",
		      end->sink ? "sink" : "source");
		return EXIT_USAGE;
	}
	error = choose_channels(end->iio->dir);
	if (error)
		return trouble(end, "channels", -error);
	snprintf(node, sizeof(node), "/dev/%s", strrchr(end->iio->dir, '/') + 1);
	device = open(node, O_RDWR | O_CLOEXEC);
	if (device < 0)
		return trouble(end, node, errno);
	if (ioctl(device, IIO_BUFFER_GET_FD_IOCTL, &buffer)) {
		error = errno;
		close(device);
		return trouble(end, "buffer", error);
	}
	close(device);
	end->fd = buffer;
	end->granule = granule_of(end->iio->dir);
	if (cen_device_resolve(node, end->device)) {
		warnx("%s", cen_error());
		return EXIT_TROUBLE;
	}
	return EXIT_OK;
}

/* Two halves of the buffer's length make a block, in scans, whose size the core knows. */
int iio_end_enable(struct endpoint *end, uint64_t size)
{
	char text[32];
	int error;

	/* a scan is 8 bytes with the radio; a longer one only makes blocks longer */
	snprintf(text, sizeof(text), "%llu", (unsigned long long)(2 * size / 8));
	error = write_line(end->iio->dir, "buffer0/length", text);
	if (!error)
		error = enable(end->iio, "1");
	if (!error)
		return 0;
	flow_error(-error, "%s: enable: %s", end->spec, strerror(-error));
	return -1;
}
