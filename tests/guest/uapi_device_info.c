// SPDX-License-Identifier: GPL-2.0
/*
 * CEN_IOC_DEVICE_INFO: a device's limits, and where they come from.
 */
#include <sys/stat.h>

#include "common.h"

#define RULES	"/sys/kernel/config/cenalloc/devices/"

static void test_device_as_it_is(void **state)
{
	struct cen_device_info info;

	(void)state;
	must_limit((struct cti_limits) {
		.device = 0,
		.addr_bits = 30,
		.seg_size = 32 * KIB,
		.seg_boundary = MIB - 1,
	});
	assert_ok(t_device_info(t_name(0), &info));
	assert_u64_equal(info.limits.addr_max, (1ULL << 30) - 1);
	assert_u64_equal(info.limits.seg_size, 32 * KIB);
	assert_u64_equal(info.limits.seg_boundary, MIB - 1);
	assert_int_equal(info.limits.max_segs, 0);
	assert_int_equal(info.limits.flags, 0);
	assert_int_equal(info.sources, CEN_FROM_DEVICE);
	assert_string_equal(info.driver, "cen_test");
	assert_int_equal(info.windows, 1);
}

static void test_what_the_driver_says(void **state)
{
	struct cen_device_info info;

	(void)state;
	must_limit((struct cti_limits) {
		.device = 1,
		.align = 256,
		.max_segs = 5,
		.banks = 6,
		.flags = CTI_NONCOHERENT,
	});
	assert_ok(t_device_info(t_name(1), &info));
	assert_u64_equal(info.limits.align, 256);
	assert_int_equal(info.limits.max_segs, 5);
	assert_u64_equal(info.limits.banks, 6);
	assert_int_equal(info.limits.flags, CEN_LIMIT_NONCOHERENT);
	assert_int_equal(info.sources, CEN_FROM_DEVICE | CEN_FROM_DRIVER);
}

/* Each source tightens what came before. */
static void test_what_the_administrator_says(void **state)
{
	struct cen_device_info info;

	(void)state;
	if (!t_exists(RULES))
		t_skip("no configfs");
	must_limit((struct cti_limits) { .device = 2, .max_segs = 5 });
	assert_int_equal(mkdir(RULES "platform:cen_test.2", 0755), 0);
	assert_ok(t_write_file(RULES "platform:cen_test.2/max_segments", "2"));
	assert_ok(t_device_info(t_name(2), &info));
	assert_int_equal(rmdir(RULES "platform:cen_test.2"), 0);
	assert_int_equal(info.limits.max_segs, 2);
	assert_int_equal(info.sources, CEN_FROM_DEVICE | CEN_FROM_DRIVER | CEN_FROM_ADMIN);
	assert_ok(t_device_info(t_name(2), &info));
	assert_int_equal(info.limits.max_segs, 5);
}

/* 64 KiB is what struct device says when nobody thought about it. */
static void test_default_segment_size_of_a_contiguous_device(void **state)
{
	struct cen_device_info info;

	(void)state;
	must_limit((struct cti_limits) { .device = 3, .seg_size = 64 * KIB });
	assert_ok(t_device_info(t_name(3), &info));
	assert_u64_equal(info.limits.seg_size, 64 * KIB);
	must_limit((struct cti_limits) { .device = 3, .seg_size = 64 * KIB, .max_segs = 1 });
	assert_ok(t_device_info(t_name(3), &info));
	assert_u64_equal(info.limits.seg_size, 0);
}

static void test_pci(void **state)
{
	struct cen_device_info info;

	(void)state;
	if (!t_exists("/sys/bus/pci/devices/0000:00:04.0"))
		t_skip("no PCI device at 00:04.0");
	assert_ok(t_device_info("pci:0000:00:04.0", &info));
	assert_true(info.sources & CEN_FROM_DEVICE);
}

static void test_no_such_device(void **state)
{
	struct cen_device_info info;

	(void)state;
	assert_errno(t_device_info("platform:not-there.7", &info), ENOENT);
	assert_errno(t_device_info("pci:ffff:ff:1f.7", &info), ENOENT);
}

static void test_malformed_names(void **state)
{
	static const char *const names[] = { "", "platform", "platform:", ":x", "nubus:slot.1" };
	struct cen_device_info info;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		print_message("# \"%s\"\n", names[i]);
		assert_errno(t_device_info(names[i], &info), EINVAL);
	}
	memset(&info, 0, sizeof(info));
	memset(info.name, 'x', sizeof(info.name));
	assert_errno(t_call(CEN_IOC_DEVICE_INFO, &info), EINVAL);
}

static void test_flags_and_padding(void **state)
{
	struct cen_device_info info = { .name = "platform:cen_test.0", .flags = 1 };

	(void)state;
	assert_errno(t_call(CEN_IOC_DEVICE_INFO, &info), EINVAL);
	info.flags = 0;
	info.pad = 1;
	assert_errno(t_call(CEN_IOC_DEVICE_INFO, &info), EINVAL);
}

/* Fields the caller left dirty are all written. */
static void test_reply_is_complete(void **state)
{
	struct cen_device_info info;

	(void)state;
	memset(&info, 0xff, sizeof(info));
	memset(info.name, 0, sizeof(info.name));
	strcpy(info.name, t_name(4));
	info.flags = 0;
	info.pad = 0;
	assert_ok(t_call(CEN_IOC_DEVICE_INFO, &info));
	assert_int_equal(info.limits.max_segs, 0);
	assert_u64_equal(info.limits.banks, 0);
	assert_int_equal(info.driver[sizeof(info.driver) - 1], 0);
}

static const struct CMUnitTest tests[] = {
	t_test(test_device_as_it_is),
	t_test(test_what_the_driver_says),
	t_test(test_what_the_administrator_says),
	t_test(test_default_segment_size_of_a_contiguous_device),
	t_test(test_pci),
	t_test(test_no_such_device),
	t_test(test_malformed_names),
	t_test(test_flags_and_padding),
	t_test(test_reply_is_complete),
};

T_MAIN(tests, T_IMPORTER)
