// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/uioN behaves as users of UIO know it: maps in sysfs and mmap(), interrupts by
 * read(), poll() and irqcontrol; and who may open and map.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "uio_common.h"

static void test_maps_in_sysfs(void **state)
{
	char path[300], text[64];

	(void)state;
	snprintf(path, sizeof(path), U_PCI "/%s/uio/uio0/name", u_pci);
	assert_true(t_read_file(path, text, sizeof(text)));
	assert_string_equal(text, "cen_uio");
	snprintf(path, sizeof(path), U_PCI "/%s/uio/uio0/maps/map0/size", u_pci);
	assert_true(t_read_file(path, text, sizeof(text)));
	assert_int_equal(strtoul(text, NULL, 0), MIB - PAGE);
	snprintf(path, sizeof(path), U_PCI "/%s/uio/uio0/maps/map0/name", u_pci);
	assert_true(t_read_file(path, text, sizeof(text)));
	assert_string_equal(text, "region0+0x1000");
	snprintf(path, sizeof(path), U_PCI "/%s/uio/uio0/maps/map1", u_pci);
	assert_false(t_exists(path));
}

static void *map(size_t size, int flags, size_t page)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, flags, u_uio, page * PAGE);
}

static void test_mmap(void **state)
{
	void *all = map(MIB - PAGE, MAP_SHARED, 0), *part = map(PAGE, MAP_SHARED, 0);

	(void)state;
	assert_ptr_not_equal(all, MAP_FAILED);
	assert_ptr_not_equal(part, MAP_FAILED);
	assert_int_equal(t_touch_reg(all, true), 0);
	assert_int_equal(t_touch_reg((uint8_t *)all + MIB - PAGE - 4, false), 0);
	munmap(all, MIB - PAGE);
	munmap(part, PAGE);
	/* more than there is, another map, and a copy of registers */
	assert_ptr_equal(map(MIB, MAP_SHARED, 0), MAP_FAILED);
	assert_int_equal(errno, EINVAL);
	assert_ptr_equal(map(PAGE, MAP_SHARED, 1), MAP_FAILED);
	assert_int_equal(errno, EINVAL);
	assert_ptr_equal(map(PAGE, MAP_PRIVATE, 0), MAP_FAILED);
	assert_int_equal(errno, EINVAL);
}

