// SPDX-License-Identifier: GPL-2.0
/*
 * CEN_IOC_EXPLAIN: the plan or the refusal, without doing anything.
 */
#include "common.h"

static void test_size_alone(void **state)
{
	struct t_why why;

	(void)state;
	assert_ok(t_explain(-1, MIB, NULL, 0, &why));
	assert_int_equal(why.error, 0);
	assert_int_equal(why.nr_reasons, 0);
	assert_int_equal(why.nr_names, 0);
	assert_true(why.plan.addr_bits > 0);
	assert_int_equal(t_buffers(), 0);
}

static void test_size_and_devices(void **state)
{
	struct cen_device devices[] = {
		t_anonymous("one", (struct cen_limits) { .addr_max = 0xffffffff }),
		t_anonymous("two", (struct cen_limits) { .max_segs = 1 }),
	};
	struct t_why why;

	(void)state;
	assert_ok(t_explain(-1, MIB, devices, 2, &why));
	assert_int_equal(why.error, 0);
	assert_int_equal(why.nr_names, 2);
	assert_string_equal(why.names[0], "one");
	assert_string_equal(why.names[1], "two");
	assert_int_equal(why.plan.addr_bits, 32);
	assert_true(why.plan.flags & CEN_PLAN_CONTIGUOUS);
}

static void test_alignment(void **state)
{
	struct cen_explain arg = { .size = MIB, .align = 64 * KIB, .fd = -1 };

	(void)state;
	assert_ok(t_call(CEN_IOC_EXPLAIN, &arg));
	assert_int_equal(arg.error, 0);
	assert_true(arg.plan.align >= 64 * KIB);
	arg = (struct cen_explain) { .size = MIB, .align = 3, .fd = -1 };
	assert_errno(t_call(CEN_IOC_EXPLAIN, &arg), EINVAL);
}

/* It does what COMMIT would do, and nothing else. */
static void test_agrees_with_commit(void **state)
{
	struct cen_device device =
		t_anonymous("dev", (struct cen_limits) { .addr_max = T_LOW_LAST, .max_segs = 3 });
	int fd = must_create(12 * MIB);
	struct cen_plan plan;
	struct t_why why;

	(void)state;
	assert_ok(t_declare(fd, &device, 1));
	assert_ok(t_explain(fd, 0, NULL, 0, &why));
	assert_int_equal(why.error, 0);
	assert_int_equal(must_info(fd).state, CEN_BUFFER_EMPTY);
	assert_ok(t_commit_plan(fd, &plan));
	assert_memory_equal(&plan, &why.plan, sizeof(plan));
}

static void test_further_devices_change_nothing(void **state)
{
	struct cen_device device = t_anonymous("dev", (struct cen_limits) { .max_segs = 1 });
	int fd = must_create(MIB);
	struct t_why why;

	(void)state;
	assert_ok(t_explain(fd, 0, &device, 1, &why));
	assert_int_equal(why.error, 0);
	assert_true(why.plan.flags & CEN_PLAN_CONTIGUOUS);
	assert_int_equal(must_info(fd).devices_count, 0);
	assert_ok(t_explain(fd, 0, NULL, 0, &why));
	assert_int_equal(why.plan.flags & CEN_PLAN_CONTIGUOUS, 0);
}

static void test_names_the_buffers_devices_first(void **state)
{
	struct cen_device own = t_anonymous("own", (struct cen_limits) {});
	struct cen_device more = t_anonymous("more", (struct cen_limits) {});
	int fd = must_create(PAGE);
	struct t_why why;

	(void)state;
	assert_ok(t_declare(fd, &own, 1));
	assert_ok(t_explain(fd, 0, &more, 1, &why));
	assert_int_equal(why.nr_names, 2);
	assert_string_equal(why.names[0], "own");
	assert_string_equal(why.names[1], "more");
}

