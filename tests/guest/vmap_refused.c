// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel maps that cannot be had. Each costs a warning of the dma-buf core, which is why
 * these have a boot of their own (see SUITES).
 */
#include "common.h"

static void test_over_quota(void **state)
{
	int first = must_create(MIB), second = must_create(PAGE);

	(void)state;
	must_set_param("quota_mib", "1");
	assert_ok(t_commit(first));
	assert_errno(t_vmap(second), EDQUOT);
	assert_int_equal(must_info(second).vmaps, 0);
	assert_int_equal(must_info(second).state, CEN_BUFFER_EMPTY);
	close(first);
	assert_ok(t_vmap(second));
}

static void test_no_heap(void **state)
{
	struct t_why why;
	int fd = t_create(PAGE, 1ULL << 62, 0, 0);

	(void)state;
	assert_ok(fd);
	assert_errno(t_vmap(fd), ENODEV);
	assert_ok(t_explain_last(fd, &why));
	assert_int_equal(why.error, -ENODEV);
}

static const struct CMUnitTest tests[] = {
	t_test(test_over_quota),
	t_test(test_no_heap),
};

T_MAIN(tests, T_IMPORTER)
