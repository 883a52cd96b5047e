// SPDX-License-Identifier: GPL-2.0
/*
 * No bounce buffer behind anybody's back: with swiotlb=force and nothing said to
 * cenalloc, no mapping is had, and the reason is told.
 */
#include "common.h"

#define SIZE	(64 * KIB)

static void test_mapping_is_refused(void **state)
{
	int fd = must_create(SIZE), id = must_attach(fd, 0);
	const struct cen_reason *reason;
	struct t_why why;

	(void)state;
	must_limit((struct cti_limits) { .device = 0, .addr_bits = 40 });
	assert_errno(t_dma_map(id, CTI_BIDIRECTIONAL, NULL), EINVAL);
	assert_int_equal(must_info(fd).maps, 0);
	assert_int_equal(must_info(fd).last_error, -EINVAL);
	assert_ok(t_explain_last(fd, &why));
	assert_int_equal(why.error, -EINVAL);
	reason = t_reason(&why, CEN_WHY_BOUNCE, t_name(0));
	assert_non_null(reason);
}

/* Nothing is wrong with the buffer itself. */
static void test_buffer_is_of_use_still(void **state)
{
	int fd = must_create(SIZE), id = must_attach(fd, 0);
	char *at = must_map(fd, SIZE);

	(void)state;
	assert_errno(t_dma_map(id, CTI_BIDIRECTIONAL, NULL), EINVAL);
	t_fill(at, SIZE, 1);
	assert_ok(t_vmap(fd));
	assert_u64_equal(t_wrong(at, SIZE, 1), SIZE);
}

/* A dynamic importer maps as it attaches: there the attach fails, and is undone. */
static void test_dynamic_attach_is_refused(void **state)
{
	int fd = must_create(SIZE);

	(void)state;
	assert_errno(t_attach_name(fd, t_name(0), CTI_ATTACH_DYNAMIC), EINVAL);
	assert_int_equal(must_info(fd).devices_count, 0);
	assert_int_equal(must_info(fd).maps, 0);
}

static const struct CMUnitTest tests[] = {
	t_test(test_mapping_is_refused),
	t_test(test_buffer_is_of_use_still),
	t_test(test_dynamic_attach_is_refused),
};

int main(void)
{
	if (!t_swiotlb_forced() || t_bounce_sync())
		t_skip_all("not booted with swiotlb=force, or loaded with bounce=sync");
	return t_run(tests, ARRAY_SIZE(tests), T_IMPORTER);
}
