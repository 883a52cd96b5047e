// SPDX-License-Identifier: GPL-2.0
/* What the tests of cen_uio share. */
#include <dirent.h>
#include <linux/dma-heap.h>
#include <poll.h>
#include <sys/stat.h>
#include <time.h>

#include "uio_common.h"

char u_pci[32], u_name[64];
int u_node = -1, u_uio = -1;
struct cen_uio_reason u_reason;

/* --- binding ---------------------------------------------------------------------------- */

static bool find_edu(void)
{
	char path[300], id[16];
	struct dirent *entry;
	DIR *dir = opendir(U_PCI);

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), U_PCI "/%s/device", entry->d_name);
		if (!t_read_file(path, id, sizeof(id)) || strncmp(id, "0x11e8", 6))
			continue;
		/* of two, the one that can be reset */
		snprintf(path, sizeof(path), U_PCI "/%s/reset", entry->d_name);
		if (u_pci[0] && !t_exists(path))
			continue;
		snprintf(u_pci, sizeof(u_pci), "%.31s", entry->d_name);
		snprintf(u_name, sizeof(u_name), "pci:%.31s", u_pci);
	}
	if (dir)
		closedir(dir);
	return u_pci[0];
}

void u_begin(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!find_edu())
		t_skip_all("no edu device");
	if (t_sh("modprobe cen_uio")) {
		printf("Bail out! no module cen_uio\n");
		exit(1);
	}
}

void u_end(void)
{
	u_close();
	if (cen_uio_unbind(u_name))
		printf("# %s\n", cen_error());
}

int u_setup(void **state)
{
	int ret = t_setup(state);

	if (!ret)
		u_open();
	return ret;
}

int u_teardown(void **state)
{
	u_close();
	return t_teardown(state);
}

void must_bind(const char *rules_file)
{
	u_close();
	if (cen_uio_bind(u_name, rules_file))
		fail_msg("%s", cen_error());
}

static void rules_directory(char path[256])
{
	snprintf(path, 256, U_CONFIGFS "/%s", u_name);
}

int u_store_rules(const char *rules)
{
	char path[256];

	rules_directory(path);
	if (mkdir(path, 0755) && errno != EEXIST)
		return -errno;
	strcat(path, "/rules");
	return t_write_file(path, rules);
}

int u_bind_text(const char *rules)
{
	char path[256];
	int ret = 0;

	u_close();
	must_unbind();
	rules_directory(path);
	if (rules)
		ret = u_store_rules(rules);
	else
		rmdir(path);
	if (ret)
		return ret;
	return cen_uio_bind(u_name, NULL) ? -errno : 0;
}

bool u_bound(void)
{
	char path[300], driver[300];
	ssize_t length;

	snprintf(path, sizeof(path), U_PCI "/%s/driver", u_pci);
	length = readlink(path, driver, sizeof(driver) - 1);
	if (length < 0)
		return false;
	driver[length] = '\0';
	return !strcmp(strrchr(driver, '/'), "/cen_uio");
}

void must_unbind(void)
{
	if (u_bound())
		assert_ok(t_write_file("/sys/bus/pci/drivers/cen_uio/unbind", u_pci));
}

bool u_confined(void)
{
	char type[32], path[300];

	snprintf(path, sizeof(path), U_PCI "/%s/iommu_group/type", u_pci);
	return t_read_file(path, type, sizeof(type)) && !strncmp(type, "DMA", 3);
}

/* --- the nodes ---------------------------------------------------------------------------- */

static int uio_number(void)
{
	char path[300];
	struct dirent *entry;
	int number = -1;
	DIR *dir;

	snprintf(path, sizeof(path), U_PCI "/%s/uio", u_pci);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, "uio", 3))
			number = atoi(entry->d_name + 3);
	if (dir)
		closedir(dir);
	return number;
}

static int open_number(const char *format)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), format, uio_number());
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int u_try_open(void)
{
	return open_number("/dev/cen_uio/%d");
}

void u_open(void)
{
	u_node = u_try_open();
	assert_ok(u_node);
	u_uio = open_number("/dev/uio%d");
	assert_ok(u_uio);
}

void u_close(void)
{
	if (u_node >= 0)
		close(u_node);
	if (u_uio >= 0)
		close(u_uio);
	u_node = -1;
	u_uio = -1;
}

/* --- calls -------------------------------------------------------------------------------- */

int u_call(unsigned long cmd, void *arg)
{
	return t_ioctl(u_node, cmd, arg);
}

int u_attach_arg(struct cen_uio_attach *arg)
{
	int ret = u_call(CEN_UIO_IOC_ATTACH, arg);

	u_reason = arg->reason;
	return ret ?: (int)arg->handle;
}

int u_attach(int fd, uint32_t direction)
{
	struct cen_uio_attach arg = { .fd = fd, .direction = direction };

	return u_attach_arg(&arg);
}

int u_detach(int handle)
{
	struct cen_uio_detach arg = { .handle = handle };

	return u_call(CEN_UIO_IOC_DETACH, &arg);
}

