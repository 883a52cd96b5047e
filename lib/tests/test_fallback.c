// SPDX-License-Identifier: GPL-2.0
/* Life without the module: which heap is chosen, what is refused, what is promised. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../fallback.h"
#include "support.h"

/* Heaps do not allocate here: they answer what a test says, or a memfd. */
static struct {
	int error[CEN_MAX_HEAPS];	/* by number of the call */
	char names[CEN_MAX_HEAPS][CEN_HEAP_NAME_LEN];
	int calls;
} heaps;

int __wrap_cen_fallback_alloc(const struct fallback_heap *heap, const struct cen_roots *roots,
			      uint64_t size);

int __wrap_cen_fallback_alloc(const struct fallback_heap *heap, const struct cen_roots *roots,
			      uint64_t size)
{
	int call = heaps.calls++, fd;

	(void)roots;
	snprintf(heaps.names[call], sizeof(heaps.names[call]), "%s", heap->name);
	if (heaps.error[call])
		return heaps.error[call];
	fd = memfd_create("test", MFD_CLOEXEC);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	return fd;
}

static struct cen_ctx *open_machine(struct machine *m)
{
	struct cen_ctx *ctx;

	memset(&heaps, 0, sizeof(heaps));
	ctx = cen_ctx_open_at(0, &m->roots);
	assert_non_null(ctx);
	assert_int_equal(cen_ctx_backend(ctx), CEN_BACKEND_FALLBACK);
	assert_int_equal(cen_ctx_fd(ctx), -1);
	return ctx;
}

static int setup(void **state)
{
	struct machine *m;

	machine_setup(state);
	m = *state;
	machine_memory(m, 6);
	machine_write(m, "dev/dma_heap/system", "");
	machine_write(m, "dev/dma_heap/linux,cma", "");
	machine_write(m, "dev/udmabuf", "");
	machine_write(m, "proc/meminfo", "MemTotal: 6000000 kB\nCmaTotal:          65536 kB\n");
	return 0;
}

static struct cen_buffer *new_buffer(struct cen_ctx *ctx, uint64_t size)
{
	struct cen_buffer *buf = cen_buffer_new(ctx, size);

	assert_non_null(buf);
	return buf;
}

static void nothing_to_fall_back_to(void **state)
{
	struct machine *m = *state;

	unlink(machine_path(m, "dev/dma_heap/system"));
	unlink(machine_path(m, "dev/dma_heap/linux,cma"));
	unlink(machine_path(m, "dev/udmabuf"));
	assert_null(cen_ctx_open_at(0, &m->roots));
	assert_int_equal(errno, ENOENT);
	assert_contains(cen_error(), "/dev/cenalloc");
	assert_null(cen_ctx_open_at(CEN_CTX_MODULE, &m->roots));
	assert_int_equal(errno, ENOENT);
	assert_null(cen_ctx_open_at(CEN_CTX_MODULE | CEN_CTX_FALLBACK, &m->roots));
	assert_int_equal(errno, EINVAL);
	assert_null(cen_ctx_open_at(1U << 31, &m->roots));
	assert_int_equal(errno, EINVAL);
	/* the module's own dma-heap node is no heap to fall back to */
	machine_write(m, "dev/dma_heap/cenalloc", "");
	assert_null(cen_ctx_open_at(CEN_CTX_FALLBACK, &m->roots));
	assert_int_equal(errno, ENOENT);
}

static void heaps_are_described(void **state)
{
	struct cen_ctx *ctx = open_machine(*state);
	struct cen_heap_list *list = cen_heap_list_new(ctx);
	const struct cen_heap_info *info;

	assert_non_null(list);
	assert_int_equal(cen_heap_list_count(list), 3);
	info = cen_heap_list_find(list, "system");
	assert_non_null(info);
	assert_int_equal(info->chunk_max, sysconf(_SC_PAGESIZE));
	assert_int_equal(info->addr_bits_min, 33);
	assert_int_equal(info->capacity, 0);
	info = cen_heap_list_find(list, "linux,cma");
	assert_non_null(info);
	assert_int_equal(info->chunk_max, 64 * MIB);
	assert_int_equal(info->flags, CEN_HEAP_CONTIGUOUS);
	assert_non_null(cen_heap_list_find(list, "udmabuf"));
	assert_null(cen_heap_list_find(list, "none"));
	assert_null(cen_heap_list_get(list, 3));
	cen_heap_list_free(list);
	cen_ctx_close(ctx);
}

