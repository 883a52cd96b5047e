// SPDX-License-Identifier: GPL-2.0
/*
 * The contiguous heap where the kernel keeps a contiguous memory area (cma=): one segment as
 * large as a video frame, whatever has become of the rest of memory.
 */
#include <sys/resource.h>

#include "scatter.h"

#define SEGMENT		(64 * MIB)
#define BLOCK		MIB

static uint64_t meminfo(const char *name)
{
	return (uint64_t)t_proc_value("/proc/meminfo", name) * KIB;
}

static uint64_t vmstat(const char *name)
{
	return (uint64_t)t_proc_value("/proc/vmstat", name);
}

/* How many pieces were ever taken from contiguous memory areas. */
static uint64_t taken(void)
{
	return vmstat("cma_alloc_success");
}

static int segment(int *fd)
{
	struct cen_device device =
		t_anonymous("one-segment", (struct cen_limits) { .max_segs = 1 });

	*fd = must_create(SEGMENT);
	assert_ok(t_declare(*fd, &device, 1));
	return t_commit(*fd);
}

/* It is one piece, it came from the area, and it is zero. Holds 0x99 afterwards. */
static void assert_segment(int fd, uint64_t taken_before)
{
	struct cen_info info = must_info(fd);
	void *at = must_map(fd, SEGMENT);

	assert_int_equal(info.chunks, 1);
	assert_string_equal(info.heap_name, "contiguous");
	assert_u64_equal(taken() - taken_before, 1);
	assert_u64_equal(t_not_zero(at, SEGMENT), SEGMENT);
	memset(at, 0x99, SEGMENT);
	must_unmap(at, SEGMENT);
}

static void test_one_segment(void **state)
{
	int round, fd;

	(void)state;
	for (round = 0; round < 3; round++) {
		uint64_t before = taken();

		assert_ok(segment(&fd));
		assert_segment(fd, before);
		close(fd);
	}
}

/*
 * While nobody needs it, the area is others' memory: here half of each 64 KiB, wherever it
 * is. What is in the way moves and stays what it was.
 */
static void test_lent_to_others(void **state)
{
	struct t_scattered memory = must_scatter(96 * MIB);
	uint64_t before, moved;
	int fd;

	(void)state;
	before = taken();
	moved = vmstat("pgmigrate_success");
	assert_ok(segment(&fd));
	assert_segment(fd, before);
	moved = (vmstat("pgmigrate_success") - moved) * PAGE;
	printf("# %llu MiB had to move\n", (unsigned long long)(moved / MIB));
	assert_in_range(moved, MIB, UINT64_MAX);

	must_be_intact(&memory);
	close(fd);
}

/*
 * Memory of the kernel's own does not move. With a piece of it in every second MiB there is no
 * larger range to be had anywhere: only the area has one, and when it is used up the refusal
 * shows that nothing else could have helped.
 */
static void test_page_allocator_fragmented(void **state)
{
	static int blocks[8192];
	uint64_t before, half, longest;
	int fds[16], nr = 0, got, ret = 0, i;
	int system = t_heap_index("system");

	(void)state;
	assert_ok(system);
	must_set_param("quota_mib", "65536");
	while (meminfo("MemFree") - meminfo("CmaFree") > 64 * MIB) {
		assert_true(nr < (int)ARRAY_SIZE(blocks));
		blocks[nr] = t_create(BLOCK, 0, 0, 1U << system);
		assert_ok(blocks[nr]);
		assert_ok(t_commit(blocks[nr]));
		nr++;
	}
	for (i = 0; i < nr; i += 2)
		close(blocks[i]);
	half = meminfo("MemFree") - meminfo("CmaFree");
	printf("# %d blocks; %llu MiB are free beside the area\n", nr,
	       (unsigned long long)(half / MIB));
	assert_in_range(half, 2 * SEGMENT, UINT64_MAX);

	for (got = 0; got < (int)ARRAY_SIZE(fds); got++) {
		before = taken();
		ret = segment(&fds[got]);
		if (ret)
			break;
		assert_segment(fds[got], before);
	}
	printf("# %d segments\n", got);
	assert_errno(ret, ENOMEM);
	assert_in_range(got, 1, meminfo("CmaTotal") / SEGMENT);
	longest = must_lack_memory(fds[got], "contiguous", CEN_WHY_PIECE);
	printf("# the longest piece left: %llu KiB\n", (unsigned long long)(longest / KIB));
	assert_in_range(longest, BLOCK, SEGMENT - 1);

	for (i = 0; i <= got; i++)
		close(fds[i]);
	before = taken();
	assert_ok(segment(&fds[0]));
	assert_segment(fds[0], before);
	close(fds[0]);
	for (i = 1; i < nr; i += 2)
		close(blocks[i]);
}

static const struct CMUnitTest tests[] = {
	t_test(test_one_segment),
	t_test(test_lent_to_others),
	t_test(test_page_allocator_fragmented),
};

int main(void)
{
	struct rlimit files = { 16384, 16384 };

	if (t_proc_value("/proc/meminfo", "CmaTotal") * (long long)KIB < (long long)(2 * SEGMENT))
		t_skip_all("this kernel has no contiguous memory area of %lu MiB", 2 * SEGMENT / MIB);
	if (t_proc_value("/proc/vmstat", "cma_alloc_success") < 0)
		t_skip_all("this kernel does not count what is taken from contiguous memory areas");
	setrlimit(RLIMIT_NOFILE, &files);
	return t_run(tests, ARRAY_SIZE(tests), 0);
}
