// SPDX-License-Identifier: GPL-2.0
/*
 * CEN_IOC_DECLARE: what is accepted, what is refused, and that a refusal changes nothing.
 */
#include "common.h"

static const struct cen_limits nothing;

/* DECLARE with its @failed. */
static int declare_failed(int fd, const struct cen_device *devices, uint32_t count,
			  uint32_t *failed)
{
	struct cen_declare arg = {
		.devices = (uintptr_t)devices,
		.fd = fd,
		.count = count,
		.failed = 77,
	};
	int ret = t_call(CEN_IOC_DECLARE, &arg);

	*failed = arg.failed;
	return ret;
}

static uint32_t devices_of(int fd)
{
	return must_info(fd).devices_count;
}

static void test_known_device(void **state)
{
	struct cen_device device = t_dev(0);
	struct cen_buffer_device entry;
	int fd = must_create(PAGE);
	uint32_t failed;

	(void)state;
	assert_ok(declare_failed(fd, &device, 1, &failed));
	assert_int_equal(failed, CEN_NO_INDEX);
	assert_true(t_info_device(fd, t_name(0), &entry));
	assert_int_equal(entry.flags, CEN_USE_DECLARED);
	assert_int_equal(must_info(fd).state, CEN_BUFFER_EMPTY);
}

static void test_unknown_device(void **state)
{
	struct cen_device devices[] = { t_dev(0), t_device("platform:not-there.7") };
	int fd = must_create(PAGE);
	uint32_t failed;

	(void)state;
	assert_errno(declare_failed(fd, devices, 2, &failed), ENOENT);
	assert_int_equal(failed, 1);
	assert_int_equal(devices_of(fd), 0);
}

static void test_unknown_bus(void **state)
{
	struct cen_device device = t_device("nubus:slot.1");
	uint32_t failed;

	(void)state;
	assert_errno(declare_failed(must_create(PAGE), &device, 1, &failed), EINVAL);
	assert_int_equal(failed, 0);
}

static void test_malformed_names(void **state)
{
	static const char *const names[] = { "", "platform", "platform:", ":cen_test.0", ":" };
	int fd = must_create(PAGE);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct cen_device device = t_device(names[i]);

		print_message("# \"%s\"\n", names[i]);
		assert_errno(t_declare(fd, &device, 1), EINVAL);
	}
}

static void test_unterminated_name(void **state)
{
	struct cen_device device = t_anonymous("x", nothing);

	(void)state;
	memset(device.name, 'x', sizeof(device.name));
	assert_errno(t_declare(must_create(PAGE), &device, 1), EINVAL);
}

static void test_count_zero(void **state)
{
	struct cen_device device = t_dev(0);

	(void)state;
	assert_errno(t_declare(must_create(PAGE), &device, 0), EINVAL);
}

static void many(struct cen_device *devices, uint32_t count)
{
	char name[32];
	uint32_t i;

	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "any %u", i);
		devices[i] = t_anonymous(name, nothing);
	}
}

static void test_most_devices(void **state)
{
	struct cen_device devices[CEN_MAX_DEVICES + 1];
	int fd = must_create(PAGE);

	(void)state;
	many(devices, CEN_MAX_DEVICES + 1);
	assert_errno(t_declare(fd, devices, CEN_MAX_DEVICES + 1), EINVAL);
	assert_ok(t_declare(fd, devices, CEN_MAX_DEVICES));
	assert_int_equal(devices_of(fd), CEN_MAX_DEVICES);
	assert_errno(t_declare(fd, &devices[CEN_MAX_DEVICES], 1), E2BIG);
	/* again: they replace themselves */
	assert_ok(t_declare(fd, devices, CEN_MAX_DEVICES));
	assert_ok(t_commit(fd));
}

static void test_bad_pointer(void **state)
{
	uint32_t failed;
	int fd = must_create(PAGE);

	(void)state;
	assert_errno(t_declare(fd, NULL, 1), EFAULT);
	assert_errno(declare_failed(fd, (void *)0xffff800000000000UL, 1, &failed), EFAULT);
	assert_int_equal(failed, 0);
	assert_int_equal(devices_of(fd), 0);
}

/* The second of two devices lies beyond what can be read. */
static void test_pointer_runs_out(void **state)
{
	struct cen_device *devices;
	uint32_t failed;
	char *at;

	(void)state;
	at = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(at, MAP_FAILED);
	assert_int_equal(munmap(at + PAGE, PAGE), 0);
	devices = (void *)(at + PAGE - sizeof(*devices));
	*devices = t_dev(0);
	assert_errno(declare_failed(must_create(PAGE), devices, 2, &failed), EFAULT);
	assert_int_equal(failed, 1);
	munmap(at, PAGE);
}