static void a_modest_buffer_comes_from_pages(void **state)
{
	struct cen_ctx *ctx = open_machine(*state);
	struct cen_buffer *buf = new_buffer(ctx, 5000);

	assert_int_equal(cen_buffer_size(buf), 8192);
	assert_null(cen_buffer_plan(buf));
	assert_int_equal(errno, ENODATA);
	assert_int_equal(cen_buffer_commit(buf), 0);
	assert_string_equal(heaps.names[0], "system");
	assert_int_equal(heaps.calls, 1);
	assert_non_null(cen_buffer_plan(buf));
	assert_true(cen_buffer_fd(buf) >= 0);
	/* no second allocation */
	assert_int_equal(cen_buffer_commit(buf), 0);
	assert_int_equal(heaps.calls, 1);
	cen_buffer_free(buf);
	cen_ctx_close(ctx);
}

static void one_segment_comes_from_cma(void **state)
{
	struct cen_ctx *ctx = open_machine(*state);
	struct cen_buffer *buf = new_buffer(ctx, 8 * MIB);

	assert_int_equal(cen_buffer_declare(buf, "limits:cam,max-segments=1"), 0);
	/* asking for the fd is enough */
	assert_true(cen_buffer_fd(buf) >= 0);
	assert_string_equal(heaps.names[0], "linux,cma");
	assert_true(cen_buffer_plan(buf)->flags & CEN_PLAN_CONTIGUOUS);
	cen_buffer_free(buf);
	cen_ctx_close(ctx);
}

static void an_address_limit_is_refused_on_a_large_machine(void **state)
{
	struct cen_ctx *ctx = open_machine(*state);
	struct cen_buffer *buf = new_buffer(ctx, MIB);
	struct cen_explanation *exp;

	assert_failed(cen_buffer_declare(buf, "limits:edu,address-bits=28"), ENODEV,
		      "heap system: edu reaches addresses of 28 bits, this memory needs at least 33 bits");
	assert_contains(cen_error(), "load the module cenalloc");
	exp = cen_buffer_explain_last(buf);
	assert_non_null(exp);
	assert_int_equal(cen_explanation_error(exp), ENODEV);
	assert_true(cen_explanation_reason_count(exp) > 0);
	cen_explanation_free(exp);
	/* all or nothing: the buffer is as before */
	assert_int_equal(cen_buffer_commit(buf), 0);
	cen_buffer_free(buf);
	cen_ctx_close(ctx);
}

static void a_small_machine_suits_a_32_bit_device(void **state)
{
	struct cen_ctx *ctx;
	struct cen_buffer *buf;

	machine_memory(*state, 2);
	ctx = open_machine(*state);
	buf = new_buffer(ctx, MIB);
	assert_int_equal(cen_buffer_declare(buf, "limits:cam,address-bits=32"), 0);
	assert_int_equal(cen_buffer_declare(buf, "limits:low,address-bits=30"), -1);
	assert_int_equal(errno, ENODEV);
	cen_buffer_free(buf);
	cen_ctx_close(ctx);
}

