// SPDX-License-Identifier: GPL-2.0
/*
 * libcen against the module: buffers from the first call to the last, foreign
 * dma-bufs, CPU access, snapshots, holders, and that nothing is left open.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <threads.h>
#include <unistd.h>

#include <cmocka.h>

#include <cen.h>

#include "common.h"

#define PAGE	4096UL

static struct cen_ctx *ctx;
static unsigned int fds_before;

static unsigned int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static int setup(void **state)
{
	(void)state;
	fds_before = open_fds();
	ctx = cen_ctx_open(CEN_CTX_MODULE);
	return ctx ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	cen_ctx_close(ctx);
	return open_fds() == fds_before ? 0 : -1;
}

static struct cen_buffer *new_buffer(uint64_t size)
{
	struct cen_buffer *buf = cen_buffer_new(ctx, size);

	assert_non_null(buf);
	return buf;
}

static void assert_says(const char *part)
{
	if (!strstr(cen_error(), part))
		fail_msg("'%s' does not contain '%s'", cen_error(), part);
}

static void a_buffer_from_first_to_last(void **state)
{
	struct cen_buffer *buf = new_buffer(MIB + 1);
	const struct cen_plan *plan;
	int fd;

	(void)state;
	assert_int_equal(cen_ctx_backend(ctx), CEN_BACKEND_MODULE);
	assert_true(cen_ctx_fd(ctx) >= 0);
	assert_int_equal(cen_buffer_size(buf), MIB + PAGE);
	assert_true(cen_buffer_is_native(buf));
	assert_int_equal(cen_buffer_promises(buf), CEN_PROMISES_ALL);
	assert_true(cen_buffer_fd(buf) >= 0);
	assert_int_equal(fcntl(cen_buffer_fd(buf), F_GETFD), FD_CLOEXEC);
	assert_null(cen_buffer_plan(buf));
	assert_int_equal(errno, ENODATA);
	assert_int_equal(cen_buffer_declare(buf, "limits:cam,max-segments=1,address-bits=32"), 0);
	assert_int_equal(cen_buffer_commit(buf), 0);
	plan = cen_buffer_plan(buf);
	assert_non_null(plan);
	assert_true(plan->flags & CEN_PLAN_CONTIGUOUS);
	assert_in_range(plan->addr_bits, 1, 32);
	assert_int_equal(cen_buffer_commit(buf), 0);
	fd = cen_buffer_export(buf);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	cen_buffer_free(buf);
	/* the export lives on */
	assert_int_equal(lseek(fd, 0, SEEK_END), MIB + PAGE);
	close(fd);
}

