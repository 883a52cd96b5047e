// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Buffers that a user-space driver's device may use, and its interrupts. */
#include <poll.h>
#include <unistd.h>

#include "uio.h"

static int uio_attach(struct cen_uio *dev, int fd, uint32_t direction)
{
	struct cen_uio_attach arg = { .fd = fd, .direction = direction };
	int error = cen_ioctl(dev->node, CEN_UIO_IOC_ATTACH, &arg);

	return error ? cen_uio_say(dev, error, "attach", &arg.reason) : (int)arg.handle;
}

CEN_API int cen_uio_attach_fd(struct cen_uio *dev, int fd, uint32_t direction)
{
	return cen_ret(uio_attach(dev, fd, direction));
}

CEN_API int cen_uio_attach(struct cen_uio *dev, struct cen_buffer *buf, uint32_t direction)
{
	int fd = cen_buffer_fd(buf);
	int handle;

	if (fd < 0)
		return -1;
	handle = uio_attach(dev, fd, direction);
	/* The exporter refused, so the buffer knows why. */
	if (handle < 0 && !dev->reason.code && cen_buffer_is_native(buf))
		handle = cen_say_refusal(buf->ctx, buf, NULL, handle);
	return cen_ret(handle);
}

CEN_API int cen_uio_detach(struct cen_uio *dev, int handle)
{
	struct cen_uio_detach arg = { .handle = (uint32_t)handle };
	int error = cen_ioctl(dev->node, CEN_UIO_IOC_DETACH, &arg);

	if (error == -EBUSY)
		cen_say(error, "detach: the device is still at work");
	else if (error)
		cen_say(error, "detach: %s", strerror(-error));
	return cen_ret(error);
}

CEN_API int cen_uio_sync(struct cen_uio *dev, int handle, uint32_t flags)
{
	struct cen_uio_sync arg = { .handle = (uint32_t)handle, .flags = flags };
	int error = cen_ioctl(dev->node, CEN_UIO_IOC_SYNC, &arg);

	if (error == -ECANCELED)
		cen_say(error, "sync: a sleep of the system or a reset of the device has cut the transfer short");
	else if (error)
		cen_say(error, "sync: %s", strerror(-error));
	return cen_ret(error);
}

static int uio_wait(struct cen_uio *dev, int timeout)
{
	struct pollfd poller = { .fd = dev->fd, .events = POLLIN };
	uint32_t events, fresh;
	int ready = poll(&poller, 1, timeout);

	if (ready < 0)
		return cen_say(-errno, "wait: %s", strerror(errno));
	if (!ready)
		return cen_say(-ETIMEDOUT, "wait: no interrupt within %d ms", timeout);
	if (read(dev->fd, &events, sizeof(events)) != sizeof(events))
		return cen_say(-errno, "wait: %s", errno == EIO ?
			       "the device has gone or has no interrupt" : strerror(errno));
	/* The first count includes what came before anybody was listening. */
	fresh = dev->counted ? events - dev->events : 1;
	dev->events = events;
	dev->counted = true;
	return fresh > INT32_MAX ? INT32_MAX : (int)fresh;
}

CEN_API int cen_uio_wait(struct cen_uio *dev, int timeout)
{
	return cen_ret(uio_wait(dev, timeout));
}

CEN_API int cen_uio_irq(struct cen_uio *dev, bool on)
{
	int32_t value = on;

	if (write(dev->fd, &value, sizeof(value)) == sizeof(value))
		return 0;
	return cen_ret(cen_say(-errno, "interrupt: %s", strerror(errno)));
}