static void test_unknown_flags(void **state)
{
	struct cen_device device = t_dev(0);
	struct cen_declare arg = { .count = 1, .flags = 1 };

	(void)state;
	device.flags = 1U << 2;
	assert_errno(t_declare(must_create(PAGE), &device, 1), EINVAL);
	device.flags = 0;
	arg.devices = (uintptr_t)&device;
	arg.fd = must_create(PAGE);
	assert_errno(t_call(CEN_IOC_DECLARE, &arg), EINVAL);
}

static void test_padding(void **state)
{
	struct cen_device device = t_dev(0);

	(void)state;
	device.pad = 1;
	assert_errno(t_declare(must_create(PAGE), &device, 1), EINVAL);
}

/* Limits that nobody says count: a program forgot the flag. */
static void test_limits_without_flag(void **state)
{
	struct cen_device device = t_dev(0);

	(void)state;
	device.limits.max_segs = 1;
	assert_errno(t_declare(must_create(PAGE), &device, 1), EINVAL);
}

static void test_malformed_limits(void **state)
{
	static const struct cen_limits bad[] = {
		{ .align = 3 },
		{ .seg_boundary = 0x1000 },
		{ .seg_boundary = ~0ULL - 1 },
		{ .flags = 1U << 2 },
	};
	int fd = must_create(PAGE);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct cen_device device = t_anonymous("bad", bad[i]);

		print_message("# %zu\n", i);
		assert_errno(t_declare(fd, &device, 1), EINVAL);
		device = t_device_limits(t_name(0), bad[i]);
		assert_errno(t_declare(fd, &device, 1), EINVAL);
	}
}

/* Nobody can wish an IOMMU into being: it would loosen what is known. */
static void test_wished_iommu(void **state)
{
	struct cen_device device =
		t_device_limits(t_name(0), (struct cen_limits) { .flags = CEN_LIMIT_IOMMU });

	(void)state;
	assert_errno(t_declare(must_create(PAGE), &device, 1), EINVAL);
}

static void test_same_device_twice_in_one_call(void **state)
{
	struct cen_device devices[] = { t_dev(0), t_dev(0) };
	uint32_t failed;

	(void)state;
	assert_errno(declare_failed(must_create(PAGE), devices, 2, &failed), EINVAL);
	assert_int_equal(failed, 1);
}

static void test_declaring_again_replaces(void **state)
{
	struct cen_device tight = t_anonymous("dsp", (struct cen_limits) { .addr_max = 0xfff });
	struct cen_device loose = t_anonymous("dsp", (struct cen_limits) { .max_segs = 4 });
	struct cen_buffer_device entry;
	int fd = must_create(PAGE);

	(void)state;
	assert_ok(t_declare(fd, &loose, 1));
	assert_errno(t_declare(fd, &tight, 1), ENODEV);
	assert_true(t_info_device(fd, "dsp", &entry));
	assert_int_equal(entry.limits.max_segs, 4);
	assert_u64_equal(entry.limits.addr_max, 0);
	loose.limits.max_segs = 2;
	assert_ok(t_declare(fd, &loose, 1));
	assert_int_equal(devices_of(fd), 1);
	assert_true(t_info_device(fd, "dsp", &entry));
	assert_int_equal(entry.limits.max_segs, 2);
}

/* A device is what struct device says, tightened by what the program says. */
static void test_limits_tighten(void **state)
{
	struct cen_device device = t_device_limits(t_name(1), (struct cen_limits) {
		.addr_max = 0xffffffffffULL, .seg_size = 8 * KIB, .max_segs = 9 });
	struct cen_buffer_device entry;
	int fd = must_create(PAGE);

	(void)state;
	must_limit((struct cti_limits) { .device = 1, .addr_bits = 32, .seg_size = 16 * KIB });
	assert_ok(t_declare(fd, &device, 1));
	assert_true(t_info_device(fd, t_name(1), &entry));
	assert_u64_equal(entry.limits.addr_max, 0xffffffff);
	assert_u64_equal(entry.limits.seg_size, 8 * KIB);
	assert_int_equal(entry.limits.max_segs, 9);
}

