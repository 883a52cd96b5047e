// SPDX-License-Identifier: GPL-2.0
/*
 * EMPTY → BACKED: by whom, and that it happens once.
 */
#include <pthread.h>

#include "common.h"

static void assert_backed(int fd)
{
	struct cen_info info = must_info(fd);

	assert_int_equal(info.state, CEN_BUFFER_BACKED);
	assert_true(info.chunks > 0);
	assert_u64_equal(t_used(), info.size);
}

static void assert_empty(int fd)
{
	assert_int_equal(must_info(fd).state, CEN_BUFFER_EMPTY);
	assert_u64_equal(t_used(), 0);
}

static void test_by_commit(void **state)
{
	int fd = must_create(2 * MIB);

	(void)state;
	assert_empty(fd);
	assert_ok(t_commit(fd));
	assert_backed(fd);
}

static void test_by_read_fault(void **state)
{
	int fd = must_create(2 * MIB);
	volatile char *at = must_map(fd, 2 * MIB);

	(void)state;
	assert_empty(fd);
	assert_int_equal(at[MIB], 0);
	assert_backed(fd);
}

static void test_by_write_fault(void **state)
{
	int fd = must_create(2 * MIB);
	volatile char *at = must_map(fd, 2 * MIB);

	(void)state;
	at[2 * MIB - 1] = 7;
	assert_backed(fd);
	assert_int_equal(at[2 * MIB - 1], 7);
}

static void test_not_by_attach(void **state)
{
	int fd = must_create(2 * MIB), id = must_attach(fd, 0);
	struct cen_buffer_device entry;

	(void)state;
	assert_empty(fd);
	assert_true(t_info_device(fd, t_name(0), &entry));
	assert_int_equal(entry.flags, CEN_USE_ATTACHED);
	assert_ok(t_release(id));
	assert_false(t_info_device(fd, t_name(0), &entry));
}

static void test_by_device_map(void **state)
{
	int fd = must_create(64 * KIB), id = must_attach(fd, 0);
	struct cen_buffer_device entry;
	struct cti_map map;

	(void)state;
	map = must_dma_map(id, CTI_BIDIRECTIONAL);
	assert_backed(fd);
	assert_int_equal(must_info(fd).maps, 1);
	assert_true(t_info_device(fd, t_name(0), &entry));
	assert_int_equal(entry.flags, CEN_USE_ATTACHED | CEN_USE_MAPPED);
	assert_int_equal(entry.segments, map.segments);
	assert_ok(t_dma_unmap(id));
	assert_int_equal(must_info(fd).maps, 0);
	assert_true(t_info_device(fd, t_name(0), &entry));
	assert_int_equal(entry.flags, CEN_USE_ATTACHED);
	assert_int_equal(entry.segments, 0);
	assert_backed(fd);
}

static void test_by_vmap(void **state)
{
	int fd = must_create(2 * MIB), id;
	char c = 1;

	(void)state;
	id = t_vmap(fd);
	assert_ok(id);
	assert_backed(fd);
	assert_int_equal(must_info(fd).vmaps, 1);
	assert_ok(t_dma_read(id, MIB, &c, 1));
	assert_int_equal(c, 0);
	assert_ok(t_release(id));
	assert_int_equal(must_info(fd).vmaps, 0);
	assert_backed(fd);
}

/* A dynamic importer on a static exporter maps when it attaches; on newer kernels, when it maps. */
static void test_by_dynamic_attach(void **state)
{
	int fd = must_create(64 * KIB), id;

	(void)state;
	id = t_attach_name(fd, t_name(0), CTI_ATTACH_DYNAMIC);
	assert_ok(id);
	if (must_info(fd).maps)
		assert_backed(fd);
	else
		assert_empty(fd);
	must_dma_map(id, CTI_BIDIRECTIONAL);
	assert_backed(fd);
	assert_int_equal(must_info(fd).maps, 1);
	assert_ok(t_release(id));
	assert_int_equal(must_info(fd).maps, 0);
}

