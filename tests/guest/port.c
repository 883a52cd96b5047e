// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers for the tests of ports.
 */
#include <poll.h>

#include "port.h"

#define DEBUGFS	"/sys/kernel/debug/cen_sim_sdr/cen_sim_sdr.0/"

void p_load(const char *options)
{
	if (t_sh("modprobe cen_sim_sdr %s 2>/dev/null", options))
		t_skip_all("cen_sim_sdr does not load on this kernel");
}

int p_unload(void)
{
	return t_sh("rmmod cen_sim_sdr");
}

int p_open(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/cen/%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

int p_attach(int port, int fd)
{
	struct cen_port_attach arg = { .fd = fd };

	return t_ioctl(port, CEN_PORT_IOC_ATTACH, &arg);
}

int p_detach(int port, int fd)
{
	struct cen_port_attach arg = { .fd = fd };

	return t_ioctl(port, CEN_PORT_IOC_DETACH, &arg);
}

int p_enqueue_full(int port, struct cen_port_enqueue *arg)
{
	return t_ioctl(port, CEN_PORT_IOC_ENQUEUE, arg);
}

int p_enqueue(int port, int fd, uint64_t user_data)
{
	struct cen_port_enqueue arg = { .fd = fd, .length = P_BLOCK, .user_data = user_data };

	return p_enqueue_full(port, &arg);
}

int p_cancel(int port, uint64_t user_data, uint32_t flags)
{
	struct cen_port_cancel arg = { .user_data = user_data, .flags = flags };
	int ret = t_ioctl(port, CEN_PORT_IOC_CANCEL, &arg);

	return ret < 0 ? ret : (int)arg.count;
}

struct cen_port_info p_info(int port)
{
	struct cen_port_info info = { 0 };

	assert_ok(t_ioctl(port, CEN_PORT_IOC_INFO, &info));
	return info;
}

void p_must_limit_other_coherency(int port)
{
	bool noncoherent = p_info(port).limits.flags & CEN_LIMIT_NONCOHERENT;

	must_limit((struct cti_limits) { .device = 0, .addr_bits = 32,
					 .flags = noncoherent ? 0 : CTI_NONCOHERENT });
}

int p_poll(int fd, short events, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	assert_true(poll(&p, 1, timeout_ms * (int)t_slow()) >= 0);
	return p.revents;
}

struct cen_completion p_wait(int port)
{
	struct cen_completion c;

	assert_true(p_poll(port, POLLIN, 5000) & POLLIN);
	assert_int_equal(read(port, &c, sizeof(c)), sizeof(c));
	return c;
}

int p_buffer(uint64_t size, int rx, int tx)
{
	struct cen_device device = t_device(P_DEVICE);
	int fd = must_create(size);

	assert_ok(t_declare(fd, &device, 1));
	if (rx >= 0)
		assert_ok(p_attach(rx, fd));
	if (tx >= 0)
		assert_ok(p_attach(tx, fd));
	return fd;
}

void p_set(const char *file, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), DEBUGFS "%s", file);
	assert_ok(t_write_file(path, value));
}

uint64_t p_get(const char *file)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), DEBUGFS "%s", file);
	assert_true(t_read_file(path, text, sizeof(text)));
	return strtoull(text, NULL, 0);
}

void p_reset(void)
{
	p_set("rx/pattern", "ramp");
	p_set("tx/pattern", "ramp");
	p_set("rx/rate", "0");
	p_set("tx/rate", "0");
}

unsigned int p_wrong(int fd, uint64_t size, uint32_t *counter)
{
	uint32_t *words = must_map(fd, size);
	unsigned int wrong = 0;

	for (uint64_t i = 0; i < size / sizeof(*words); i++)
		wrong += words[i] != (*counter)++;
	must_unmap(words, size);
	return wrong;
}
