// SPDX-License-Identifier: GPL-2.0
/*
 * The contiguous heap when memory is full: what is in the way is moved.
 */
#include "scatter.h"

/* One piece below 256 MiB. */
static void assert_piece_below_28_bits(uint64_t size)
{
	struct cen_device device =
		t_anonymous("one-segment",
			    (struct cen_limits) { .addr_max = T_LOW_LAST, .max_segs = 1 });
	int fd = must_create(size);
	struct cen_info info;
	void *at;

	assert_ok(t_declare(fd, &device, 1));
	assert_ok(t_commit(fd));
	info = must_info(fd);
	assert_int_equal(info.chunks, 1);
	assert_in_range(info.addr_bits, 1, T_LOW_BITS);
	at = must_map(fd, size);
	assert_u64_equal(t_not_zero(at, size), size);
	memset(at, 0x99, size);
	must_unmap(at, size);
	close(fd);
}

/*
 * Nearly all memory is somebody's, and what is free lies scattered: half of each 64 KiB
 * of it. What has to make room keeps its contents.
 */
static void test_fragmented(void **state)
{
	struct t_scattered memory = must_scatter(160 * MIB);

	(void)state;
	assert_piece_below_28_bits(8 * MIB);
	assert_piece_below_28_bits(64 * MIB);

	must_be_intact(&memory);
}

static const struct CMUnitTest tests[] = {
	t_test(test_fragmented),
};

T_MAIN(tests, 0)
