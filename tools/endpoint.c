// SPDX-License-Identifier: GPL-2.0
/* The ends of a stream: ports and files. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cenctl.h"
#include "endpoint.h"
#include "flow.h"

/* ------------------------------------------------------------------- ports */

static int port_attach(struct endpoint *end, struct block *block)
{
	return cen_port_attach(end->port, block->buf);
}

static int port_start(struct endpoint *end)
{
	(void)end;
	return 0;
}

static int port_enqueue(struct endpoint *end, struct block *block, uint64_t length)
{
	return cen_port_enqueue(end->port, block->buf, 0, length, block->index);
}

static int port_poll_fd(struct endpoint *end)
{
	return cen_port_fd(end->port);
}

static int port_reap(struct endpoint *end, struct ended *list, unsigned int room)
{
	struct cen_completion done[32];
	int count;

	if (room > ARRAY_SIZE(done))
		room = ARRAY_SIZE(done);
	count = cen_port_wait(end->port, done, room, 0);
	if (count < 0)
		return errno == ETIMEDOUT || errno == EINTR ? 0 : -1;
	for (int i = 0; i < count; i++)
		list[i] = (struct ended) {
			.index = (unsigned int)done[i].user_data,
			.status = done[i].status,
			.actual = done[i].actual,
			.time = done[i].timestamp,
		};
	return count;
}

static void port_cancel(struct endpoint *end)
{
	(void)cen_port_cancel_all(end->port);
}

static void port_close(struct endpoint *end)
{
	cen_port_close(end->port);
}

static const struct endpoint_ops port_ops = {
	.attach = port_attach,
	.start = port_start,
	.enqueue = port_enqueue,
	.poll_fd = port_poll_fd,
	.reap = port_reap,
	.cancel = port_cancel,
	.close = port_close,
};

static int open_port(struct endpoint *end, const char *name)
{
	struct cen_port_info info;

	end->port = cen_port_open(name);
	if (!end->port || cen_port_get_info(end->port, &info)) {
		warnx("%s", cen_error());
		return EXIT_TROUBLE;
	}
	if (cen_port_is_sink(end->port) != end->sink) {
		warnx("%s: the port is a %s, not a %s", end->spec, end->sink ? "source" : "sink",
		      end->sink ? "sink" : "source");
		return EXIT_USAGE;
	}
	memcpy(end->device, info.device, sizeof(end->device));
	end->granule = info.granule;
	end->ops = &port_ops;
	return EXIT_OK;
}

/* "cen0" is short for its first endpoint in this direction; "cen0-in1" names one. */
static int open_usb(struct endpoint *end, const char *name)
{
	struct cen_port_list *list = cen_port_list_new();
	char port[CEN_PORT_NAME_LEN], prefix[CEN_PORT_NAME_LEN];
	const struct cen_port_info *info;

	snprintf(port, sizeof(port), "usb-%s", name);
	snprintf(prefix, sizeof(prefix), "usb-%s-", name);
	for (size_t i = 0; list && (info = cen_port_list_get(list, i)); i++) {
		if (strncmp(info->name, prefix, strlen(prefix)) ||
		    (info->direction == CEN_PORT_SINK) != end->sink)
			continue;
		snprintf(port, sizeof(port), "%s", info->name);
		break;
	}
	cen_port_list_free(list);
	return open_port(end, port);
}

/* ------------------------------------------------------------------- files */

/*
 * Who gave us standard input may have made it non-blocking, for itself as well: that is not ours
 * to change. An IIO device waits in read().
 */