static void sysfs_and_rules_are_asked(void **state)
{
	struct machine *m = *state;
	struct cen_device_info info;
	struct cen_buffer *buf;
	struct cen_ctx *ctx;

	machine_pci(m, "0000:00:04.0", 32);
	machine_pci(m, "0000:00:05.0", 32);
	machine_write(m, "sys/devices/pci0000:00/0000:00:05.0/iommu_group/type", "DMA-FQ\n");
	machine_dir(m, "sys/bus/platform/devices/cam");
	machine_write(m, "rules/cam.conf", "[platform:cam]\nmax-segments=1\n");
	ctx = open_machine(m);

	buf = new_buffer(ctx, MIB);
	assert_failed(cen_buffer_declare(buf, "pci:0000:00:04.0"), ENODEV, "32 bits");
	/* behind an IOMMU the mask limits addresses of the IOMMU, not of memory */
	assert_int_equal(cen_buffer_declare(buf, "pci:0000:00:05.0"), 0);
	assert_int_equal(cen_buffer_declare(buf, "platform:cam"), 0);
	assert_int_equal(cen_buffer_commit(buf), 0);
	assert_string_equal(heaps.names[0], "linux,cma");
	cen_buffer_free(buf);

	assert_int_equal(cen_device_get_info(ctx, "platform:cam", &info), 0);
	assert_int_equal(info.sources, CEN_FROM_ADMIN);
	assert_int_equal(info.limits.max_segs, 1);
	cen_ctx_close(ctx);
}

static void unknown_devices_are_refused(void **state)
{
	struct machine *m = *state;
	struct cen_buffer *buf;
	struct cen_ctx *ctx;

	machine_dir(m, "sys/bus/platform/devices/vivid.0");
	ctx = open_machine(m);
	buf = new_buffer(ctx, MIB);
	assert_failed(cen_buffer_declare(buf, "platform:vivid.1"), ENOENT,
		      "did you mean 'platform:vivid.0'?");
	cen_buffer_free(buf);
	cen_ctx_close(ctx);
}

static void contradictions_are_einval(void **state)
{
	struct cen_ctx *ctx = open_machine(*state);
	struct cen_buffer *buf = new_buffer(ctx, MIB);

	assert_int_equal(cen_buffer_declare(buf, "limits:a,banks=1"), -1);
	assert_int_equal(errno, ENODEV);	/* no heap here has banks */
	assert_failed(cen_buffer_declare(buf, "limits:b,segment-size=512"), EINVAL, "refused (EINVAL)");
	assert_failed(cen_buffer_declare(buf, "limits:c,max-segments=4,segment-size=64K"), EINVAL,
		      "256 KiB");
	cen_buffer_free(buf);
	cen_ctx_close(ctx);
}

static void after_commit_nothing_moves(void **state)
{
	struct cen_ctx *ctx = open_machine(*state);
	struct cen_buffer *buf = new_buffer(ctx, MIB);

	assert_int_equal(cen_buffer_commit(buf), 0);
	assert_string_equal(heaps.names[0], "system");
	assert_int_equal(cen_buffer_declare(buf, "limits:fits,address-bits=40"), 0);
	assert_failed(cen_buffer_declare(buf, "limits:cam,max-segments=1"), EBUSY,
		      "cannot be moved");
	cen_buffer_free(buf);
	cen_ctx_close(ctx);
}

static void the_next_heap_helps_out(void **state)
{
	struct cen_ctx *ctx = open_machine(*state);
	struct cen_buffer *buf = new_buffer(ctx, MIB);

	heaps.error[0] = -ENOMEM;
	assert_int_equal(cen_buffer_commit(buf), 0);
	assert_int_equal(heaps.calls, 2);
	assert_string_equal(heaps.names[0], "system");
	assert_string_equal(heaps.names[1], "udmabuf");
	assert_int_equal(cen_buffer_plan(buf)->heap, 2);
	cen_buffer_free(buf);

	buf = new_buffer(ctx, MIB);
	memset(&heaps, 0, sizeof(heaps));
	heaps.error[0] = heaps.error[1] = heaps.error[2] = -ENOMEM;
	assert_int_equal(cen_buffer_commit(buf), -1);
	assert_int_equal(errno, ENOMEM);
	assert_int_equal(heaps.calls, 3);
	assert_contains(cen_error(), "heap system: the buffer has 1 MiB, so much cannot be had now\n");
	assert_contains(cen_error(), "heap udmabuf: the buffer has 1 MiB");
	assert_contains(cen_error(), "what would help:\n");
	cen_buffer_free(buf);

	buf = new_buffer(ctx, MIB);
	memset(&heaps, 0, sizeof(heaps));
	heaps.error[0] = heaps.error[1] = heaps.error[2] = -EACCES;
	assert_int_equal(cen_buffer_commit(buf), -1);
	assert_int_equal(errno, EACCES);
	assert_contains(cen_error(), "heap system: not usable now: Permission denied\n");
	cen_buffer_free(buf);
	cen_ctx_close(ctx);
}