/* The page that holds the address registers is not had by the back door either. */
static void test_sysfs_resource(void **state)
{
	char path[300];
	int fd;

	(void)state;
	if (t_lane("debug*"))
		t_skip("a kernel without STRICT_DEVMEM lets root map any registers");
	snprintf(path, sizeof(path), U_PCI "/%s/resource0", u_pci);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_ok(fd);
	assert_ptr_equal(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
	assert_int_equal(errno, EINVAL);
}

static void raise_irq(uint32_t value)
{
	assert_ok(u_write(EDU_IRQ_RAISE, 32, value));
}

static void test_interrupt(void **state)
{
	struct pollfd poller = { .fd = u_uio, .events = POLLIN };
	uint64_t status;
	int32_t count, again;

	(void)state;
	assert_int_equal(poll(&poller, 1, 50), 0);
	raise_irq(1);
	assert_int_equal(poll(&poller, 1, 10000), 1);
	assert_int_equal(read(u_uio, &count, sizeof(count)), sizeof(count));
	assert_ok(u_read(EDU_IRQ_STATUS, 32, &status));
	assert_u64_equal(status, 1);
	/* it is off until it is turned on: a cause that stays does not storm */
	assert_int_equal(poll(&poller, 1, 50), 0);
	u_ack();
	assert_int_equal(poll(&poller, 1, 50), 0);
	raise_irq(2);
	assert_int_equal(read(u_uio, &again, sizeof(again)), sizeof(again));
	assert_int_equal(again, count + 1);
	u_ack();
	/* read() wants four bytes */
	assert_int_equal(read(u_uio, &status, sizeof(status)), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(fcntl(u_uio, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(read(u_uio, &count, sizeof(count)), -1);
	assert_int_equal(errno, EAGAIN);
}

/* A cause that the rules let the kernel acknowledge: nothing is left to be done. */
static void test_acknowledged(void **state)
{
	uint64_t status;

	(void)state;
	for (int i = 0; i < 3; i++) {
		raise_irq(EDU_IRQ_DMA);
		assert_ok(u_wait(10000));
		assert_ok(u_read(EDU_IRQ_STATUS, 32, &status));
		assert_u64_equal(status, 0);
	}
	/* with another beside it, that one is left, and the line is off */
	raise_irq(EDU_IRQ_DMA | 1);
	assert_ok(u_wait(10000));
	assert_ok(u_read(EDU_IRQ_STATUS, 32, &status));
	assert_u64_equal(status, 1);
	raise_irq(EDU_IRQ_DMA);
	assert_errno(u_wait(100), ETIMEDOUT);
	u_ack();
}

static void test_irqcontrol(void **state)
{
	const int32_t off = 0, on = 1, wrong = 2;

	(void)state;
	assert_int_equal(write(u_uio, &wrong, sizeof(wrong)), -1);
	assert_int_equal(errno, EINVAL);
	/* as often as one likes */
	for (int i = 0; i < 3; i++)
		assert_int_equal(write(u_uio, &off, sizeof(off)), sizeof(off));
	raise_irq(1);
	assert_errno(u_wait(100), ETIMEDOUT);
	for (int i = 0; i < 3; i++)
		assert_int_equal(write(u_uio, &on, sizeof(on)), sizeof(on));
	assert_ok(u_wait(10000));
	u_ack();
}

/* With nobody listening, an interrupt is nobody's. */
static void test_interrupts_end_with_the_file(void **state)
{
	int node = u_node;

	(void)state;
	close(u_uio);
	u_uio = -1;
	raise_irq(1);
	assert_ok(u_write(EDU_IRQ_ACK, 32, 1));
	u_node = -1;
	close(node);
	u_open();
	assert_errno(u_wait(100), ETIMEDOUT);
	raise_irq(1);
	assert_ok(u_wait(10000));
	u_ack();
}

static void test_message_signalled(void **state)
{
	struct cen_uio_info info = {};

	(void)state;
	u_close();
	must_bind(U_RULES);
	assert_ok(t_sh("{ cat " U_RULES "; echo irq msi; } > /tmp/msi.rules"));
	must_bind("/tmp/msi.rules");
	u_open();
	assert_ok(u_call(CEN_UIO_IOC_INFO, &info));
	assert_int_equal(info.irq, CEN_UIO_IRQ_MSI);
	for (int i = 0; i < 5; i++) {
		raise_irq(1 << i);
		assert_ok(u_wait(10000));
		assert_ok(u_write(EDU_IRQ_ACK, 32, ~0U));
	}
	u_close();
	must_bind(U_RULES);
	u_open();
}

static void test_no_interrupt(void **state)
{
	struct cen_uio_info info = {};
	int32_t count;

	(void)state;
	u_close();
	assert_ok(u_bind_text("irq none; reg 0:4 width 32 rw"));
	u_open();
	assert_ok(u_call(CEN_UIO_IOC_INFO, &info));
	assert_int_equal(info.irq, CEN_UIO_IRQ_NONE);
	assert_int_equal(read(u_uio, &count, sizeof(count)), -1);
	assert_int_equal(errno, EIO);
	u_close();
	must_bind(U_RULES);
}

/* --- rights ------------------------------------------------------------------------------- */

static void drop_rawio(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];

	if (syscall(SYS_capget, &header, caps))
		_exit(100);
	caps[0].effective &= ~(1U << CAP_SYS_RAWIO);
	caps[0].permitted &= ~(1U << CAP_SYS_RAWIO);
	if (syscall(SYS_capset, &header, caps))
		_exit(101);
}

static int try_node(void)
{
	return -u_try_open();
}

static int try_map(void)
{
	return map(PAGE, MAP_SHARED, 0) == MAP_FAILED ? errno : 0;
}

static int try_interrupt(void)
{
	const int32_t on = 1;

	return write(u_uio, &on, sizeof(on)) < 0 ? errno : 0;
}

/* What a child without the capability is answered, 0: it may. */
static int without_rawio(int (*try)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		int error;

		drop_rawio();
		error = try();
		_exit(error < 0 ? 0 : error);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

/* Without an IOMMU memory is at stake; with one, the device is the program's own. */
static void test_capability(void **state)
{
	const int want = u_confined() ? 0 : EPERM;

	(void)state;
	close(u_node);
	u_node = -1;
	assert_int_equal(without_rawio(try_node), want);
	assert_int_equal(without_rawio(try_map), want);
	assert_int_equal(without_rawio(try_interrupt), 0);
}

static void test_modes(void **state)
{
	struct stat node, uio;

	(void)state;
	assert_int_equal(fstat(u_node, &node), 0);
	assert_int_equal(fstat(u_uio, &uio), 0);
	assert_int_equal(node.st_mode & 0777, 0600);
	assert_int_equal(uio.st_mode & 0777, 0600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		u_test_open(test_maps_in_sysfs),
		u_test_open(test_mmap),
		u_test_open(test_sysfs_resource),
		u_test_open(test_interrupt),
		u_test_open(test_acknowledged),
		u_test_open(test_irqcontrol),
		u_test_open(test_interrupts_end_with_the_file),
		u_test_open(test_message_signalled),
		u_test_open(test_no_interrupt),
		u_test_open(test_capability),
		u_test_open(test_modes),
	};
	int ret;

	u_begin();
	must_bind(U_RULES);
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	u_end();
	return ret;
}