int u_sync(int handle, uint32_t flags)
{
	struct cen_uio_sync arg = { .handle = handle, .flags = flags };

	return u_call(CEN_UIO_IOC_SYNC, &arg);
}

int u_read(uint64_t reg, uint32_t width, uint64_t *value)
{
	struct cen_uio_access arg = { .reg = reg, .width = width };
	int ret = u_call(CEN_UIO_IOC_REG_READ, &arg);

	u_reason = arg.reason;
	*value = arg.value;
	return ret;
}

int u_write(uint64_t reg, uint32_t width, uint64_t value)
{
	struct cen_uio_access arg = { .reg = reg, .width = width, .value = value };
	int ret = u_call(CEN_UIO_IOC_REG_WRITE, &arg);

	u_reason = arg.reason;
	return ret;
}

int u_program(struct cen_uio_write *writes, uint32_t count)
{
	struct cen_uio_program arg = { .writes = (uintptr_t)writes, .count = count };
	int ret;

	for (uint32_t i = 0; i < count; i++)
		if (!writes[i].width)
			writes[i].width = writes[i].reg < 0x80 ? 32 : 64;
	ret = u_call(CEN_UIO_IOC_PROGRAM, &arg);
	u_reason = arg.reason;
	return ret;
}

int u_wait(int timeout)
{
	struct pollfd poller = { .fd = u_uio, .events = POLLIN };
	int32_t count;

	if (poll(&poller, 1, timeout) != 1)
		return -ETIMEDOUT;
	if (read(u_uio, &count, sizeof(count)) != sizeof(count))
		return -errno;
	return count;
}

void u_ack(void)
{
	const int32_t on = 1;

	assert_ok(u_write(EDU_IRQ_ACK, 32, ~0U));
	assert_int_equal(write(u_uio, &on, sizeof(on)), sizeof(on));
}

static struct timespec began;

static void now(void)
{
	clock_gettime(CLOCK_MONOTONIC, &began);
}

bool u_in_time(void)
{
	struct timespec then;

	clock_gettime(CLOCK_MONOTONIC, &then);
	return (then.tv_sec - began.tv_sec) * 1000 + (then.tv_nsec - began.tv_nsec) / 1000000 < 90;
}

int u_start_in(int handle, uint64_t offset, uint64_t own, uint64_t length)
{
	now();
	return u_run(u_address(EDU_SOURCE, handle, offset, length),
		     u_value(EDU_DEST, EDU_OWN + own), u_value(EDU_COUNT, length),
		     u_value(EDU_COMMAND, EDU_RUN | EDU_WANT_IRQ));
}

int u_start_out(int handle, uint64_t offset, uint64_t own, uint64_t length)
{
	now();
	return u_run(u_value(EDU_SOURCE, EDU_OWN + own),
		     u_address(EDU_DEST, handle, offset, length), u_value(EDU_COUNT, length),
		     u_value(EDU_COMMAND, EDU_RUN | EDU_TO_MEMORY | EDU_WANT_IRQ));
}

/* An interrupt is a hint; whether it has ended edu knows. */
static void must_end(int handle, uint32_t direction)
{
	uint64_t command = EDU_RUN;

	while (command & EDU_RUN) {
		assert_ok(u_wait(30000));
		assert_ok(u_read(EDU_COMMAND, 64, &command));
		if (command & EDU_RUN)
			print_message("# an interrupt for nothing\n");
	}
	assert_ok(u_sync(handle, CEN_UIO_SYNC_END | direction));
}

void must_in(int handle, uint64_t offset, uint64_t own, uint64_t length)
{
	assert_ok(u_sync(handle, CEN_UIO_SYNC_BEGIN | CEN_UIO_TO_DEVICE));
	assert_ok(u_start_in(handle, offset, own, length));
	must_end(handle, CEN_UIO_TO_DEVICE);
}

void must_out(int handle, uint64_t offset, uint64_t own, uint64_t length)
{
	assert_ok(u_sync(handle, CEN_UIO_SYNC_BEGIN | CEN_UIO_FROM_DEVICE));
	assert_ok(u_start_out(handle, offset, own, length));
	must_end(handle, CEN_UIO_FROM_DEVICE);
}

void must_idle(void)
{
	const struct timespec moment = { .tv_nsec = 5 * 1000 * 1000 };
	uint64_t command = EDU_RUN;

	for (int i = 0; i < 6000 && command & EDU_RUN; i++) {
		nanosleep(&moment, NULL);
		assert_ok(u_read(EDU_COMMAND, 64, &command));
	}
	assert_false(command & EDU_RUN);
}

/* --- buffers ------------------------------------------------------------------------------ */

int must_edu_buffer(uint64_t size)
{
	struct cen_device device = t_device(u_name);
	int fd = must_create(size);

	assert_ok(t_declare(fd, &device, 1));
	assert_ok(t_commit(fd));
	return fd;
}

int u_system_heap(uint64_t size)
{
	struct dma_heap_allocation_data arg = { .len = size, .fd_flags = O_RDWR | O_CLOEXEC };
	int heap = open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC);
	int ret;

	if (heap < 0)
		return -1;
	ret = ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &arg);
	close(heap);
	return ret ? -1 : (int)arg.fd;
}
