// SPDX-License-Identifier: GPL-2.0
/*
 * The contiguous heap when memory is full: what is in the way is moved.
 */
#include "common.h"

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

static uint64_t available(void)
{
	unsigned long long kib = 0;
	char text[4096], *at;

	assert_true(t_read_file("/proc/meminfo", text, sizeof(text)));
	at = strstr(text, "MemAvailable:");
	assert_non_null(at);
	assert_int_equal(sscanf(at, "MemAvailable: %llu", &kib), 1);
	return kib * KIB;
}

/*
 * Nearly all memory is somebody's, and what is free lies scattered: half of each 64 KiB
 * of it. What has to make room keeps its contents.
 */
static void test_fragmented(void **state)
{
	const size_t step = 64 * KIB;
	uint64_t size = (available() - 160 * MIB) / step * step, at;
	char *memory;

	(void)state;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_true(memory != MAP_FAILED);
	assert_int_equal(madvise(memory, size, MADV_NOHUGEPAGE), 0);
	for (at = 0; at < size; at += PAGE)
		*(uint64_t *)(memory + at) = at;
	for (at = 0; at < size; at += step)
		assert_int_equal(madvise(memory + at, step / 2, MADV_DONTNEED), 0);

	assert_piece_below_28_bits(8 * MIB);
	assert_piece_below_28_bits(64 * MIB);

	for (at = 0; at < size; at += PAGE)
		if (at % step >= step / 2 && *(uint64_t *)(memory + at) != at)
			fail_msg("memory that was moved away has changed");
	munmap(memory, size);
}

static const struct CMUnitTest tests[] = {
	t_test(test_fragmented),
};

T_MAIN(tests, 0)