static void heaps_of_unknown_nature_wait_to_be_asked(void **state)
{
	struct machine *m = *state;
	struct cen_heap_list *list;
	struct cen_buffer *buf;
	struct cen_ctx *ctx;
	uint32_t secure;

	machine_write(m, "dev/dma_heap/secure", "");
	ctx = open_machine(m);
	list = cen_heap_list_new(ctx);
	secure = cen_heap_list_find(list, "secure")->index;
	cen_heap_list_free(list);

	buf = new_buffer(ctx, MIB);
	heaps.error[0] = heaps.error[1] = heaps.error[2] = -ENOMEM;
	assert_int_equal(cen_buffer_commit(buf), -1);
	assert_int_equal(heaps.calls, 3);
	cen_buffer_free(buf);

	memset(&heaps, 0, sizeof(heaps));
	buf = cen_buffer_new_with(ctx, MIB, 0, 1U << secure, 0);
	assert_non_null(buf);
	assert_int_equal(cen_buffer_commit(buf), 0);
	assert_string_equal(heaps.names[0], "secure");
	cen_buffer_free(buf);
	cen_ctx_close(ctx);
}

static void wrong_arguments_are_refused(void **state)
{
	struct cen_ctx *ctx = open_machine(*state);
	struct cen_device_set *set = cen_device_set_new();
	struct cen_buffer *buf;

	assert_null(cen_buffer_new(ctx, 0));
	assert_int_equal(errno, EINVAL);
	assert_contains(cen_error(), "0 bytes");
	assert_null(cen_buffer_new(ctx, UINT64_MAX));
	assert_int_equal(errno, EINVAL);
	assert_null(cen_buffer_new_with(ctx, 4096, 3, 0, 0));
	assert_int_equal(errno, EINVAL);
	assert_contains(cen_error(), "power of two");
	assert_null(cen_buffer_new_with(ctx, 4096, 0, 1U << 31, 0));
	assert_int_equal(errno, EINVAL);
	assert_null(cen_buffer_new_with(ctx, 4096, 0, 0, 1U << 31));
	assert_int_equal(errno, EINVAL);
	assert_null(cen_buffer_new_with(ctx, 4096, 0, 0, CEN_CREATE_ACCOUNT));
	assert_int_equal(errno, EOPNOTSUPP);
	assert_null(cen_ctx_explain(ctx, 0, 0, NULL));
	assert_int_equal(errno, EINVAL);
	assert_null(cen_ctx_explain(ctx, 4096, 3, NULL));
	assert_int_equal(errno, EINVAL);

	buf = new_buffer(ctx, 4096);
	assert_failed(cen_buffer_declare_set(buf, set), EINVAL, "empty");
	assert_null(cen_buffer_explain_last(buf));
	assert_int_equal(errno, ENODATA);
	assert_null(cen_buffer_info_new(buf));
	assert_int_equal(errno, ENOTTY);
	assert_null(cen_buffer_list_new(ctx));
	assert_int_equal(errno, ENOSYS);
	cen_buffer_free(buf);
	cen_device_set_free(set);

	assert_null(cen_buffer_import(ctx, -1));
	assert_int_equal(errno, EBADF);
	assert_null(cen_buffer_import(ctx, STDERR_FILENO));
	assert_int_equal(errno, ENOTTY);
	cen_ctx_close(ctx);
}