static void test_not_by_sync(void **state)
{
	int fd = must_create(2 * MIB);

	(void)state;
	assert_ok(t_dma_buf_sync(fd, 0 | 3));
	assert_ok(t_dma_buf_sync(fd, 4 | 3));
	assert_ok(t_sync(fd, 0, PAGE, CEN_SYNC_READ));
	assert_empty(fd);
}

static void test_not_by_mmap(void **state)
{
	int fd = must_create(2 * MIB);
	void *at = must_map(fd, 2 * MIB);

	(void)state;
	assert_empty(fd);
	assert_int_equal(must_info(fd).mmaps, 1);
	must_unmap(at, 2 * MIB);
	assert_int_equal(must_info(fd).mmaps, 0);
}

/* All four see the same memory. */
static void test_everybody_sees_the_same(void **state)
{
	int fd = must_create(3 * MIB), id = must_attach(fd, 0), kernel;
	char *at = must_map(fd, 3 * MIB), *copy = malloc(3 * MIB);

	(void)state;
	if (t_swiotlb_forced())
		t_skip("3 MiB do not fit a bounce buffer");
	t_fill(at, 3 * MIB, 1);
	must_dma_map(id, CTI_BIDIRECTIONAL);
	assert_ok(t_dma_read(id, 0, copy, 3 * MIB));
	assert_u64_equal(t_wrong(copy, 3 * MIB, 1), 3 * MIB);
	kernel = t_vmap(fd);
	assert_ok(kernel);
	assert_ok(t_dma_read(kernel, 0, copy, 3 * MIB));
	assert_u64_equal(t_wrong(copy, 3 * MIB, 1), 3 * MIB);

	t_fill(copy, 3 * MIB, 2);
	assert_ok(t_dma_write(id, 0, copy, 3 * MIB));
	assert_u64_equal(t_wrong(at, 3 * MIB, 2), 3 * MIB);
	t_fill(copy, 3 * MIB, 3);
	assert_ok(t_dma_write(kernel, 0, copy, 3 * MIB));
	assert_u64_equal(t_wrong(at, 3 * MIB, 3), 3 * MIB);
	free(copy);
}

#define RACERS	8

struct racer {
	pthread_t thread;
	pthread_barrier_t *barrier;
	int fd, what, ret;
	volatile char *at;
};

static void *race(void *arg)
{
	struct racer *r = arg;

	pthread_barrier_wait(r->barrier);
	if (r->what % 2)
		r->ret = t_commit(r->fd);
	else
		r->at[r->what * 64 * KIB] = r->what;
	return NULL;
}

/* Many want it at once: it is backed once. */
static void test_at_once(void **state)
{
	struct racer racers[RACERS];
	pthread_barrier_t barrier;
	int round, i, fd;
	char *at;

	(void)state;
	for (round = 0; round < 20; round++) {
		fd = must_create(MIB);
		at = must_map(fd, MIB);
		pthread_barrier_init(&barrier, NULL, RACERS);
		for (i = 0; i < RACERS; i++) {
			racers[i] = (struct racer) {
				.barrier = &barrier, .fd = fd, .what = i, .at = at,
			};
			pthread_create(&racers[i].thread, NULL, race, &racers[i]);
		}
		for (i = 0; i < RACERS; i++)
			pthread_join(racers[i].thread, NULL);
		for (i = 0; i < RACERS; i++) {
			assert_ok(racers[i].ret);
			if (i % 2 == 0)
				assert_int_equal(at[i * 64 * KIB], i);
		}
		assert_backed(fd);
		must_unmap(at, MIB);
		close(fd);
		pthread_barrier_destroy(&barrier);
	}
}

static const struct CMUnitTest tests[] = {
	t_test(test_by_commit),
	t_test(test_by_read_fault),
	t_test(test_by_write_fault),
	t_test(test_not_by_attach),
	t_test(test_by_device_map),
	t_test(test_by_vmap),
	t_test(test_by_dynamic_attach),
	t_test(test_not_by_sync),
	t_test(test_not_by_mmap),
	t_test(test_everybody_sees_the_same),
	t_test(test_at_once),
};

T_MAIN(tests, T_IMPORTER)
