// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Buffers at ports, and their transfers. */
#include <unistd.h>

#include "port.h"

static int port_say(const struct cen_port *port, int error, const char *what)
{
	return error < 0 ? cen_say(error, "%s: %s: %s", port->info.name, what, strerror(-error)) :
			   error;
}

static int port_attach(struct cen_port *port, int fd)
{
	struct cen_port_attach arg = { .fd = fd };
	int error = cen_ioctl(port->fd, CEN_PORT_IOC_ATTACH, &arg);

	switch (error) {
	case -EBUSY:
		return cen_say(error, "%s: attach: the buffer is attached already", port->info.name);
	case -EPERM:
		return cen_say(error, "%s: attach: the buffer is shared with devices of other coherency, which this port's policy forbids",
			       port->info.name);
	default:
		return port_say(port, error, "attach");
	}
}

CEN_API int cen_port_attach_fd(struct cen_port *port, int fd)
{
	return cen_ret(port_attach(port, fd));
}

static int attach_buffer(struct cen_port *port, struct cen_buffer *buf)
{
	int fd = cen_buffer_fd(buf);
	int error;

	if (fd < 0)
		return -errno;
	error = port_attach(port, fd);
	/* the exporter remembers why */
	if ((error == -EINVAL || error == -ENODEV) && cen_buffer_is_native(buf))
		return cen_say_refusal(buf->ctx, buf, NULL, error);
	return error;
}

CEN_API int cen_port_attach(struct cen_port *port, struct cen_buffer *buf)
{
	return cen_ret(attach_buffer(port, buf));
}

CEN_API int cen_port_detach_fd(struct cen_port *port, int fd)
{
	struct cen_port_attach arg = { .fd = fd };

	return cen_ret(port_say(port, cen_ioctl(port->fd, CEN_PORT_IOC_DETACH, &arg), "detach"));
}

CEN_API int cen_port_detach(struct cen_port *port, struct cen_buffer *buf)
{
	return cen_port_detach_fd(port, buf->fd);
}

static int declare_ports(struct cen_buffer *buf, struct cen_port *const *ports, size_t count)
{
	struct cen_device_set *set = cen_device_set_new();
	int error = set ? 0 : -errno;

	/* one device may have several ports: the set merges them */
	for (size_t i = 0; !error && i < count; i++)
		if (cen_device_set_add_name(set, ports[i]->info.device, NULL))
			error = -errno;
	if (!error && cen_buffer_declare_set(buf, set))
		error = -errno;
	cen_device_set_free(set);
	return error;
}

static int prepare_buffer(struct cen_buffer *buf, struct cen_port *const *ports, size_t count)
{
	int error = declare_ports(buf, ports, count);

	if (!error && cen_buffer_commit(buf))
		error = -errno;
	for (size_t i = 0; !error && i < count; i++)
		error = attach_buffer(ports[i], buf);
	return error;
}

CEN_API struct cen_buffer *cen_port_buffer_new(struct cen_ctx *ctx, struct cen_port *const *ports,
					       size_t count, uint64_t size)
{
	struct cen_buffer *buf;
	int error;

	if (!count)
		return cen_ret_null(cen_say(-EINVAL, "a buffer for no port: 1 or more are accepted"));
	buf = cen_buffer_new(ctx, size);
	if (!buf)
		return NULL;
	error = prepare_buffer(buf, ports, count);
	if (error) {
		char why[CEN_ERROR_TEXT];

		/* detaching may have something to say, too: the first reason counts */
		snprintf(why, sizeof(why), "%s", cen_error());
		for (size_t i = 0; buf->fd >= 0 && i < count; i++)
			(void)cen_port_detach(ports[i], buf);
		cen_buffer_free(buf);
		return cen_ret_null(cen_say(error, "%s", why));
	}
	return buf;
}

static int enqueue(struct cen_port *port, struct cen_port_enqueue *arg)
{
	int error = cen_ioctl(port->fd, CEN_PORT_IOC_ENQUEUE, arg);

	switch (error) {
	case -EINVAL:
		return cen_say(error, "%s: enqueue: %llu bytes at %llu, flags %#x: inside the buffer and multiples of %llu bytes are accepted",
			       port->info.name, (unsigned long long)arg->length,
			       (unsigned long long)arg->offset, arg->flags,
			       (unsigned long long)port->info.granule);
	case -ENOENT:
		return cen_say(error, "%s: enqueue: the buffer is not attached", port->info.name);
	case -EBUSY:
		return cen_say(error, "%s: enqueue: a link has the buffer", port->info.name);
	default:
		return port_say(port, error, "enqueue");
	}
}

CEN_API int cen_port_enqueue_with(struct cen_port *port, struct cen_port_enqueue *arg)
{
	return cen_ret(enqueue(port, arg));
}

CEN_API int cen_port_enqueue(struct cen_port *port, struct cen_buffer *buf, uint64_t offset,
			     uint64_t length, uint64_t user_data)
{
	struct cen_port_enqueue arg = {
		.fd = buf->fd, .offset = offset, .length = length, .user_data = user_data,
	};

	return cen_ret(enqueue(port, &arg));
}

/* The port is opened O_NONBLOCK: what is there costs one system call. */
static int port_wait(struct cen_port *port, struct cen_completion *done, size_t count, int timeout)
{
	ssize_t got = read(port->fd, done, count * sizeof(*done));
	int error;

	if (got < 0 && errno == EAGAIN && timeout) {
		error = cen_port_poll(port->fd, timeout);
		if (error == -ETIMEDOUT)
			return cen_say(error, "%s: no completion within %d ms", port->info.name,
				       timeout);
		if (error)
			return port_say(port, error, "wait");
		got = read(port->fd, done, count * sizeof(*done));
	}
	if (got < 0)
		return port_say(port, errno == EAGAIN ? -ETIMEDOUT : -errno, "wait");
	return (int)((size_t)got / sizeof(*done));
}

CEN_API int cen_port_wait(struct cen_port *port, struct cen_completion *done, size_t count,
			  int timeout)
{
	return cen_ret(port_wait(port, done, count, timeout));
}

static int cancel(struct cen_port *port, uint64_t user_data, uint32_t flags)
{
	struct cen_port_cancel arg = { .user_data = user_data, .flags = flags };
	int error = cen_ioctl(port->fd, CEN_PORT_IOC_CANCEL, &arg);

	return cen_ret(error ? port_say(port, error, "cancel") : (int)arg.count);
}

CEN_API int cen_port_cancel(struct cen_port *port, uint64_t user_data)
{
	return cancel(port, user_data, 0);
}

CEN_API int cen_port_cancel_all(struct cen_port *port)
{
	return cancel(port, 0, CEN_CANCEL_ALL);
}
