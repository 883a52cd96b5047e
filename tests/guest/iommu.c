// SPDX-License-Identifier: GPL-2.0
/*
 * A device behind a translating IOMMU: its window and its contiguity are those of I/O virtual
 * addresses, so any memory will do.
 */
#include "common.h"

#define DEVICE	"pci:0000:00:04.0"	/* edu; its driver need not be there */

static struct cen_limits edu_limits;

static void test_is_told(void **state)
{
	(void)state;
	assert_true(edu_limits.flags & CEN_LIMIT_IOMMU);
}

/* As much as the device has addresses for, from anywhere, and it sees it in one piece. */
static void test_high_memory_will_do(void **state)
{
	struct cen_device device = t_device(DEVICE);
	int fd = must_create(16 * MIB), id;
	char *at = must_map(fd, 16 * MIB), *copy = malloc(16 * MIB);
	struct cti_map map;

	(void)state;
	assert_ok(t_declare(fd, &device, 1));
	assert_ok(t_commit(fd));
	assert_string_equal(must_info(fd).heap_name, "system");
	id = t_attach_name(fd, DEVICE, 0);
	assert_ok(id);
	map = must_dma_map(id, CTI_BIDIRECTIONAL);
	assert_u64_equal(map.length, 16 * MIB);
	t_fill(at, 16 * MIB, 1);
	assert_ok(t_dma_read(id, 0, copy, 16 * MIB));
	assert_u64_equal(t_wrong(copy, 16 * MIB, 1), 16 * MIB);
	t_fill(copy, 16 * MIB, 2);
	assert_ok(t_dma_write(id, 0, copy, 16 * MIB));
	assert_u64_equal(t_wrong(at, 16 * MIB, 2), 16 * MIB);
	free(copy);
}

/* One segment for the device, many chunks of memory: its driver says it takes large ones. */
static void test_one_segment(void **state)
{
	struct cti_seg_size seg_size = { .name = DEVICE, .seg_size = 0xfffff000 };
	struct cen_device device =
		t_device_limits(DEVICE, (struct cen_limits) { .max_segs = 1 });
	int fd = must_create(9 * MIB + PAGE), id;
	char *at = must_map(fd, 9 * MIB + PAGE), out[256];

	(void)state;
	assert_ok(t_ioctl(t_cti, CTI_IOC_SEG_SIZE, &seg_size));
	assert_ok(t_declare(fd, &device, 1));
	id = t_attach_name(fd, DEVICE, 0);
	assert_ok(id);
	assert_int_equal(must_dma_map(id, CTI_BIDIRECTIONAL).segments, 1);
	t_fill(at, 9 * MIB + PAGE, 4);
	assert_ok(t_dma_read(id, 9 * MIB, out, sizeof(out)));
	assert_memory_equal(out, at + 9 * MIB, sizeof(out));
	seg_size.seg_size = edu_limits.seg_size ? edu_limits.seg_size : 64 * KIB;
	assert_ok(t_ioctl(t_cti, CTI_IOC_SEG_SIZE, &seg_size));
}

/* More than its window of I/O virtual addresses holds. */
static void test_window_is_too_small(void **state)
{
	struct cen_device device =
		t_device_limits(DEVICE, (struct cen_limits) { .addr_max = 0xfffff });
	int fd = must_create(2 * MIB);
	struct t_why why;

	(void)state;
	assert_errno(t_declare(fd, &device, 1), EINVAL);
	assert_ok(t_explain_last(fd, &why));
	assert_non_null(t_reason(&why, CEN_WHY_IOVA, DEVICE));
}

/* Beside a device that sees memory as it is: each gets what it needs. */
static void test_beside_an_untranslated_device(void **state)
{
	struct cen_device devices[] = { t_device(DEVICE), t_dev(0) };
	int fd = must_create(3 * MIB), a, b;
	char in[256], out[256];

	(void)state;
	must_limit((struct cti_limits) { .device = 0, .addr_bits = T_LOW_BITS, .max_segs = 1 });
	assert_ok(t_declare(fd, devices, 2));
	a = t_attach_name(fd, DEVICE, 0);
	assert_ok(a);
	b = must_attach(fd, 0);
	must_dma_map(a, CTI_BIDIRECTIONAL);
	assert_int_equal(must_dma_map(b, CTI_BIDIRECTIONAL).segments, 1);
	t_fill(in, sizeof(in), 3);
	assert_ok(t_dma_write(a, 2 * MIB - 100, in, sizeof(in)));
	assert_ok(t_dma_read(b, 2 * MIB - 100, out, sizeof(out)));
	assert_memory_equal(in, out, sizeof(in));
}

/* Mapped and unmapped: the domain forgets it, and hands the addresses out again. */
static void test_again_and_again(void **state)
{
	int fd = must_create(4 * MIB), id, i;

	(void)state;
	id = t_attach_name(fd, DEVICE, 0);
	assert_ok(id);
	for (i = 0; i < 100; i++) {
		must_dma_map(id, i % 3);
		assert_ok(t_dma_unmap(id));
	}
}

static const struct CMUnitTest tests[] = {
	t_test(test_is_told),
	t_test(test_high_memory_will_do),
	t_test(test_one_segment),
	t_test(test_window_is_too_small),
	t_test(test_beside_an_untranslated_device),
	t_test(test_again_and_again),
};

int main(void)
{
	struct cen_device_info info;

	t_cen = open("/dev/cenalloc", O_RDWR | O_CLOEXEC);
	if (t_cen >= 0) {
		if (t_device_info(DEVICE, &info))
			t_skip_all("no " DEVICE);
		if (!(info.limits.flags & CEN_LIMIT_IOMMU))
			t_skip_all(DEVICE " is not behind a translating IOMMU");
		edu_limits = info.limits;
		close(t_cen);
	}
	return t_run(tests, ARRAY_SIZE(tests), T_IMPORTER);
}