ssize_t read_all(const struct endpoint *end, void *data, size_t length)
{
	size_t got = 0;

	while (got < length) {
		ssize_t n;

		if (!end->iio && flow_await_input(end->fd))
			break;
		n = read(end->fd, (char *)data + got, length - got);
		if (n < 0 && ((errno == EINTR && !flow_stopped()) || (errno == EAGAIN && !end->iio)))
			continue;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

/* What was begun is written to its end, also when somebody says stop. */
ssize_t write_all(const struct endpoint *end, const void *data, size_t length)
{
	struct pollfd output = { .fd = end->fd, .events = POLLOUT };
	size_t put = 0;

	while (put < length) {
		ssize_t n = write(end->fd, (const char *)data + put, length - put);

		if (n < 0 && errno == EAGAIN)
			(void)poll(&output, 1, -1);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return -errno;
		put += (size_t)n;
	}
	return (ssize_t)put;
}

static int open_file(struct endpoint *end, const char *path)
{
	if (!strcmp(path, "-"))
		end->fd = fcntl(end->sink ? STDOUT_FILENO : STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else if (end->sink)
		end->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	else
		end->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (end->fd < 0) {
		warn("%s", path);
		return EXIT_TROUBLE;
	}
	end->granule = 1;
	return EXIT_OK;
}

/* What standard output is, is for the shell to say: ">>" appends. */
int file_empty(struct endpoint *end)
{
	struct stat stat;

	if (!strcmp(end->spec, "file:-") || fstat(end->fd, &stat) || !S_ISREG(stat.st_mode) ||
	    !ftruncate(end->fd, 0))
		return EXIT_OK;
	warn("%s", end->spec);
	return EXIT_TROUBLE;
}

/* The descriptor is gone in any case. After EINTR nobody knows whether what was written is kept. */
int file_close(struct endpoint *end)
{
	int error = close(end->fd) ? -errno : 0;

	end->fd = -1;
	return error;
}

bool file_is_same(const struct endpoint *a, const struct endpoint *b)
{
	struct stat x, y;

	return !fstat(a->fd, &x) && !fstat(b->fd, &y) && S_ISREG(x.st_mode) &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* --------------------------------------------------------------------- all */

static const struct {
	const char *prefix;
	int (*open)(struct endpoint *end, const char *name);
} kinds[] = {
	{ "port:", open_port },
	{ "usb:", open_usb },
	{ "iio:", iio_end_open },
	{ "file:", open_file },
};

static void endpoint_init(struct endpoint *end, const char *spec, bool sink)
{
	memset(end, 0, sizeof(*end));
	end->spec = spec;
	end->sink = sink;
	end->fd = -1;
}

/* The kind @spec begins with, and what stands behind it; -1, said why: none. */
static int find_kind(const char *spec, const char **name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t length = strlen(kinds[i].prefix);

		*name = spec + length;
		if (!strncmp(spec, kinds[i].prefix, length) && **name)
			return (int)i;
	}
	warnx("'%s' is no end of a stream: port:NAME, usb:NAME, iio:DEVICE or file:PATH is accepted",
	      spec);
	return -1;
}

int endpoint_check(const char *spec, bool *device)
{
	const char *name;
	int kind = find_kind(spec, &name);

	if (kind < 0)
		return EXIT_USAGE;
	*device = kinds[kind].open != open_file;
	return EXIT_OK;
}

int endpoint_open(struct endpoint *end, const char *spec, bool sink)
{
	const char *name;
	int kind = find_kind(spec, &name);

	endpoint_init(end, spec, sink);
	return kind < 0 ? EXIT_USAGE : kinds[kind].open(end, name);
}

int endpoint_open_port(struct endpoint *end, const char *spec, bool sink)
{
	char name[CEN_PORT_NAME_LEN];
	int error;

	if (!strncmp(spec, "iio:", 4)) {
		endpoint_init(end, spec, sink);
		error = iio_port(spec + 4, name);
		if (!error)
			return open_port(end, name);
		warnx("%s: %s", spec, error == -ENOENT ? "no such IIO device, or no port behind its buffer" :
		      strerror(-error));
		return EXIT_TROUBLE;
	}
	if (!strncmp(spec, "file:", 5)) {
		endpoint_init(end, spec, sink);
		warnx("%s: a link goes between ports; cenctl stream reads and writes files", spec);
		return EXIT_USAGE;
	}
	return endpoint_open(end, spec, sink);
}

void endpoint_close(struct endpoint *end)
{
	if (end->ops)
		end->ops->close(end);
	else if (end->port)
		cen_port_close(end->port);
	if (end->fd >= 0)
		close(end->fd);
	end->fd = -1;
}