/* A verdict is a success of asking. Every heap is told off. */
static void test_refusal_names_every_heap(void **state)
{
	struct cen_device device = t_anonymous("dev", (struct cen_limits) { .addr_max = 0xfff });
	struct cen_heap_info info;
	struct t_why why;
	uint32_t heap, i;

	(void)state;
	assert_ok(t_explain(-1, MIB, &device, 1, &why));
	assert_int_equal(why.error, -ENODEV);
	for (heap = 0; heap < CEN_MAX_HEAPS; heap++) {
		if (t_heap_info(heap, &info))
			continue;
		for (i = 0; i < why.nr_reasons && why.reasons[i].heap != heap; i++)
			;
		if (i == why.nr_reasons)
			print_error("# no reason for heap %s\n", info.name);
		assert_true(i < why.nr_reasons);
	}
	assert_non_null(t_reason(&why, CEN_WHY_ADDR, "dev"));
	assert_u64_equal(t_reason(&why, CEN_WHY_ADDR, "dev")->wanted, 12);
	assert_true(t_reason(&why, CEN_WHY_ADDR, "dev")->offered > 12);
}

static void test_no_room_needed(void **state)
{
	struct cen_device device = t_anonymous("dev", (struct cen_limits) { .addr_max = 0xfff });
	struct cen_explain arg = {
		.devices = (uintptr_t)&device,
		.size = MIB,
		.fd = -1,
		.count = 1,
	};

	(void)state;
	assert_ok(t_call(CEN_IOC_EXPLAIN, &arg));
	assert_int_equal(arg.error, -ENODEV);
	assert_true(arg.reasons_count >= 1);
	assert_int_equal(arg.names_count, 1);
}

static void test_counts_exceed_the_room(void **state)
{
	struct cen_device devices[] = {
		t_anonymous("one", (struct cen_limits) { .addr_max = 0xfff }),
		t_anonymous("two", (struct cen_limits) {}),
	};
	struct cen_reason reasons[2] = {};
	char names[2][CEN_NAME_LEN] = {};
	struct cen_explain arg = {
		.devices = (uintptr_t)devices,
		.reasons = (uintptr_t)reasons,
		.names = (uintptr_t)names,
		.size = MIB,
		.fd = -1,
		.count = 2,
		.reasons_count = 1,
		.names_count = 1,
	};

	(void)state;
	assert_ok(t_call(CEN_IOC_EXPLAIN, &arg));
	assert_true(arg.reasons_count >= 2);
	assert_int_equal(arg.names_count, 2);
	assert_int_not_equal(reasons[0].code, CEN_WHY_NONE);
	assert_int_equal(reasons[1].code, CEN_WHY_NONE);
	assert_string_equal(names[0], "one");
	assert_string_equal(names[1], "");
}

/* A count of room without room for anything is no room. */
static void test_room_without_pointer(void **state)
{
	struct cen_explain arg = { .size = PAGE, .fd = -1, .reasons_count = 5, .names_count = 5 };

	(void)state;
	assert_ok(t_call(CEN_IOC_EXPLAIN, &arg));
	assert_int_equal(arg.error, 0);
}

static void test_bad_pointers(void **state)
{
	struct cen_device device = t_anonymous("dev", (struct cen_limits) { .addr_max = 0xfff });
	struct cen_explain arg = {
		.devices = 0xffff800000000000UL,
		.size = MIB,
		.fd = -1,
		.count = 1,
	};

	(void)state;
	assert_errno(t_call(CEN_IOC_EXPLAIN, &arg), EFAULT);
	arg.devices = (uintptr_t)&device;
	arg.reasons = 0xffff800000000000UL;
	arg.reasons_count = 1;
	assert_errno(t_call(CEN_IOC_EXPLAIN, &arg), EFAULT);
	arg.reasons_count = 0;
	arg.reasons = 0;
	arg.names = 0xffff800000000000UL;
	arg.names_count = 1;
	assert_errno(t_call(CEN_IOC_EXPLAIN, &arg), EFAULT);
}

static void test_malformed(void **state)
{
	struct cen_device device = t_anonymous("dev", (struct cen_limits) {});
	const struct cen_explain bad[] = {
		{ .fd = -1 },						/* no size */
		{ .fd = -1, .size = UINT64_MAX },
		{ .fd = -1, .size = PAGE, .flags = 1U << 1 },
		{ .fd = -1, .size = PAGE, .flags = CEN_EXPLAIN_LAST },	/* of what? */
		{ .fd = -1, .size = PAGE, .count = 1 },			/* no devices */
		{ .fd = -1, .size = PAGE, .devices = (uintptr_t)&device },
		{ .fd = -1, .size = PAGE, .devices = (uintptr_t)&device,
		  .count = CEN_MAX_DEVICES + 1 },
	};
	struct cen_explain arg;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		arg = bad[i];
		print_message("# %zu\n", i);
		assert_errno(t_call(CEN_IOC_EXPLAIN, &arg), EINVAL);
	}
}

