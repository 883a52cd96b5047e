// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel maps that cannot be had. Each costs a warning of the dma-buf core, which is why
 * these have a boot of their own (see SUITES).
 */
#include "common.h"
#include "fail_nth.h"

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

static int buffer, id;

static void prepare_vmap(void)
{
	buffer = must_create(3 * MIB + PAGE);
}

static int op_vmap(void)
{
	id = t_vmap(buffer);
	return id;
}

static void check_vmap(int ret)
{
	if (ret != -EFAULT)
		assert_int_equal(must_info(buffer).vmaps, ret < 0 ? 0 : 1);
}

static void undo_vmap(void)
{
	if (id > 0)
		t_release(id);
	close(buffer);
	/* what did not arrive here the importer holds still */
	close(t_cti);
	t_cti = open("/dev/cen_test_importer", O_RDWR | O_CLOEXEC);
}

static void test_every_allocation(void **state)
{
	static const struct t_op op = {
		"vmap", prepare_vmap, op_vmap, check_vmap, undo_vmap,
	};

	(void)state;
	if (t_fail_nth_init())
		t_skip("no fault injection in this kernel");
	t_fail_each(&op);
}

static const struct CMUnitTest tests[] = {
	t_test(test_over_quota),
	t_test(test_no_heap),
	t_test(test_every_allocation),
};

T_MAIN(tests, T_IMPORTER)
