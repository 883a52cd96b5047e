// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation fails once: the first of an operation, then the second, and so on until
 * none is left. Each time the operation fails cleanly or succeeds, and nothing leaks.
 *
 * Needs a kernel with fault injection (/proc/self/fail-nth); skips without.
 */
#include "common.h"
#include "fail_nth.h"

static int buffer = -1, id = -1, made = -1;
static char *at;

static void nothing(void)
{
}

static void new_buffer(void)
{
	buffer = must_create(3 * MIB + PAGE);
}

static void new_backed(void)
{
	new_buffer();
	assert_ok(t_commit(buffer));
}

static void close_all(void)
{
	if (at) {
		munmap(at, 3 * MIB);
		at = NULL;
	}
	if (id > 0)
		t_release(id);
	if (made > 0)
		close(made);
	if (buffer > 0)
		close(buffer);
	/* what did not arrive here the importer holds still */
	close(t_cti);
	t_cti = open("/dev/cen_test_importer", O_RDWR | O_CLOEXEC);
	buffer = id = made = -1;
}

static int op_create(void)
{
	made = t_create(MIB, 0, 0, 0);
	return made;
}

static int op_create_committed(void)
{
	made = t_create(MIB, 0, CEN_CREATE_COMMIT, 0);
	return made;
}

static int op_create_accounted(void)
{
	made = t_create(MIB, 0, CEN_CREATE_ACCOUNT, 0);
	return made < 0 ? made : t_commit(made);
}

static struct cen_device three[3];

static void prepare_declare(void)
{
	new_buffer();
	three[0] = t_dev(0);
	three[1] = t_anonymous("low", (struct cen_limits) { .addr_max = 0xffffffff });
	three[2] = t_dev(1);
}

static int op_declare(void)
{
	return t_declare(buffer, three, 3);
}

/* All or nothing. A reply that cannot be delivered comes after the deed. */
static void check_declared(int ret)
{
	if (ret != -EFAULT)
		assert_int_equal(must_info(buffer).devices_count, ret ? 0 : 3);
}

static int op_commit(void)
{
	return t_commit(buffer);
}

static void check_committed(int ret)
{
	if (ret != -EFAULT)
		assert_int_equal(must_info(buffer).state,
				 ret ? CEN_BUFFER_EMPTY : CEN_BUFFER_BACKED);
}

static void prepare_contiguous(void)
{
	new_buffer();
	three[0] = t_anonymous("cam", (struct cen_limits) { .max_segs = 1 });
	assert_ok(t_declare(buffer, three, 1));
}

static void prepare_low(void)
{
	new_buffer();
	three[0] = t_anonymous("low", (struct cen_limits) { .addr_max = T_LOW_LAST });
	assert_ok(t_declare(buffer, three, 1));
}

static int op_explain(void)
{
	struct cen_device device = t_anonymous("dev", (struct cen_limits) { .addr_max = 0xfff });
	struct t_why why;

	return t_explain(buffer, 0, &device, 1, &why);
}

static void prepare_refused(void)
{
	struct cen_device device = t_anonymous("dev", (struct cen_limits) { .addr_max = 0xfff });

	new_buffer();
	assert_errno(t_declare(buffer, &device, 1), ENODEV);
}

static int op_explain_last(void)
{
	struct t_why why;

	return t_explain_last(buffer, &why);
}

static int op_info(void)
{
	struct cen_buffer_device devices[CEN_MAX_DEVICES];
	struct cen_info info = {
		.devices = (uintptr_t)devices,
		.devices_count = CEN_MAX_DEVICES,
		.fd = buffer,
	};

	return t_call(CEN_IOC_INFO, &info);
}

static int op_device_info(void)
{
	struct cen_device_info info;

	return t_device_info(t_name(0), &info);
}

static int op_heap_info(void)
{
	struct cen_heap_info info;

	return t_heap_info(0, &info);
}

static int op_sync(void)
{
	return t_sync(buffer, 0, PAGE, CEN_SYNC_READ);
}

static int op_attach(void)
{
	id = t_attach(buffer, 0);
	return id;
}

static int op_attach_dynamic(void)
{
	id = t_attach_name(buffer, t_name(0), CTI_ATTACH_DYNAMIC);
	return id;
}

static void prepare_attached(void)
{
	new_buffer();
	id = must_attach(buffer, 0);
}

static void prepare_attached_backed(void)
{
	new_backed();
	id = must_attach(buffer, 0);
}

static int op_map(void)
{
	return t_dma_map(id, CTI_BIDIRECTIONAL, NULL);
}

