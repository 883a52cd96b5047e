// SPDX-License-Identifier: GPL-2.0
/*
 * The rules for all structures of cen_uio: numbers, sizes, flags, padding. One thing is
 * wrong at a time, and its errno is exact.
 */
#include <linux/dma-heap.h>

#include "uio_common.h"

static int handle;

static int setup(void **state)
{
	int ret = u_setup(state);

	if (!ret) {
		handle = u_attach(must_edu_buffer(8192), CEN_UIO_DIRECTIONS);
		assert_ok(handle);
	}
	return ret;
}

/* Every ioctl with a valid argument, as room for a longer one. */
static const struct {
	const char *name;
	unsigned long cmd;
	size_t size;
} calls[] = {
	{ "info", CEN_UIO_IOC_INFO, sizeof(struct cen_uio_info) },
	{ "attach", CEN_UIO_IOC_ATTACH, sizeof(struct cen_uio_attach) },
	{ "detach", CEN_UIO_IOC_DETACH, sizeof(struct cen_uio_detach) },
	{ "program", CEN_UIO_IOC_PROGRAM, sizeof(struct cen_uio_program) },
	{ "read", CEN_UIO_IOC_REG_READ, sizeof(struct cen_uio_access) },
	{ "write", CEN_UIO_IOC_REG_WRITE, sizeof(struct cen_uio_access) },
	{ "sync", CEN_UIO_IOC_SYNC, sizeof(struct cen_uio_sync) },
};

static struct cen_uio_write harmless;

/* @room: zeroed, larger than the structure */
static void fill(unsigned long cmd, void *room)
{
	switch (cmd) {
	case CEN_UIO_IOC_ATTACH:
		*(struct cen_uio_attach *)room = (struct cen_uio_attach) {
			.fd = must_edu_buffer(4096), .direction = CEN_UIO_TO_DEVICE,
		};
		break;
	case CEN_UIO_IOC_DETACH:
		((struct cen_uio_detach *)room)->handle = handle;
		break;
	case CEN_UIO_IOC_PROGRAM:
		harmless = u_value(EDU_LIVENESS, 1);
		harmless.width = 32;
		((struct cen_uio_program *)room)->writes = (uintptr_t)&harmless;
		((struct cen_uio_program *)room)->count = 1;
		break;
	case CEN_UIO_IOC_REG_READ:
	case CEN_UIO_IOC_REG_WRITE:
		((struct cen_uio_access *)room)->reg = EDU_LIVENESS;
		((struct cen_uio_access *)room)->width = 32;
		break;
	case CEN_UIO_IOC_SYNC:
		((struct cen_uio_sync *)room)->handle = handle;
		((struct cen_uio_sync *)room)->flags = CEN_UIO_TO_DEVICE;
		break;
	default:
		break;
	}
}

static unsigned long resized(unsigned long cmd, size_t size)
{
	return _IOC(_IOC_DIR(cmd), _IOC_TYPE(cmd), _IOC_NR(cmd), size);
}

static void test_unknown_numbers(void **state)
{
	char room[512] = { 0 };

	(void)state;
	assert_errno(u_call(_IOWR(CEN_UIO_IOC_MAGIC, 0x5f, struct cen_uio_info), room), ENOTTY);
	assert_errno(u_call(_IOWR(CEN_UIO_IOC_MAGIC, 0x67, struct cen_uio_info), room), ENOTTY);
	assert_errno(u_call(_IOWR(0xcd, 0x60, struct cen_uio_info), room), ENOTTY);
	assert_errno(u_call(_IOW(CEN_UIO_IOC_MAGIC, 0x60, struct cen_uio_info), room), ENOTTY);
	assert_errno(u_call(CEN_IOC_CREATE, room), ENOTTY);
}

/* Shorter: nobody was compiled against that. Longer: fine as long as the rest is zero. */
static void test_sizes(void **state)
{
	char room[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		print_message("# %s\n", calls[i].name);
		memset(room, 0, sizeof(room));
		fill(calls[i].cmd, room);
		assert_errno(u_call(resized(calls[i].cmd, calls[i].size - 8), room), EINVAL);
		room[calls[i].size + 3] = 1;
		assert_errno(u_call(resized(calls[i].cmd, calls[i].size + 16), room), EINVAL);
		room[calls[i].size + 3] = 0;
		assert_ok(u_call(resized(calls[i].cmd, calls[i].size + 16), room));
		if (calls[i].cmd == CEN_UIO_IOC_DETACH)
			handle = u_attach(must_edu_buffer(4096), CEN_UIO_DIRECTIONS);
	}
}