static void test_size_with_buffer(void **state)
{
	struct cen_explain arg = { .fd = must_create(PAGE), .size = PAGE };

	(void)state;
	assert_errno(t_call(CEN_IOC_EXPLAIN, &arg), EINVAL);
	arg.size = 0;
	arg.align = PAGE;
	assert_errno(t_call(CEN_IOC_EXPLAIN, &arg), EINVAL);
}

static void test_unknown_device(void **state)
{
	struct cen_device device = t_device("platform:not-there.7");
	struct t_why why;

	(void)state;
	assert_errno(t_explain(-1, PAGE, &device, 1, &why), ENOENT);
}

static void test_last_without_refusal(void **state)
{
	struct t_why why;

	(void)state;
	assert_errno(t_explain_last(must_create(PAGE), &why), ENODATA);
}

static void test_last_with_devices(void **state)
{
	struct cen_device device = t_anonymous("dev", (struct cen_limits) {});
	struct cen_explain arg = {
		.devices = (uintptr_t)&device,
		.fd = must_create(PAGE),
		.count = 1,
		.flags = CEN_EXPLAIN_LAST,
	};

	(void)state;
	assert_errno(t_call(CEN_IOC_EXPLAIN, &arg), EINVAL);
}

/* What was refused is told word for word, also after other things worked. */
static void test_last_stays(void **state)
{
	struct cen_device bad = t_anonymous("bad", (struct cen_limits) { .addr_max = 0xfff });
	struct cen_device good = t_anonymous("good", (struct cen_limits) {});
	int fd = must_create(MIB);
	struct t_why why;

	(void)state;
	assert_errno(t_declare(fd, &bad, 1), ENODEV);
	assert_ok(t_declare(fd, &good, 1));
	assert_ok(t_commit(fd));
	assert_ok(t_explain_last(fd, &why));
	assert_int_equal(why.error, -ENODEV);
	assert_non_null(t_reason(&why, CEN_WHY_ADDR, "bad"));
	/* asking what would happen is no refusal */
	bad.limits.addr_max = 0;
	bad.limits.banks = 1ULL << 60;
	assert_ok(t_explain(fd, 0, &bad, 1, &why));
	assert_int_equal(why.error, -ENODEV);
	assert_ok(t_explain_last(fd, &why));
	assert_non_null(t_reason(&why, CEN_WHY_ADDR, "bad"));
}

/* Of 64 devices the one at fault is found. */
static void test_many_devices(void **state)
{
	struct cen_device devices[CEN_MAX_DEVICES];
	struct t_why why;
	char name[32];
	uint32_t i;

	(void)state;
	for (i = 0; i < CEN_MAX_DEVICES; i++) {
		snprintf(name, sizeof(name), "any %u", i);
		devices[i] = t_anonymous(name, (struct cen_limits) { .max_segs = 1000 + i });
	}
	devices[41].limits.addr_max = 0xfff;
	assert_ok(t_explain(-1, MIB, devices, CEN_MAX_DEVICES, &why));
	assert_int_equal(why.error, -ENODEV);
	assert_int_equal(why.nr_names, CEN_MAX_DEVICES);
	assert_non_null(t_reason(&why, CEN_WHY_ADDR, "any 41"));
}

static const struct CMUnitTest tests[] = {
	t_test(test_size_alone),
	t_test(test_size_and_devices),
	t_test(test_alignment),
	t_test(test_agrees_with_commit),
	t_test(test_further_devices_change_nothing),
	t_test(test_names_the_buffers_devices_first),
	t_test(test_refusal_names_every_heap),
	t_test(test_no_room_needed),
	t_test(test_counts_exceed_the_room),
	t_test(test_room_without_pointer),
	t_test(test_bad_pointers),
	t_test(test_malformed),
	t_test(test_size_with_buffer),
	t_test(test_unknown_device),
	t_test(test_last_without_refusal),
	t_test(test_last_with_devices),
	t_test(test_last_stays),
	t_test(test_many_devices),
};

T_MAIN(tests, 0)
