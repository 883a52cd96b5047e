// SPDX-License-Identifier: GPL-2.0
/* Memory with holes in it. Each page that is kept holds its offset. */
#include "scatter.h"

#define STEP	(64 * KIB)

struct t_scattered must_scatter(uint64_t spare)
{
	uint64_t available = (uint64_t)t_proc_value("/proc/meminfo", "MemAvailable") * KIB, at;
	struct t_scattered memory;

	assert_in_range(available, spare + STEP, UINT64_MAX);
	memory.size = (available - spare) / STEP * STEP;
	memory.at = mmap(NULL, memory.size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_true(memory.at != MAP_FAILED);
	assert_int_equal(madvise(memory.at, memory.size, MADV_NOHUGEPAGE), 0);
	for (at = 0; at < memory.size; at += PAGE)
		*(uint64_t *)(memory.at + at) = at;
	for (at = 0; at < memory.size; at += STEP)
		assert_int_equal(madvise(memory.at + at, STEP / 2, MADV_DONTNEED), 0);
	return memory;
}

void must_be_intact(const struct t_scattered *memory)
{
	uint64_t at;

	for (at = 0; at < memory->size; at += PAGE)
		if (at % STEP >= STEP / 2 && *(uint64_t *)(memory->at + at) != at)
			fail_msg("memory that was moved away has changed");
	assert_int_equal(munmap(memory->at, memory->size), 0);
}
