// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Links: made, watched, ended. */
#include <unistd.h>

#include "port.h"

struct cen_link {
	int fd;
	char name[2 * CEN_PORT_NAME_LEN + 8];	/* for messages */
};

static int link_say(int error, const struct cen_port *source)
{
	switch (error) {
	case -EINVAL:
		return cen_say(error, "link: a source, 1 to %d sinks, 2 or more buffers and a length that fits them and is a multiple of %llu bytes are accepted",
			       CEN_LINK_MAX_SINKS, (unsigned long long)source->info.granule);
	case -ENOENT:
		return cen_say(error, "link: a buffer is not attached to every port");
	case -EBUSY:
		return cen_say(error, "link: a buffer belongs to another link, or has a transfer queued");
	default:
		return cen_say(error, "link from %s: %s", source->info.name, strerror(-error));
	}
}

static int make_link(struct cen_link *link, struct cen_port *source,
		     struct cen_port *const *sinks, size_t sink_count,
		     struct cen_buffer *const *buffers, struct cen_port_link *arg)
{
	int32_t sink_fds[CEN_LINK_MAX_SINKS], *fds;
	int error;

	if (!sink_count || sink_count > CEN_LINK_MAX_SINKS || arg->buffer_count < 2)
		return link_say(-EINVAL, source);
	for (size_t i = 0; i < sink_count; i++)
		sink_fds[i] = sinks[i]->fd;
	fds = calloc(arg->buffer_count, sizeof(*fds));
	if (!fds)
		return cen_say(-ENOMEM, "out of memory");
	for (size_t i = 0; i < arg->buffer_count; i++)
		fds[i] = buffers[i]->fd;
	arg->buffers = (uintptr_t)fds;
	arg->sinks = (uintptr_t)sink_fds;
	arg->sink_count = (uint32_t)sink_count;
	error = cen_ioctl(source->fd, CEN_PORT_IOC_LINK, arg);
	free(fds);
	if (error)
		return link_say(error, source);
	link->fd = arg->fd;
	snprintf(link->name, sizeof(link->name), "%s -> %s", source->info.name,
		 sinks[0]->info.name);
	return 0;
}

CEN_API struct cen_link *cen_link_new(struct cen_port *source, struct cen_port *const *sinks,
				      size_t sink_count, struct cen_buffer *const *buffers,
				      size_t buffer_count, uint64_t length, uint64_t blocks,
				      uint32_t flags)
{
	struct cen_port_link arg = {
		.length = length, .blocks = blocks, .flags = flags,
		.buffer_count = (uint32_t)buffer_count,
	};
	struct cen_link *link = calloc(1, sizeof(*link));
	int error;

	if (!link)
		return cen_ret_null(cen_say(-ENOMEM, "out of memory"));
	error = make_link(link, source, sinks, sink_count, buffers, &arg);
	if (error) {
		free(link);
		return cen_ret_null(error);
	}
	return link;
}

CEN_API void cen_link_free(struct cen_link *link)
{
	int saved = errno;

	if (!link)
		return;
	close(link->fd);
	free(link);
	errno = saved;
}

CEN_API int cen_link_fd(const struct cen_link *link)
{
	return link->fd;
}

CEN_API int cen_link_get_stats(struct cen_link *link, struct cen_link_stats *stats)
{
	int error = cen_ioctl(link->fd, CEN_LINK_IOC_STATS, stats);

	return cen_ret(error ? cen_say(error, "%s: %s", link->name, strerror(-error)) : 0);
}

CEN_API int cen_link_stop(struct cen_link *link, uint32_t mode)
{
	struct cen_link_stop arg = { .mode = mode };
	int error = cen_ioctl(link->fd, CEN_LINK_IOC_STOP, &arg);

	return cen_ret(error ? cen_say(error, "%s: stop: %s", link->name, strerror(-error)) : 0);
}

CEN_API int cen_link_wait(struct cen_link *link, int timeout)
{
	int error = cen_port_poll(link->fd, timeout);

	return cen_ret(error ? cen_say(error, "%s: %s", link->name, error == -ETIMEDOUT ?
				       "still running" : strerror(-error)) : 0);
}
