// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers for the tests of USB.
 */
#include <sys/wait.h>

#include "usb.h"

#define FUNCTION	"/sys/kernel/config/usb_gadget/t/functions/cen.t/"
#define HOST		"/sys/kernel/debug/cen_sim_udc/" G_SIM "/"
#define SCRIPT		". /cen/tests/usb_common.sh; "

void g_load(const char *module, const char *options)
{
	if (t_sh("modprobe usb_f_cen 2>/dev/null && modprobe %s %s 2>/dev/null", module, options))
		t_skip_all("usb_f_cen or %s does not load on this kernel", module);
}

void g_unload(const char *module)
{
	assert_int_equal(t_sh("rmmod %s", module), 0);
	assert_int_equal(t_sh("rmmod usb_f_cen"), 0);
}

void g_gadget(const char *udc, const char *attributes)
{
	assert_int_equal(t_sh(SCRIPT "usb_gadget t %s %s", udc, attributes), 0);
	g_wait_state("enabled");
}

void g_gadget_remove(void)
{
	t_sh(SCRIPT "usb_gadget_remove t");
}

void g_bind(const char *udc)
{
	assert_int_equal(t_sh(SCRIPT "usb_bind t %s", udc), 0);
	g_wait_state("enabled");
}

void g_unbind(void)
{
	assert_int_equal(t_sh(SCRIPT "usb_unbind t"), 0);
}

int g_write(const char *attribute, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), FUNCTION "%s", attribute);
	return t_write_file(path, value);
}

void g_read(const char *attribute, char *to, size_t size)
{
	char path[128];

	snprintf(path, sizeof(path), FUNCTION "%s", attribute);
	assert_true(t_read_file(path, to, size));
	to[strcspn(to, "\n")] = 0;
}

void g_wait_state(const char *state)
{
	char now[32] = "";

	for (unsigned int i = 0; i < 1000 * t_slow(); i++) {
		g_read("state", now, sizeof(now));
		if (!strcmp(now, state))
			return;
		usleep(10000);
	}
	assert_string_equal(now, state);
}

int g_buffer(uint64_t size, const char *udc, int port)
{
	char name[CEN_NAME_LEN];
	struct cen_device device;
	int fd = must_create(size);

	snprintf(name, sizeof(name), "platform:%s", udc);
	device = t_device(name);
	assert_ok(t_declare(fd, &device, 1));
	if (port >= 0)
		assert_ok(p_attach(port, fd));
	return fd;
}

int g_enqueue(int port, int fd, uint64_t offset, uint64_t length, uint64_t user_data)
{
	struct cen_port_enqueue arg = {
		.fd = fd, .offset = offset, .length = length, .user_data = user_data,
	};

	return p_enqueue_full(port, &arg);
}

int g_host_open(const char *ep)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), HOST "%s/data", ep);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

ssize_t g_host_read(const char *ep, void *to, size_t size)
{
	int fd = g_host_open(ep);
	ssize_t got = read(fd, to, size);
	int error = errno;

	close(fd);
	return got < 0 ? -error : got;
}

ssize_t g_host_write(const char *ep, const void *from, size_t size)
{
	int fd = g_host_open(ep);
	ssize_t got = write(fd, from, size);
	int error = errno;

	close(fd);
	return got < 0 ? -error : got;
}

pid_t g_host_read_later(const char *ep, size_t size)
{
	pid_t pid = fork();

	if (!pid) {
		void *to = malloc(size);
		ssize_t got = g_host_read(ep, to, size);

		/* an exit status has eight bits */
		_exit(got < 0 ? -got : 0);
	}
	assert_true(pid > 0);
	return pid;
}

int g_host_done(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

int g_control(uint8_t type, uint8_t request, uint16_t value, uint16_t index, uint16_t length,
	      void *data)
{
	uint8_t packet[8 + 4096] = {
		type, request, value & 0xff, value >> 8, index & 0xff, index >> 8,
		length & 0xff, length >> 8,
	};
	bool in = type & 0x80;
	int fd, ret;

	if (!in && length)
		memcpy(packet + 8, data, length);
	fd = open(HOST "control", O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	ret = write(fd, packet, in ? 8 : 8 + length);
	ret = ret < 0 ? -errno : 0;
	if (!ret && in)
		ret = read(fd, data, length);
	close(fd);
	return ret;
}

void g_set(const char *file, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), HOST "%s", file);
	assert_ok(t_write_file(path, value));
}

uint64_t g_get(const char *file)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), HOST "%s", file);
	assert_true(t_read_file(path, text, sizeof(text)));
	return text[0] == 'Y' ? 1 : strtoull(text, NULL, 0);
}
