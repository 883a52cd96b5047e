// SPDX-License-Identifier: GPL-2.0
/*
 * The contiguous heap when memory is full: what is in the way is moved.
 */
#include "scatter.h"

/* A buffer that has to be in one piece below 256 MiB. */
static int piece_below_28_bits(uint64_t size)
{
	struct cen_device device =
		t_anonymous("one-segment",
			    (struct cen_limits) { .addr_max = T_LOW_LAST, .max_segs = 1 });
	int fd = must_create(size);

	assert_ok(t_declare(fd, &device, 1));
	return fd;
}

static void assert_piece_below_28_bits(uint64_t size)
{
	int fd = piece_below_28_bits(size);
	struct cen_info info;
	void *at;

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
 *
 * A kernel with KASAN, lockdep and kmemleak fills the low memory from its image upwards with
 * memory of its own, up to 190 of the 256 MiB when it has booted. Less than 64 MiB may be left;
 * then the refusal has to say so, and what it says is left can be had.
 */
static void test_fragmented(void **state)
{
	struct t_scattered memory = must_scatter(160 * MIB);
	uint64_t longest;
	int fd;

	(void)state;
	assert_piece_below_28_bits(8 * MIB);
	if (t_lane("debug*")) {
		fd = piece_below_28_bits(64 * MIB);
		if (t_commit(fd)) {
			longest = must_lack_memory(fd, "contiguous", CEN_WHY_PIECE);
			printf("# no more than %llu KiB in one piece\n",
			       (unsigned long long)(longest / KIB));
			assert_in_range(longest, 16 * MIB, 64 * MIB - PAGE);
			/* some of it may be the kernel's by now */
			assert_piece_below_28_bits(longest / 2);
		}
		close(fd);
	} else {
		assert_piece_below_28_bits(64 * MIB);
	}

	must_be_intact(&memory);
}

static const struct CMUnitTest tests[] = {
	t_test(test_fragmented),
};

T_MAIN(tests, 0)
