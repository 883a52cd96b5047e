// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Ports: opened, asked, closed. */
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "port.h"

/* The port whose name is most like @name, for messages; "" when none is near. */
static void nearest_port(const char *name, char near[CEN_PORT_NAME_LEN])
{
	struct cen_port_list *list = cen_port_list_new();
	unsigned int best = (unsigned int)strlen(name) / 2 + 1;
	const struct cen_port_info *info;

	near[0] = '\0';
	for (size_t i = 0; list && (info = cen_port_list_get(list, i)); i++) {
		unsigned int distance = cen_name_distance(name, info->name);

		if (distance >= best)
			continue;
		best = distance;
		memcpy(near, info->name, CEN_PORT_NAME_LEN);
	}
	cen_port_list_free(list);
}

static int say_open(int error, const char *path, const char *name)
{
	char near[CEN_PORT_NAME_LEN];

	switch (error) {
	case -ENOENT:
	case -ENODEV:
	case -ENXIO:
		nearest_port(name, near);
		if (near[0])
			return cen_say(-ENOENT, "%s: no such port; there is %s", path, near);
		return cen_say(-ENOENT, "%s: no such port; cenctl ports lists those there are", path);
	case -EACCES:
	case -EPERM:
		return cen_say(error, "%s: permission denied: its group (cenalloc) may open it", path);
	default:
		return cen_say(error, "%s: %s", path, strerror(-error));
	}
}

static int port_open(struct cen_port *port, const char *name)
{
	char path[256];
	int error;

	snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : "/dev/cen/", name);
	port->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (port->fd < 0)
		return say_open(-errno, path, name);
	error = cen_ioctl(port->fd, CEN_PORT_IOC_INFO, &port->info);
	return error ? cen_say(error, "%s: %s", path,
			       error == -ENOTTY ? "it is no port" : strerror(-error)) : 0;
}

CEN_API struct cen_port *cen_port_open(const char *name)
{
	struct cen_port *port = calloc(1, sizeof(*port));
	int error;

	if (!port)
		return cen_ret_null(cen_say(-ENOMEM, "out of memory"));
	error = port_open(port, name);
	if (error) {
		cen_port_close(port);
		return cen_ret_null(error);
	}
	return port;
}

CEN_API void cen_port_close(struct cen_port *port)
{
	int saved = errno;

	if (!port)
		return;
	if (port->fd >= 0)
		close(port->fd);
	free(port);
	errno = saved;
}

CEN_API int cen_port_fd(const struct cen_port *port)
{
	return port->fd;
}

CEN_API const char *cen_port_name(const struct cen_port *port)
{
	return port->info.name;
}

CEN_API bool cen_port_is_sink(const struct cen_port *port)
{
	return port->info.direction == CEN_PORT_SINK;
}

CEN_API int cen_port_get_info(struct cen_port *port, struct cen_port_info *info)
{
	int error;

	memset(info, 0, sizeof(*info));
	error = cen_ioctl(port->fd, CEN_PORT_IOC_INFO, info);
	return cen_ret(error ? cen_say(error, "%s: %s", port->info.name, strerror(-error)) : 0);
}

int cen_port_poll(int fd, int timeout)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	int ready = poll(&poller, 1, timeout);

	if (ready < 0)
		return -errno;
	return ready ? 0 : -ETIMEDOUT;
}