/* Two devices with no bank in common: no memory could ever serve both. */
static void test_contradiction(void **state)
{
	struct cen_device devices[] = {
		t_anonymous("left", (struct cen_limits) { .banks = 1 }),
		t_anonymous("right", (struct cen_limits) { .banks = 2 }),
	};
	const struct cen_reason *reason;
	int fd = must_create(PAGE);
	struct t_why why;

	(void)state;
	assert_errno(t_declare(fd, devices, 2), EINVAL);
	assert_int_equal(devices_of(fd), 0);
	assert_int_equal(must_info(fd).last_error, -EINVAL);

	assert_ok(t_explain_last(fd, &why));
	assert_int_equal(why.error, -EINVAL);
	reason = t_reason(&why, CEN_WHY_BANK, "right");
	assert_non_null(reason);
	assert_true(reason->other < why.nr_names);
	assert_string_equal(why.names[reason->other], "left");
	assert_u64_equal(reason->wanted, 2);
	assert_u64_equal(reason->offered, 1);
}

/* The devices agree, but no heap offers such memory. */
static void test_no_heap(void **state)
{
	struct cen_device device = t_anonymous("banked", (struct cen_limits) { .banks = 1ULL << 60 });
	const struct cen_reason *reason;
	int fd = must_create(PAGE);
	struct t_why why;

	(void)state;
	assert_errno(t_declare(fd, &device, 1), ENODEV);
	assert_int_equal(devices_of(fd), 0);
	assert_ok(t_explain_last(fd, &why));
	assert_int_equal(why.error, -ENODEV);
	reason = t_reason(&why, CEN_WHY_BANK, "banked");
	assert_non_null(reason);
	assert_int_not_equal(reason->heap, CEN_NO_INDEX);
}

/* All or nothing. */
static void test_one_bad_device_spoils_all(void **state)
{
	struct cen_device devices[] = {
		t_anonymous("good", (struct cen_limits) { .max_segs = 1 }),
		t_anonymous("bad", (struct cen_limits) { .banks = 1ULL << 60 }),
	};
	int fd = must_create(PAGE);

	(void)state;
	assert_errno(t_declare(fd, devices, 2), ENODEV);
	assert_int_equal(devices_of(fd), 0);
	assert_ok(t_commit(fd));
}

/* A buffer larger than the device's few small segments together. */
static void test_too_few_segments(void **state)
{
	struct cen_device device = t_anonymous("small", (struct cen_limits) {
		.seg_size = 64 * KIB, .max_segs = 4 });
	const struct cen_reason *reason;
	int fd = must_create(MIB);
	struct t_why why;

	(void)state;
	assert_errno(t_declare(fd, &device, 1), EINVAL);
	assert_ok(t_explain_last(fd, &why));
	reason = t_reason(&why, CEN_WHY_SEGS, "small");
	assert_non_null(reason);
	assert_u64_equal(reason->wanted, MIB);
	assert_u64_equal(reason->offered, 256 * KIB);
}

/* On a BACKED buffer a device that can use the memory changes nothing. */
static void test_backed_fits(void **state)
{
	struct cen_device device = t_dev(0);
	int fd = must_create(MIB);

	(void)state;
	assert_ok(t_commit(fd));
	assert_ok(t_declare(fd, &device, 1));
	assert_u64_equal(must_info(fd).moves, 0);
}

/* A device named by free text cannot be attached: it needs no name of a bus. */
static void test_anonymous_names_are_free(void **state)
{
	struct cen_device device = t_anonymous("the DSP behind the mailbox", nothing);

	(void)state;
	assert_ok(t_declare(must_create(PAGE), &device, 1));
}

static const struct CMUnitTest tests[] = {
	t_test(test_known_device),
	t_test(test_unknown_device),
	t_test(test_unknown_bus),
	t_test(test_malformed_names),
	t_test(test_unterminated_name),
	t_test(test_count_zero),
	t_test(test_most_devices),
	t_test(test_bad_pointer),
	t_test(test_pointer_runs_out),
	t_test(test_unknown_flags),
	t_test(test_padding),
	t_test(test_limits_without_flag),
	t_test(test_malformed_limits),
	t_test(test_wished_iommu),
	t_test(test_same_device_twice_in_one_call),
	t_test(test_declaring_again_replaces),
	t_test(test_limits_tighten),
	t_test(test_contradiction),
	t_test(test_no_heap),
	t_test(test_one_bad_device_spoils_all),
	t_test(test_too_few_segments),
	t_test(test_backed_fits),
	t_test(test_anonymous_names_are_free),
};

T_MAIN(tests, T_IMPORTER)