static void wrong_arguments_have_their_errno(void **state)
{
	struct cen_buffer *buf;

	(void)state;
	assert_null(cen_buffer_new(ctx, 0));
	assert_int_equal(errno, EINVAL);
	assert_says("0 bytes");
	assert_null(cen_buffer_new_with(ctx, PAGE, 3, 0, 0));
	assert_int_equal(errno, EINVAL);
	assert_says("power of two");
	assert_null(cen_buffer_new_with(ctx, PAGE, 0, 0, 1U << 31));
	assert_int_equal(errno, EINVAL);
	assert_null(cen_buffer_new(ctx, 1ULL << 40));
	assert_int_equal(errno, EDQUOT);
	assert_says("quota");
	assert_null(cen_ctx_explain(ctx, 0, 0, NULL));
	assert_int_equal(errno, EINVAL);

	buf = new_buffer(PAGE);
	assert_int_equal(cen_buffer_declare(buf, "platform:nothing"), -1);
	assert_int_equal(errno, ENOENT);
	assert_says("no device 'platform:nothing'");
	assert_int_equal(cen_buffer_declare(buf, "nothing"), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(cen_buffer_declare(buf, "/dev/null"), -1);
	assert_int_equal(errno, ENODEV);
	assert_null(cen_buffer_explain_last(buf));
	assert_int_equal(errno, ENODATA);
	cen_buffer_free(buf);
}

static void a_refusal_explains_itself(void **state)
{
	struct cen_buffer *buf = new_buffer(MIB);
	struct cen_explanation *exp;

	(void)state;
	assert_int_equal(cen_buffer_declare(buf, "limits:low,address-bits=12"), -1);
	assert_int_equal(errno, ENODEV);
	assert_says("refused (ENODEV)");
	assert_says("low reaches addresses of 12 bits");
	exp = cen_buffer_explain_last(buf);
	assert_non_null(exp);
	assert_int_equal(cen_explanation_error(exp), ENODEV);
	assert_null(cen_explanation_plan(exp));
	assert_true(cen_explanation_reason_count(exp) > 0);
	assert_string_equal(cen_explanation_device(exp, cen_explanation_reason(exp, 0)->device),
			    "low");
	assert_non_null(cen_explanation_reason_help(exp, 0));
	cen_explanation_free(exp);
	/* the buffer is as if nothing had been asked */
	assert_int_equal(cen_buffer_commit(buf), 0);
	cen_buffer_free(buf);
}

static void sets_are_all_or_nothing(void **state)
{
	struct cen_device_set *set = cen_device_set_new();
	struct cen_buffer *buf = new_buffer(MIB);
	struct cen_buffer_info *info;
	struct cen_explanation *exp;

	(void)state;
	assert_int_equal(cen_buffer_declare_set(buf, set), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(cen_device_set_add(set, "limits:good,address-bits=40"), 0);
	assert_int_equal(cen_device_set_add(set, "limits:low,address-bits=12"), 0);
	assert_int_equal(cen_buffer_declare_set(buf, set), -1);
	assert_int_equal(errno, ENODEV);
	info = cen_buffer_info_new(buf);
	assert_non_null(info);
	assert_int_equal(cen_buffer_info_device_count(info), 0);
	cen_buffer_info_free(info);

	exp = cen_buffer_explain(buf, set);
	assert_non_null(exp);
	assert_int_equal(cen_explanation_error(exp), ENODEV);
	cen_explanation_free(exp);
	exp = cen_buffer_explain(buf, NULL);
	assert_non_null(exp);
	assert_int_equal(cen_explanation_error(exp), 0);
	assert_non_null(cen_explanation_plan(exp));
	cen_explanation_free(exp);
	cen_buffer_free(buf);
	cen_device_set_free(set);
}

static void maps_show_the_same_bytes(void **state)
{
	struct cen_buffer *buf = new_buffer(4 * PAGE), *same;
	struct cen_map *map, *part;
	unsigned char *data;

	(void)state;
	/* nothing was committed: the first touch does */
	map = cen_buffer_map(buf, 0, 0, PROT_READ | PROT_WRITE);
	assert_non_null(map);
	assert_int_equal(cen_map_length(map), 4 * PAGE);
	data = cen_map_data(map);
	for (size_t i = 0; i < cen_map_length(map); i++)
		assert_int_equal(data[i], 0);
	{
		CEN_SYNC_GUARD(guard);

		assert_int_equal(cen_sync_begin(&guard, buf, 2 * PAGE, 100, CEN_SYNC_WRITE), 0);
		memset(data + 2 * PAGE, 0x5a, 100);
	}
	same = cen_buffer_import(ctx, cen_buffer_fd(buf));
	assert_non_null(same);
	assert_true(cen_buffer_is_native(same));
	assert_int_equal(cen_buffer_size(same), 4 * PAGE);
	part = cen_buffer_map(same, 2 * PAGE, PAGE, PROT_READ);
	assert_non_null(part);
	data = cen_map_data(part);
	assert_int_equal(data[99], 0x5a);
	assert_int_equal(data[100], 0);
	cen_buffer_unmap(part);
	cen_buffer_free(same);
	cen_buffer_unmap(map);
	cen_buffer_free(buf);
}

static void syncs_are_checked(void **state)
{
	struct cen_buffer *buf = new_buffer(2 * PAGE);
	struct cen_sync_guard guard;

	(void)state;
	assert_int_equal(cen_sync_begin(&guard, buf, 0, 0, CEN_SYNC_READ | CEN_SYNC_WRITE), 0);
	assert_int_equal(cen_sync_end(&guard), 0);
	assert_int_equal(cen_sync_end(&guard), 0);
	assert_int_equal(cen_sync_begin(&guard, buf, PAGE, PAGE, CEN_SYNC_READ), 0);
	assert_int_equal(cen_sync_end(&guard), 0);
	assert_int_equal(cen_sync_begin(&guard, buf, PAGE, PAGE + 1, CEN_SYNC_READ), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(cen_sync_end(&guard), 0);
	assert_int_equal(cen_sync_begin(&guard, buf, 0, 0, CEN_SYNC_END), -1);
	assert_int_equal(errno, EINVAL);
	cen_buffer_free(buf);
}

/* A buffer of the kernel's own heap: usable, but not ours to place. */
static void foreign_buffers_are_used_as_they_are(void **state)
{
	struct dma_heap_allocation_data arg = { .len = 2 * PAGE, .fd_flags = O_RDWR | O_CLOEXEC };
	int heap = open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC);
	struct cen_sync_guard guard;
	struct cen_buffer *buf;
	struct cen_map *map;

	(void)state;
	if (heap < 0)
		t_skip("this kernel has no system dma-heap");
	assert_int_equal(ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &arg), 0);
	close(heap);
	buf = cen_buffer_import(ctx, (int)arg.fd);
	close((int)arg.fd);
	assert_non_null(buf);
	assert_false(cen_buffer_is_native(buf));
	assert_int_equal(cen_buffer_size(buf), 2 * PAGE);
	assert_int_equal(cen_buffer_promises(buf), 0);
	assert_int_equal(cen_buffer_declare(buf, "limits:x,address-bits=32"), -1);
	assert_int_equal(errno, ENOTTY);
	assert_int_equal(cen_buffer_commit(buf), -1);
	assert_int_equal(errno, ENOTTY);
	assert_null(cen_buffer_info_new(buf));
	assert_int_equal(errno, ENOTTY);
	assert_null(cen_buffer_explain(buf, NULL));
	assert_int_equal(errno, ENOTTY);
	assert_null(cen_buffer_explain_last(buf));
	assert_int_equal(errno, ENOTTY);
	/* a part of it is synced by syncing all of it */
	assert_int_equal(cen_sync_begin(&guard, buf, PAGE, 10, CEN_SYNC_WRITE), 0);
	map = cen_buffer_map(buf, PAGE, 0, PROT_READ | PROT_WRITE);
	assert_non_null(map);
	memset(cen_map_data(map), 1, 10);
	assert_int_equal(cen_sync_end(&guard), 0);
	cen_buffer_unmap(map);
	cen_buffer_free(buf);

	assert_null(cen_buffer_import(ctx, -1));
	assert_int_equal(errno, EBADF);
	assert_null(cen_buffer_import(ctx, cen_ctx_fd(ctx)));
	assert_int_equal(errno, ENOTTY);
}

static const struct cen_buffer_info *find(const struct cen_buffer_list *list, uint64_t id)
{
	for (size_t i = 0; i < cen_buffer_list_count(list); i++)
		if (cen_buffer_info_get(cen_buffer_list_get(list, i))->id == id)
			return cen_buffer_list_get(list, i);
	return NULL;
}

static void snapshots_and_lists_agree(void **state)
{
	struct cen_buffer *buf = new_buffer(MIB), *other = new_buffer(PAGE);
	struct cen_buffer_info *info;
	struct cen_buffer_list *list;
	const struct cen_info *fields;
	uint64_t id;

	(void)state;
	assert_int_equal(cen_buffer_declare(buf, "limits:a,address-bits=40"), 0);
	assert_int_equal(cen_buffer_declare(buf, "limits:b,max-segments=1"), 0);
	info = cen_buffer_info_new(buf);
	assert_non_null(info);
	fields = cen_buffer_info_get(info);
	assert_int_equal(fields->state, CEN_BUFFER_EMPTY);
	assert_int_equal(fields->creator, getpid());
	assert_int_equal(cen_buffer_info_device_count(info), 2);
	assert_string_equal(cen_buffer_info_device(info, 0)->name, "a");
	assert_int_equal(cen_buffer_info_device(info, 1)->limits.max_segs, 1);
	assert_int_equal(cen_buffer_info_device(info, 1)->flags, CEN_USE_DECLARED);
	assert_null(cen_buffer_info_device(info, 2));
	id = fields->id;
	cen_buffer_info_free(info);

	assert_int_equal(cen_buffer_commit(buf), 0);
	list = cen_buffer_list_new(ctx);
	assert_non_null(list);
	assert_int_equal(cen_buffer_list_count(list), 2);
	assert_non_null(find(list, id));
	fields = cen_buffer_info_get(find(list, id));
	assert_int_equal(fields->state, CEN_BUFFER_BACKED);
	assert_int_equal(fields->chunks, 1);
	assert_int_equal(fields->size, MIB);
	assert_int_equal(cen_buffer_info_device_count(find(list, id)), 2);
	assert_null(cen_buffer_list_get(list, 2));
	cen_buffer_list_free(list);
	cen_buffer_free(other);
	cen_buffer_free(buf);
	list = cen_buffer_list_new(ctx);
	assert_non_null(list);
	assert_int_equal(cen_buffer_list_count(list), 0);
	cen_buffer_list_free(list);
}

/* More devices than the library's first guess at room. */
static void many_devices_fit_a_snapshot(void **state)
{
	struct cen_buffer *buf = new_buffer(PAGE);
	struct cen_buffer_info *info;
	char spec[32];

	(void)state;
	for (int i = 0; i < CEN_MAX_DEVICES; i++) {
		snprintf(spec, sizeof(spec), "limits:d%d,address-bits=40", i);
		assert_int_equal(cen_buffer_declare(buf, spec), 0);
	}
	assert_int_equal(cen_buffer_declare(buf, "limits:one-more"), -1);
	assert_int_equal(errno, E2BIG);
	info = cen_buffer_info_new(buf);
	assert_non_null(info);
	assert_int_equal(cen_buffer_info_device_count(info), CEN_MAX_DEVICES);
	cen_buffer_info_free(info);
	cen_buffer_free(buf);
}

static const struct cen_holder *holder_of(const struct cen_holder_list *list, uint64_t inode)
{
	for (size_t i = 0; i < cen_holder_list_count(list); i++)
		if (cen_holder_list_get(list, i)->inode == inode &&
		    cen_holder_list_get(list, i)->pid == getpid())
			return cen_holder_list_get(list, i);
	return NULL;
}

static void holders_are_found(void **state)
{
	struct cen_buffer *buf = new_buffer(2 * PAGE);
	const struct cen_holder *holder;
	struct cen_holder_list *list;
	struct cen_buffer_info *info;
	struct cen_map *map;
	uint64_t inode;
	int fd;

	(void)state;
	info = cen_buffer_info_new(buf);
	assert_non_null(info);
	inode = cen_buffer_info_get(info)->inode;
	cen_buffer_info_free(info);
	fd = cen_buffer_export(buf);
	map = cen_buffer_map(buf, 0, PAGE, PROT_READ);
	assert_non_null(map);
	list = cen_holder_list_new(NULL);
	assert_non_null(list);
	holder = holder_of(list, inode);
	assert_non_null(holder);
	assert_int_equal(holder->fds, 2);
	assert_int_equal(holder->maps, 1);
	assert_string_equal(holder->comm, "libcen");
	cen_holder_list_free(list);
	close(fd);
	cen_buffer_free(buf);
	/* the map alone holds it, too */
	list = cen_holder_list_new(NULL);
	assert_non_null(list);
	holder = holder_of(list, inode);
	assert_non_null(holder);
	assert_int_equal(holder->fds, 0);
	assert_int_equal(holder->maps, 1);
	cen_holder_list_free(list);
	cen_buffer_unmap(map);
}

static int fail_elsewhere(void *arg)
{
	(void)arg;
	return cen_size_format(0, NULL, 0) > 0 && cen_limits_parse(&(struct cen_limits){ 0 }, "x=1");
}

static void errors_belong_to_threads(void **state)
{
	thrd_t thread;
	int failed;

	(void)state;
	assert_null(cen_buffer_new(ctx, 0));
	assert_int_equal(thrd_create(&thread, fail_elsewhere, NULL), thrd_success);
	assert_int_equal(thrd_join(thread, &failed), thrd_success);
	assert_true(failed);
	assert_says("0 bytes");
}

static void the_fall_back_finds_real_heaps(void **state)
{
	struct cen_ctx *fallback;
	struct cen_buffer *buf;
	struct cen_sync_guard guard;
	struct cen_map *map;
	unsigned char *data;

	(void)state;
	if (access("/dev/dma_heap/system", R_OK) || access("/dev/udmabuf", R_OK))
		t_skip("this kernel has no system dma-heap or no udmabuf");
	fallback = cen_ctx_open(CEN_CTX_FALLBACK);
	assert_non_null(fallback);
	for (uint32_t heap = 0; heap < 2; heap++) {
		buf = cen_buffer_new_with(fallback, 3 * PAGE, 0, 1U << heap, 0);
		assert_non_null(buf);
		assert_false(cen_buffer_is_native(buf));
		map = cen_buffer_map(buf, 0, 0, PROT_READ | PROT_WRITE);
		assert_non_null(map);
		assert_int_equal(cen_buffer_plan(buf)->heap, heap);
		assert_int_equal(cen_sync_begin(&guard, buf, PAGE, PAGE, CEN_SYNC_READ | CEN_SYNC_WRITE), 0);
		data = cen_map_data(map);
		assert_int_equal(data[PAGE], 0);
		data[PAGE] = 7;
		assert_int_equal(cen_sync_end(&guard), 0);
		cen_buffer_unmap(map);
		cen_buffer_free(buf);
	}
	cen_ctx_close(fallback);
}

#define on_ctx(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_ctx(a_buffer_from_first_to_last),
		on_ctx(wrong_arguments_have_their_errno),
		on_ctx(a_refusal_explains_itself),
		on_ctx(sets_are_all_or_nothing),
		on_ctx(maps_show_the_same_bytes),
		on_ctx(syncs_are_checked),
		on_ctx(foreign_buffers_are_used_as_they_are),
		on_ctx(snapshots_and_lists_agree),
		on_ctx(many_devices_fit_a_snapshot),
		on_ctx(holders_are_found),
		on_ctx(errors_belong_to_threads),
		on_ctx(the_fall_back_finds_real_heaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
