// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers of cenalloc in DRM drivers, as foreign PRIME fds. vgem also lets a program
 * put a fence on a buffer and signal it, so that waiting can be tested.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/dma-buf.h>
#include <linux/sync_file.h>

#include <drm.h>

#include "../../examples/demo/edu.h"
#include "foreign.h"

/* Debian ships every DRM user interface but vgem's. */
struct vgem_fence_attach {
	uint32_t handle;
	uint32_t flags;
	uint32_t out_fence;
	uint32_t pad;
};

struct vgem_fence_signal {
	uint32_t fence;
	uint32_t flags;
};

#define VGEM_FENCE_WRITE	1
#define VGEM_FENCE_ATTACH	DRM_IOWR(DRM_COMMAND_BASE + 1, struct vgem_fence_attach)
#define VGEM_FENCE_SIGNAL	DRM_IOW(DRM_COMMAND_BASE + 2, struct vgem_fence_signal)

#define CARDS 8

static struct cen_ctx *ctx;
static const char *const nobody[] = { NULL };

/* The card of a driver, or -1. */
static int card_open(const char *driver)
{
	for (int i = 0; i < CARDS; i++) {
		char path[32], name[32] = "";
		struct drm_version version = { .name = name, .name_len = sizeof(name) - 1 };
		int fd;

		snprintf(path, sizeof(path), "/dev/dri/card%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (!ioctl(fd, DRM_IOCTL_VERSION, &version) && !strcmp(name, driver))
			return fd;
		close(fd);
	}
	return -1;
}

static uint32_t prime_import(int card, int fd)
{
	struct drm_prime_handle arg = { .fd = fd };

	assert_int_equal(ioctl(card, DRM_IOCTL_PRIME_FD_TO_HANDLE, &arg), 0);
	return arg.handle;
}

static void gem_close(int card, uint32_t handle)
{
	struct drm_gem_close arg = { .handle = handle };

	assert_int_equal(ioctl(card, DRM_IOCTL_GEM_CLOSE, &arg), 0);
}

/* In, out again, and the CPU finds the same bytes in the same dma-buf. */
static void import_and_compare(const char *driver, size_t size)
{
	struct drm_prime_handle out = { .flags = DRM_CLOEXEC | DRM_RDWR };
	struct test_buffer buf;
	struct stat before, after;
	uint8_t *data;
	int card = card_open(driver);

	if (card < 0)
		t_skip("this kernel has no %s", driver);
	test_buffer_new(&buf, ctx, size, nobody);
	test_buffer_fill(&buf, 4);

	out.handle = prime_import(card, buf.fd);
	/* newer kernels put off the map until something is drawn */
	assert_in_range(test_buffer_maps(&buf), 0, 1);
	/* one object for one dma-buf */
	assert_int_equal(prime_import(card, buf.fd), out.handle);

	assert_int_equal(ioctl(card, DRM_IOCTL_PRIME_HANDLE_TO_FD, &out), 0);
	assert_int_equal(fstat(buf.fd, &before), 0);
	assert_int_equal(fstat(out.fd, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, out.fd, 0);
	assert_ptr_not_equal(data, MAP_FAILED);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(data[i], test_byte(4, i));
	munmap(data, size);
	close(out.fd);

	/* The card has it mapped: a device that reaches less may not pull it away. */
	gem_close(card, out.handle);
	assert_int_equal(test_buffer_maps(&buf), 0);
	assert_int_equal(test_buffer_wrong(&buf, 4, 0, size), 0);
	test_buffer_free(&buf);
	close(card);
}

static void test_vgem_small(void **state)
{
	(void)state;
	import_and_compare("vgem", 4096);
}

static void test_vgem_large(void **state)
{
	(void)state;
	import_and_compare("vgem", 6 << 20);
}

static void test_vkms(void **state)
{
	(void)state;
	import_and_compare("vkms", 1 << 20);
}

/* The card dies with its buffers imported. */
static void test_closing_the_card(void **state)
{
	struct test_buffer buf;
	int card = card_open("vgem");

	(void)state;
	test_buffer_new(&buf, ctx, 1 << 20, nobody);
	prime_import(card, buf.fd);
	assert_in_range(test_buffer_maps(&buf), 0, 1);
	close(card);
	assert_int_equal(test_buffer_maps(&buf), 0);
	test_buffer_free(&buf);
}

static uint32_t fence_attach(int card, uint32_t handle, uint32_t flags)
{
	struct vgem_fence_attach arg = { .handle = handle, .flags = flags };

	assert_int_equal(ioctl(card, VGEM_FENCE_ATTACH, &arg), 0);
	return arg.out_fence;
}

static void fence_signal(int card, uint32_t fence)
{
	struct vgem_fence_signal arg = { .fence = fence };

	assert_int_equal(ioctl(card, VGEM_FENCE_SIGNAL, &arg), 0);
}

static bool ready(int fd, short events)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	return poll(&pfd, 1, 0) == 1 && pfd.revents & events;
}

/* poll() and sync_file see the fences of importers, reading and writing apart. */
static void test_fences_are_seen(void **state)
{
	struct dma_buf_export_sync_file export = { .flags = DMA_BUF_SYNC_READ };
	struct test_buffer buf;
	uint32_t handle, fence;
	int card = card_open("vgem");

	(void)state;
	test_buffer_new(&buf, ctx, 4096, nobody);
	handle = prime_import(card, buf.fd);
	assert_true(ready(buf.fd, POLLIN));
	assert_true(ready(buf.fd, POLLOUT));

	/* a reader at work: others may read, none may write */
	fence = fence_attach(card, handle, 0);
	assert_true(ready(buf.fd, POLLIN));
	assert_false(ready(buf.fd, POLLOUT));
	fence_signal(card, fence);
	assert_true(ready(buf.fd, POLLOUT));

	/* a writer at work: nobody may */
	fence = fence_attach(card, handle, VGEM_FENCE_WRITE);
	assert_false(ready(buf.fd, POLLIN));
	assert_false(ready(buf.fd, POLLOUT));
	assert_int_equal(ioctl(buf.fd, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &export), 0);
	assert_false(ready(export.fd, POLLIN));
	fence_signal(card, fence);
	assert_true(ready(export.fd, POLLIN));
	assert_true(ready(buf.fd, POLLIN));
	assert_true(ready(buf.fd, POLLOUT));

	close(export.fd);
	gem_close(card, handle);
	test_buffer_free(&buf);
	close(card);
}

struct waiter {
	int (*wait)(struct waiter *waiter);
	struct test_buffer *buf;
	struct edu edu;
	struct edu_buffer in;
	int done;
	int result;
};

static int wait_cpu(struct waiter *waiter)
{
	CEN_SYNC_GUARD(guard);

	if (cen_sync_begin(&guard, waiter->buf->cen, 0, 0, CEN_SYNC_READ))
		return -errno;
	return cen_sync_end(&guard) ? -errno : 0;
}

static int wait_edu(struct waiter *waiter)
{
	return edu_read(&waiter->edu, &waiter->in, 0, 16);
}

static void *waiter_run(void *arg)
{
	struct waiter *waiter = arg;

	waiter->result = waiter->wait(waiter);
	__atomic_store_n(&waiter->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* @waiter cannot go on before the fence of a writer has signalled. */
static void waits_for_writer(int card, uint32_t handle, struct waiter *waiter)
{
	uint32_t fence = fence_attach(card, handle, VGEM_FENCE_WRITE);
	pthread_t thread;

	waiter->done = 0;
	assert_int_equal(pthread_create(&thread, NULL, waiter_run, waiter), 0);
	usleep(500 * 1000);
	assert_false(__atomic_load_n(&waiter->done, __ATOMIC_ACQUIRE));
	fence_signal(card, fence);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(waiter->result, 0);
}

static void test_cpu_waits_for_writer(void **state)
{
	struct waiter waiter = { .wait = wait_cpu };
	struct test_buffer buf;
	uint32_t handle;
	int card = card_open("vgem");

	(void)state;
	test_buffer_new(&buf, ctx, 4096, nobody);
	waiter.buf = &buf;
	handle = prime_import(card, buf.fd);
	waits_for_writer(card, handle, &waiter);
	gem_close(card, handle);
	test_buffer_free(&buf);
	close(card);
}

/* Two foreign importers of one buffer: the second waits for the first. */
static void test_edu_waits_for_writer(void **state)
{
	struct waiter waiter = { .wait = wait_edu };
	const char *specs[2] = { NULL };
	struct test_buffer buf;
	uint32_t handle;
	char spec[64];
	int card = card_open("vgem");

	(void)state;
	if (!test_run("modprobe cen_edu") || edu_open(&waiter.edu))
		t_skip("no edu device, or no driver for it");
	snprintf(spec, sizeof(spec), "pci:%s", waiter.edu.pci);
	specs[0] = spec;
	test_buffer_new(&buf, ctx, 4096, specs);
	waiter.buf = &buf;
	handle = prime_import(card, buf.fd);
	assert_int_equal(edu_attach(&waiter.edu, buf.fd, &waiter.in), 0);
	waits_for_writer(card, handle, &waiter);
	gem_close(card, handle);
	edu_close(&waiter.edu);
	test_buffer_free(&buf);
	close(card);
}

static int setup(void **state)
{
	(void)state;
	ctx = cen_ctx_open(CEN_CTX_MODULE);
	return ctx ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	cen_ctx_close(ctx);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vgem_small),
		cmocka_unit_test(test_vgem_large),
		cmocka_unit_test(test_vkms),
		cmocka_unit_test(test_closing_the_card),
		cmocka_unit_test(test_fences_are_seen),
		cmocka_unit_test(test_cpu_waits_for_writer),
		cmocka_unit_test(test_edu_waits_for_writer),
	};

	test_run("modprobe vkms 2>/dev/null");
	if (!test_run("modprobe vgem")) {
		printf("1..0 # SKIP no module vgem\n");
		return 0;
	}
	return cmocka_run_group_tests_name("prime", tests, setup, teardown);
}