static void maps_are_checked(void **state)
{
	struct cen_ctx *ctx = open_machine(*state);
	struct cen_buffer *buf = new_buffer(ctx, 2 * 4096);
	struct cen_sync_guard guard;
	struct cen_map *map;

	assert_null(cen_buffer_map(buf, 1, 0, PROT_READ));
	assert_int_equal(errno, EINVAL);
	assert_null(cen_buffer_map(buf, 2 * 4096, 0, PROT_READ));
	assert_int_equal(errno, EINVAL);
	assert_null(cen_buffer_map(buf, 4096, 4097, PROT_READ));
	assert_int_equal(errno, EINVAL);
	assert_null(cen_buffer_map(buf, 0, 0, PROT_EXEC));
	assert_int_equal(errno, EINVAL);
	map = cen_buffer_map(buf, 4096, 0, PROT_READ | PROT_WRITE);
	assert_non_null(map);
	assert_int_equal(cen_map_length(map), 4096);
	memset(cen_map_data(map), 0x5a, cen_map_length(map));
	cen_buffer_unmap(map);

	assert_int_equal(cen_sync_begin(&guard, buf, 0, 0, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(cen_sync_begin(&guard, buf, 4096, 4097, CEN_SYNC_READ), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(cen_sync_begin(&guard, buf, 4096, 0, CEN_SYNC_READ), -1);
	assert_int_equal(errno, EINVAL);
	/* a memfd knows no sync; a guard that did not begin has nothing to end */
	assert_int_equal(cen_sync_begin(&guard, buf, 0, 0, CEN_SYNC_READ), -1);
	assert_int_equal(errno, ENOTTY);
	assert_int_equal(cen_sync_end(&guard), 0);
	cen_buffer_free(buf);
	cen_ctx_close(ctx);
}

static void promises_depend_on_what_is_known(void **state)
{
	struct machine *m = *state;
	struct cen_buffer *buf;
	struct cen_ctx *ctx;

	machine_pci(m, "0000:00:04.0", 64);
	machine_dir(m, "sys/bus/platform/devices/cam");
	ctx = open_machine(m);
	buf = new_buffer(ctx, MIB);
	assert_int_equal(cen_buffer_declare(buf, "pci:0000:00:04.0"), 0);
	assert_int_equal(cen_buffer_promises(buf), CEN_PROMISE_DECLARED | CEN_PROMISE_ZEROED);
	/* sysfs does not tell what a platform device reaches */
	assert_int_equal(cen_buffer_declare(buf, "platform:cam"), 0);
	assert_int_equal(cen_buffer_promises(buf), CEN_PROMISE_ZEROED);
	/* somebody who knows may say so */
	assert_int_equal(cen_buffer_declare(buf, "platform:cam,address-bits=48"), 0);
	assert_int_equal(cen_buffer_promises(buf), CEN_PROMISE_DECLARED | CEN_PROMISE_ZEROED);
	cen_buffer_free(buf);
	cen_ctx_close(ctx);

	for (uint32_t bit = 1; bit & CEN_PROMISES_ALL; bit <<= 1)
		assert_non_null(cen_promise_text(bit));
	assert_null(cen_promise_text(0));
	assert_null(cen_promise_text(3));
	assert_null(cen_promise_text(CEN_PROMISES_ALL + 1));
}

#define on_machine(test) cmocka_unit_test_setup_teardown(test, setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_machine(nothing_to_fall_back_to),
		on_machine(heaps_are_described),
		on_machine(a_modest_buffer_comes_from_pages),
		on_machine(one_segment_comes_from_cma),
		on_machine(an_address_limit_is_refused_on_a_large_machine),
		on_machine(a_small_machine_suits_a_32_bit_device),
		on_machine(sysfs_and_rules_are_asked),
		on_machine(unknown_devices_are_refused),
		on_machine(contradictions_are_einval),
		on_machine(after_commit_nothing_moves),
		on_machine(the_next_heap_helps_out),
		on_machine(heaps_of_unknown_nature_wait_to_be_asked),
		on_machine(wrong_arguments_are_refused),
		on_machine(maps_are_checked),
		on_machine(promises_depend_on_what_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