static void test_bad_pointers(void **state)
{
	struct cen_uio_program program = { .writes = 8, .count = 1 };
	struct cen_uio_info info = { .regs = 8, .regs_count = 1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		assert_errno(u_call(calls[i].cmd, (void *)8), EFAULT);
	assert_errno(u_call(CEN_UIO_IOC_PROGRAM, &program), EFAULT);
	assert_errno(u_call(CEN_UIO_IOC_INFO, &info), EFAULT);
}

/* A reply that cannot be delivered leaves no handle behind. */
static void test_undeliverable_handle(void **state)
{
	struct cen_uio_attach *arg = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct cen_uio_info before = {}, after = {};

	(void)state;
	arg->fd = must_edu_buffer(4096);
	arg->direction = CEN_UIO_TO_DEVICE;
	assert_ok(u_call(CEN_UIO_IOC_INFO, &before));
	mprotect(arg, 4096, PROT_READ);
	assert_errno(u_call(CEN_UIO_IOC_ATTACH, arg), EFAULT);
	assert_ok(u_call(CEN_UIO_IOC_INFO, &after));
	assert_int_equal(after.handles, before.handles);
	munmap(arg, 4096);
}

static void test_attach(void **state)
{
	struct cen_uio_attach good = { .direction = CEN_UIO_TO_DEVICE }, bad;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	good.fd = must_edu_buffer(4096);
	bad = good, bad.flags = 1;
	assert_errno(u_attach_arg(&bad), EINVAL);
	bad = good, bad.pad = 1;
	assert_errno(u_attach_arg(&bad), EINVAL);
	bad = good, bad.direction = 0;
	assert_errno(u_attach_arg(&bad), EINVAL);
	bad = good, bad.direction = 4;
	assert_errno(u_attach_arg(&bad), EINVAL);
	bad = good, bad.fd = -1;
	assert_errno(u_attach_arg(&bad), EBADF);
	bad = good, bad.fd = 1000;
	assert_errno(u_attach_arg(&bad), EBADF);
	bad = good, bad.fd = null;
	assert_errno(u_attach_arg(&bad), EINVAL);
	assert_ok(u_attach_arg(&good));
	assert_int_equal(good.size, 4096);
	assert_int_equal(good.segments, 1);
	assert_int_equal(good.reason.code, CEN_UIO_WHY_NONE);
}

/* A dma-buf that may only be read is not written through the device. */
static void test_read_only_fd(void **state)
{
	struct cen_uio_attach arg = { .direction = CEN_UIO_FROM_DEVICE };
	struct dma_heap_allocation_data heap = { .len = 4096, .fd_flags = O_RDONLY | O_CLOEXEC };
	int node = open("/dev/dma_heap/cenalloc", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_ok(node);
	assert_ok(t_ioctl(node, DMA_HEAP_IOCTL_ALLOC, &heap));
	arg.fd = heap.fd;
	assert_errno(u_attach_arg(&arg), EACCES);
	assert_int_equal(arg.reason.code, CEN_UIO_WHY_DIRECTION);
	arg.direction = CEN_UIO_DIRECTIONS;
	assert_errno(u_attach_arg(&arg), EACCES);
	arg.direction = CEN_UIO_TO_DEVICE;
	assert_ok(u_attach_arg(&arg));
}

static void test_detach(void **state)
{
	struct cen_uio_detach arg = { .handle = handle, .flags = 1 };

	(void)state;
	assert_errno(u_call(CEN_UIO_IOC_DETACH, &arg), EINVAL);
	assert_errno(u_detach(0), ENOENT);
	assert_errno(u_detach(handle + 1), ENOENT);
	assert_errno(u_detach(-1), ENOENT);
	assert_ok(u_detach(handle));
	assert_errno(u_detach(handle), ENOENT);
	/* an old handle does not become another buffer at once */
	assert_true(u_attach(must_edu_buffer(4096), CEN_UIO_TO_DEVICE) != handle);
}

static void test_too_many_handles(void **state)
{
	int fd = must_edu_buffer(4096);

	(void)state;
	for (int i = 1; i < CEN_UIO_MAX_HANDLES; i++)
		assert_ok(u_attach(fd, CEN_UIO_TO_DEVICE));
	assert_errno(u_attach(fd, CEN_UIO_TO_DEVICE), ENOSPC);
	assert_ok(u_detach(handle));
	assert_ok(u_attach(fd, CEN_UIO_TO_DEVICE));
}

static void test_program(void **state)
{
	struct cen_uio_write many[CEN_UIO_MAX_WRITES + 1], bad;
	struct cen_uio_program arg = { .writes = (uintptr_t)many, .count = 1, .flags = 1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = u_value(EDU_LIVENESS, i);
	assert_errno(u_call(CEN_UIO_IOC_PROGRAM, &arg), EINVAL);
	assert_errno(u_program(many, 0), EINVAL);
	assert_errno(u_program(many, CEN_UIO_MAX_WRITES + 1), E2BIG);
	assert_ok(u_program(many, CEN_UIO_MAX_WRITES));
	bad = u_value(EDU_LIVENESS, 0), bad.type = 2;
	assert_errno(u_program(&bad, 1), EINVAL);
	bad = u_value(EDU_LIVENESS, 0), bad.length = 1;
	assert_errno(u_program(&bad, 1), EINVAL);
	bad = u_value(EDU_LIVENESS, 0), bad.handle = handle;
	assert_errno(u_program(&bad, 1), EINVAL);
	bad = u_address(EDU_SOURCE, handle, 0, 0);
	assert_errno(u_program(&bad, 1), EINVAL);
}

static void test_sync(void **state)
{
	int other = u_attach(must_edu_buffer(4096), CEN_UIO_TO_DEVICE);

	(void)state;
	assert_errno(u_sync(handle, 0), EINVAL);
	assert_errno(u_sync(handle, CEN_UIO_TO_DEVICE | 8), EINVAL);
	assert_errno(u_sync(handle + 100, CEN_UIO_TO_DEVICE), ENOENT);
	assert_errno(u_sync(handle + 100, CEN_UIO_TO_DEVICE | CEN_UIO_SYNC_END), ENOENT);
	assert_errno(u_sync(other, CEN_UIO_FROM_DEVICE), EACCES);
	assert_errno(u_sync(handle, CEN_UIO_TO_DEVICE | CEN_UIO_SYNC_END), EINVAL);
	assert_ok(u_sync(handle, CEN_UIO_TO_DEVICE));
	assert_errno(u_sync(handle, CEN_UIO_TO_DEVICE), EINVAL);
	assert_errno(u_sync(handle, CEN_UIO_DIRECTIONS | CEN_UIO_SYNC_END), EINVAL);
	assert_ok(u_sync(handle, CEN_UIO_TO_DEVICE | CEN_UIO_SYNC_END));
	/* one left open ends with the handle */
	assert_ok(u_sync(handle, CEN_UIO_DIRECTIONS));
	assert_ok(u_detach(handle));
}

static void test_info(void **state)
{
	struct cen_uio_window windows[CEN_UIO_MAX_WINDOWS];
	struct cen_uio_reg regs[CEN_UIO_MAX_REGS];
	struct cen_uio_info info = {};

	(void)state;
	info.flags = CEN_UIO_RULES;
	assert_errno(u_call(CEN_UIO_IOC_INFO, &info), EINVAL);
	info = (struct cen_uio_info) { .interruptions = 1 };
	assert_errno(u_call(CEN_UIO_IOC_INFO, &info), EINVAL);
	info = (struct cen_uio_info) {};
	assert_ok(u_call(CEN_UIO_IOC_INFO, &info));
	assert_int_equal(info.flags, CEN_UIO_RULES | CEN_UIO_DMA | CEN_UIO_ACKNOWLEDGES |
			 (u_confined() ? CEN_UIO_CONFINED : 0));
	assert_int_equal(info.irq, CEN_UIO_IRQ_INTX);
	assert_int_equal(info.dma_bits, T_LOW_BITS);
	assert_int_equal(info.handles, 1);
	assert_int_equal(info.regs_count, 11);
	assert_int_equal(info.windows_count, 1);
	assert_string_equal(info.name, u_name);

	/* room for less than there is: that much, and how many there are */
	memset(regs, 0xa5, sizeof(regs));
	info = (struct cen_uio_info) {
		.windows = (uintptr_t)windows, .windows_count = CEN_UIO_MAX_WINDOWS,
		.regs = (uintptr_t)regs, .regs_count = 8,
	};
	assert_ok(u_call(CEN_UIO_IOC_INFO, &info));
	assert_int_equal(info.regs_count, 11);
	assert_int_equal(regs[7].offset, EDU_SOURCE);
	assert_int_equal(regs[7].kind, CEN_UIO_REG_ADDRESS);
	assert_int_equal(regs[7].width, 64);
	assert_int_equal(regs[7].own, EDU_OWN);
	assert_int_equal(regs[7].own_size, EDU_MAX);
	assert_u64_equal(regs[8].offset, 0xa5a5a5a5a5a5a5a5);
	/* edu's registers are on its first page, the other 255 are for all */
	assert_int_equal(windows[0].region, 0);
	assert_int_equal(windows[0].map, 0);
	assert_u64_equal(windows[0].offset, 4096);
	assert_u64_equal(windows[0].size, MIB - 4096);
}

#define abi_test(f)	cmocka_unit_test_setup_teardown(f, setup, u_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		abi_test(test_unknown_numbers),
		abi_test(test_sizes),
		abi_test(test_bad_pointers),
		abi_test(test_undeliverable_handle),
		abi_test(test_attach),
		abi_test(test_read_only_fd),
		abi_test(test_detach),
		abi_test(test_too_many_handles),
		abi_test(test_program),
		abi_test(test_sync),
		abi_test(test_info),
	};
	int ret;

	u_begin();
	must_bind(U_RULES);
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	u_end();
	return ret;
}