static void check_mapped(int ret)
{
	if (ret != -EFAULT)
		assert_int_equal(must_info(buffer).maps, ret ? 0 : 1);
}

static int op_fence(void)
{
	id = t_fence(buffer, true);
	return id;
}

/* The move of a buffer: on an error it is where it was, its bytes intact. */
static void prepare_move(void)
{
	new_backed();
	at = mmap(NULL, 3 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, buffer, 0);
	assert_ptr_not_equal(at, MAP_FAILED);
	t_fill(at, 3 * MIB, 5);
	three[0] = t_anonymous("low", (struct cen_limits) { .addr_max = T_LOW_LAST });
}

static int op_move(void)
{
	return t_declare(buffer, three, 1);
}

static void check_moved(int ret)
{
	assert_u64_equal(t_wrong(at, 3 * MIB, 5), 3 * MIB);
	if (ret != -EFAULT)
		assert_u64_equal(must_info(buffer).moves, ret ? 0 : 1);
}

static int op_mmap(void)
{
	at = mmap(NULL, 3 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, buffer, 0);
	if (at != MAP_FAILED)
		return 0;
	at = NULL;
	return -errno;
}

static void prepare_fault(void)
{
	new_buffer();
	assert_ok(op_mmap());
}

static void prepare_fault_backed(void)
{
	prepare_fault();
	assert_ok(t_commit(buffer));
}

/* SIGBUS, or the fault is tried again and succeeds. */
static int op_fault(void)
{
	return t_touch(at + MIB, true) ? -ENOMEM : 0;
}

#define FAULT_TEST(name, prepare, run, check)					\
	static void test_##name(void **state)					\
	{									\
		static const struct t_op op = {					\
			#name, prepare, run, check, close_all,			\
		};								\
										\
		(void)state;							\
		t_fail_each(&op);						\
	}

FAULT_TEST(create, nothing, op_create, NULL)
FAULT_TEST(create_committed, nothing, op_create_committed, NULL)
FAULT_TEST(create_accounted, nothing, op_create_accounted, NULL)
FAULT_TEST(declare, prepare_declare, op_declare, check_declared)
FAULT_TEST(commit, new_buffer, op_commit, check_committed)
FAULT_TEST(commit_contiguous, prepare_contiguous, op_commit, check_committed)
FAULT_TEST(commit_low, prepare_low, op_commit, check_committed)
FAULT_TEST(explain, new_buffer, op_explain, NULL)
FAULT_TEST(explain_last, prepare_refused, op_explain_last, NULL)
FAULT_TEST(info, new_backed, op_info, NULL)
FAULT_TEST(device_info, nothing, op_device_info, NULL)
FAULT_TEST(heap_info, nothing, op_heap_info, NULL)
FAULT_TEST(sync, new_backed, op_sync, NULL)
FAULT_TEST(attach, new_buffer, op_attach, NULL)
FAULT_TEST(attach_dynamic, new_buffer, op_attach_dynamic, NULL)
FAULT_TEST(map_and_back, prepare_attached, op_map, check_mapped)
FAULT_TEST(map, prepare_attached_backed, op_map, check_mapped)
FAULT_TEST(fence, new_buffer, op_fence, NULL)
FAULT_TEST(move, prepare_move, op_move, check_moved)
FAULT_TEST(mmap, new_buffer, op_mmap, NULL)
FAULT_TEST(fault_and_back, prepare_fault, op_fault, NULL)
FAULT_TEST(fault, prepare_fault_backed, op_fault, NULL)

static const struct CMUnitTest tests[] = {
	t_test(test_create),
	t_test(test_create_committed),
	t_test(test_create_accounted),
	t_test(test_declare),
	t_test(test_commit),
	t_test(test_commit_contiguous),
	t_test(test_commit_low),
	t_test(test_explain),
	t_test(test_explain_last),
	t_test(test_info),
	t_test(test_device_info),
	t_test(test_heap_info),
	t_test(test_sync),
	t_test(test_attach),
	t_test(test_attach_dynamic),
	t_test(test_map_and_back),
	t_test(test_map),
	t_test(test_fence),
	t_test(test_move),
	t_test(test_mmap),
	t_test(test_fault_and_back),
	t_test(test_fault),
};

int main(void)
{
	int ret = t_fail_nth_init();

	if (ret)
		t_skip_all("no fault injection in this kernel: %s", t_errname(-ret));
	return t_run(tests, ARRAY_SIZE(tests), T_IMPORTER);
}
