// SPDX-License-Identifier: GPL-2.0
/*
 * Bounce buffers: only when asked for (bounce=sync). Then begin/end access does the copying,
 * and data is wrong without it.
 *
 *	CPU ──▶ buffer ··begin/end··▶ bounce buffer ◀── bus address ── device
 */
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <pthread.h>

#include "common.h"

#define SIZE	(64 * KIB)

static void sync_only(void)
{
	if (!t_swiotlb_forced() || !t_bounce_sync())
		t_skip("not booted with swiotlb=force, or not loaded with bounce=sync");
}

/* The device's mask shrank after it was attached: only a bounce buffer could help. */
static void test_limits_that_shrank(void **state)
{
	int fd = must_create(8 * MIB), id = must_attach(fd, 0);
	struct t_why why;

	(void)state;
	if (t_swiotlb_forced())
		t_skip("everything bounces here");
	assert_ok(t_commit(fd));
	if (must_info(fd).addr_bits <= T_LOW_BITS)
		t_skip("memory is low");
	must_limit((struct cti_limits) { .device = 0, .addr_bits = T_LOW_BITS });
	assert_errno(t_dma_map(id, CTI_BIDIRECTIONAL, NULL), EINVAL);
	assert_ok(t_explain_last(fd, &why));
	assert_non_null(t_reason(&why, CEN_WHY_BOUNCE, t_name(0)));
	assert_int_equal(must_info(fd).maps, 0);
}

struct bounced {
	int fd, id;
	char *at, *copy;
};

static struct bounced must_bounce(enum cti_direction dir)
{
	struct bounced b = { .fd = must_create(SIZE) };

	b.at = must_map(b.fd, SIZE);
	b.copy = calloc(1, SIZE);
	b.at[0] = 0;
	b.id = must_attach(b.fd, 0);
	must_dma_map(b.id, dir);
	return b;
}

/* CPU to device. */
static void test_device_sees_what_begin_shows_it(void **state)
{
	struct bounced b;

	(void)state;
	sync_only();
	b = must_bounce(CTI_BIDIRECTIONAL);
	t_fill(b.at, SIZE, 1);
	/* the test can fail: without a sync the device reads old bytes */
	assert_ok(t_dma_read(b.id, 0, b.copy, SIZE));
	assert_u64_not_equal(t_wrong(b.copy, SIZE, 1), SIZE);

	assert_ok(t_begin(b.id, CTI_TO_DEVICE));
	assert_ok(t_dma_read(b.id, 0, b.copy, SIZE));
	assert_u64_equal(t_wrong(b.copy, SIZE, 1), SIZE);
	assert_ok(t_endacc(b.id, CTI_TO_DEVICE));
	free(b.copy);
}

/* Device to CPU. */
static void test_cpu_sees_what_end_shows_it(void **state)
{
	struct bounced b;

	(void)state;
	sync_only();
	b = must_bounce(CTI_BIDIRECTIONAL);
	t_fill(b.copy, SIZE, 2);
	assert_ok(t_begin(b.id, CTI_FROM_DEVICE));
	assert_ok(t_dma_write(b.id, 0, b.copy, SIZE));
	/* not yet */
	assert_u64_not_equal(t_wrong(b.at, SIZE, 2), SIZE);
	assert_ok(t_endacc(b.id, CTI_FROM_DEVICE));
	assert_u64_equal(t_wrong(b.at, SIZE, 2), SIZE);
	free(b.copy);
}

/* A read by the device brings nothing back, a write takes nothing along. */
static void test_directions(void **state)
{
	struct bounced b;

	(void)state;
	sync_only();
	b = must_bounce(CTI_BIDIRECTIONAL);
	t_fill(b.at, SIZE, 3);
	t_fill(b.copy, SIZE, 4);
	assert_ok(t_begin(b.id, CTI_TO_DEVICE));
	assert_ok(t_dma_write(b.id, 0, b.copy, SIZE));
	assert_ok(t_endacc(b.id, CTI_TO_DEVICE));
	assert_u64_equal(t_wrong(b.at, SIZE, 3), SIZE);
	free(b.copy);
}

/* One piece of memory, in segments that bounce buffers have room for. */
static void test_longer_than_a_bounce_buffer(void **state)
{
	struct cen_device one = t_anonymous("one", (struct cen_limits) { .max_segs = 1 });
	struct bounced b;

	(void)state;
	sync_only();
	b.fd = must_create(MIB);
	b.copy = malloc(MIB);
	assert_ok(t_declare(b.fd, &one, 1));
	b.id = must_attach(b.fd, 0);
	assert_ok(t_commit(b.fd));
	assert_int_equal(must_info(b.fd).chunks, 1);
	b.at = must_map(b.fd, MIB);
	t_fill(b.at, MIB, 7);
	must_dma_map(b.id, CTI_TO_DEVICE);
	assert_ok(t_dma_read(b.id, 0, b.copy, MIB));
	assert_u64_equal(t_wrong(b.copy, MIB, 7), MIB);
	free(b.copy);
}

/* Who takes one segment is told so, instead of the DMA API's -EIO. */
static void test_one_segment_is_a_bounce_buffer_at_most(void **state)
{
	int fd = must_create(MIB), id;
	struct t_why why;

	(void)state;
	sync_only();
	must_limit((struct cti_limits) { .device = 0, .max_segs = 1 });
	id = must_attach(fd, 0);
	assert_ok(t_commit(fd));
	assert_errno(t_dma_map(id, CTI_BIDIRECTIONAL, NULL), EINVAL);
	assert_ok(t_explain_last(fd, &why));
	assert_non_null(t_reason(&why, CEN_WHY_SEGS, t_name(0)));
	assert_int_equal(must_info(fd).maps, 0);
}

/* DMA_BUF_IOCTL_SYNC and CEN_IOC_SYNC are the CPU's side of the same. */
static void test_cpu_side_sync(void **state)
{
	struct bounced b;

	(void)state;
	sync_only();
	b = must_bounce(CTI_BIDIRECTIONAL);
	t_fill(b.at, SIZE, 5);
	assert_ok(t_dma_buf_sync(b.fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW));
	assert_ok(t_dma_read(b.id, 0, b.copy, SIZE));
	assert_u64_equal(t_wrong(b.copy, SIZE, 5), SIZE);

	t_fill(b.copy, SIZE, 6);
	assert_ok(t_dma_write(b.id, 0, b.copy, SIZE));
	assert_ok(t_dma_buf_sync(b.fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW));
	assert_u64_equal(t_wrong(b.at, SIZE, 6), SIZE);
	free(b.copy);
}

static void *sync_start(void *arg)
{
	struct bounced *b = arg;

	return (void *)(long)t_dma_buf_sync(b->fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
}

/* The device is not done when the CPU asks: what it writes until then is what the CPU gets. */
static void test_cpu_side_sync_comes_after_the_fence(void **state)
{
	pthread_t thread;
	struct bounced b;
	void *ret;
	int fence;

	(void)state;
	sync_only();
	b = must_bounce(CTI_BIDIRECTIONAL);
	fence = t_fence(b.fd, true);
	assert_ok(fence);
	assert_int_equal(pthread_create(&thread, NULL, sync_start, &b), 0);
	usleep(100 * 1000);
	t_fill(b.copy, SIZE, 14);
	assert_ok(t_dma_write(b.id, 0, b.copy, SIZE));
	assert_ok(t_signal(fence, 0));
	pthread_join(thread, &ret);
	assert_ok((long)ret);
	assert_u64_equal(t_wrong(b.at, SIZE, 14), SIZE);
	free(b.copy);
}

/* A ranged sync moves its range and nothing else. */
static void test_ranged_sync(void **state)
{
	const size_t from = 5 * PAGE + 100, length = 2 * PAGE + 56;
	struct bounced b;
	size_t i;

	(void)state;
	sync_only();
	b = must_bounce(CTI_BIDIRECTIONAL);
	memset(b.copy, 0x77, SIZE);
	assert_ok(t_dma_write(b.id, 0, b.copy, SIZE));
	assert_ok(t_sync(b.fd, from, length, CEN_SYNC_START | CEN_SYNC_READ));
	for (i = 0; i < SIZE; i++)
		if (b.at[i] != (i >= from && i < from + length ? 0x77 : 0))
			break;
	assert_u64_equal(i, SIZE);

	memset(b.at, 0x33, SIZE);
	assert_ok(t_sync(b.fd, from, length, CEN_SYNC_END | CEN_SYNC_WRITE));
	assert_ok(t_dma_read(b.id, 0, b.copy, SIZE));
	for (i = 0; i < SIZE; i++)
		if (b.copy[i] != (i >= from && i < from + length ? 0x33 : 0x77))
			break;
	assert_u64_equal(i, SIZE);
	free(b.copy);
}

/* A range that lies in several segments. */
static void test_ranged_sync_across_segments(void **state)
{
	const size_t from = 3 * PAGE + 1, length = 6 * PAGE;
	struct bounced b;
	size_t i;

	(void)state;
	sync_only();
	must_limit((struct cti_limits) { .device = 0, .seg_size = 2 * PAGE });
	b = must_bounce(CTI_BIDIRECTIONAL);
	memset(b.copy, 0x77, SIZE);
	assert_ok(t_dma_write(b.id, 0, b.copy, SIZE));
	assert_ok(t_sync(b.fd, from, length, CEN_SYNC_START | CEN_SYNC_READ));
	for (i = 0; i < SIZE; i++)
		if (b.at[i] != (i >= from && i < from + length ? 0x77 : 0))
			break;
	assert_u64_equal(i, SIZE);
	free(b.copy);
}

/* Map implies begin, unmap implies end. */
static void test_map_and_unmap_sync(void **state)
{
	int fd = must_create(SIZE), id;
	char *at = must_map(fd, SIZE), *copy = malloc(SIZE);

	(void)state;
	if (t_swiotlb_forced() && !t_bounce_sync())
		t_skip("nothing can be mapped: everything would bounce");
	t_fill(at, SIZE, 7);
	id = must_attach(fd, 0);
	must_dma_map(id, CTI_BIDIRECTIONAL);
	assert_ok(t_dma_read(id, 0, copy, SIZE));
	assert_u64_equal(t_wrong(copy, SIZE, 7), SIZE);
	t_fill(copy, SIZE, 8);
	assert_ok(t_dma_write(id, 0, copy, SIZE));
	assert_ok(t_dma_unmap(id));
	assert_u64_equal(t_wrong(at, SIZE, 8), SIZE);
	free(copy);
}

/* A device that writes a part only leaves the rest as it was. */
static void test_partial_write_keeps_the_rest(void **state)
{
	int fd = must_create(SIZE), id;
	char *at = must_map(fd, SIZE), *want = malloc(SIZE);

	(void)state;
	if (t_swiotlb_forced() && !t_bounce_sync())
		t_skip("nothing can be mapped: everything would bounce");
	t_fill(at, SIZE, 13);
	t_fill(want, SIZE, 13);
	memset(want + 5 * PAGE, 0x42, 1000);
	id = must_attach(fd, 0);
	must_dma_map(id, CTI_FROM_DEVICE);
	assert_ok(t_dma_write(id, 5 * PAGE, want + 5 * PAGE, 1000));
	assert_ok(t_dma_unmap(id));
	assert_memory_equal(at, want, SIZE);
	free(want);
}

/* From one device to the other, never touched by the CPU. */
static void test_device_to_device(void **state)
{
	int fd = must_create(SIZE), first, second;
	char *copy = malloc(SIZE);

	(void)state;
	if (t_swiotlb_forced() && !t_bounce_sync())
		t_skip("nothing can be mapped: everything would bounce");
	first = must_attach(fd, 0);
	second = must_attach(fd, 1);
	must_dma_map(first, CTI_FROM_DEVICE);
	must_dma_map(second, CTI_TO_DEVICE);
	t_fill(copy, SIZE, 9);
	assert_ok(t_begin(first, CTI_FROM_DEVICE));
	assert_ok(t_dma_write(first, 0, copy, SIZE));
	assert_ok(t_endacc(first, CTI_FROM_DEVICE));
	memset(copy, 0, SIZE);
	assert_ok(t_begin(second, CTI_TO_DEVICE));
	assert_ok(t_dma_read(second, 0, copy, SIZE));
	assert_ok(t_endacc(second, CTI_TO_DEVICE));
	assert_u64_equal(t_wrong(copy, SIZE, 9), SIZE);
	free(copy);
}

/* Begin and end access do for the buffers of other exporters as well. */
static void test_foreign_exporter(void **state)
{
	struct dma_heap_allocation_data data = { .len = SIZE, .fd_flags = O_RDWR | O_CLOEXEC };
	int heap = open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC), id;
	char *at, *copy = malloc(SIZE);

	(void)state;
	if (heap < 0)
		t_skip("no system dma-heap");
	assert_ok(t_ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data));
	at = must_map(data.fd, SIZE);
	id = must_attach(data.fd, 0);
	must_dma_map(id, CTI_BIDIRECTIONAL);
	t_fill(at, SIZE, 15);
	assert_ok(t_begin(id, CTI_BIDIRECTIONAL));
	assert_ok(t_dma_read(id, 0, copy, SIZE));
	assert_u64_equal(t_wrong(copy, SIZE, 15), SIZE);
	t_fill(copy, SIZE, 16);
	assert_ok(t_dma_write(id, 0, copy, SIZE));
	assert_ok(t_endacc(id, CTI_BIDIRECTIONAL));
	assert_u64_equal(t_wrong(at, SIZE, 16), SIZE);
	free(copy);
}

/* A coherent device that reaches the memory needs none of it: the same bytes at once. */
static void test_coherent_is_direct(void **state)
{
	int fd = must_create(SIZE), id;
	char *at = must_map(fd, SIZE), *copy = malloc(SIZE);

	(void)state;
	if (t_swiotlb_forced())
		t_skip("everything bounces here");
	id = must_attach(fd, 0);
	must_dma_map(id, CTI_BIDIRECTIONAL);
	t_fill(at, SIZE, 10);
	assert_ok(t_dma_read(id, 0, copy, SIZE));
	assert_u64_equal(t_wrong(copy, SIZE, 10), SIZE);
	assert_ok(t_begin(id, CTI_BIDIRECTIONAL));
	assert_ok(t_endacc(id, CTI_BIDIRECTIONAL));
	free(copy);
}

/* A device that says it is not coherent: begin and end are legal and keep the data. */
static void test_noncoherent(void **state)
{
	int fd = must_create(SIZE), id;
	char *at = must_map(fd, SIZE), *copy = malloc(SIZE);

	(void)state;
	if (t_swiotlb_forced() && !t_bounce_sync())
		t_skip("nothing can be mapped: everything would bounce");
	must_limit((struct cti_limits) { .device = 0, .flags = CTI_NONCOHERENT });
	id = must_attach(fd, 0);
	must_dma_map(id, CTI_BIDIRECTIONAL);
	assert_true(must_info(fd).plan.flags & CEN_PLAN_SYNC);
	t_fill(at, SIZE, 11);
	assert_ok(t_dma_buf_sync(fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW));
	assert_ok(t_begin(id, CTI_BIDIRECTIONAL));
	assert_ok(t_dma_read(id, 0, copy, SIZE));
	assert_u64_equal(t_wrong(copy, SIZE, 11), SIZE);
	t_fill(copy, SIZE, 12);
	assert_ok(t_dma_write(id, 0, copy, SIZE));
	assert_ok(t_endacc(id, CTI_BIDIRECTIONAL));
	assert_u64_equal(t_wrong(at, SIZE, 12), SIZE);
	free(copy);
}

static const struct CMUnitTest tests[] = {
	t_test(test_limits_that_shrank),
	t_test(test_device_sees_what_begin_shows_it),
	t_test(test_cpu_sees_what_end_shows_it),
	t_test(test_directions),
	t_test(test_longer_than_a_bounce_buffer),
	t_test(test_one_segment_is_a_bounce_buffer_at_most),
	t_test(test_cpu_side_sync),
	t_test(test_cpu_side_sync_comes_after_the_fence),
	t_test(test_ranged_sync),
	t_test(test_ranged_sync_across_segments),
	t_test(test_map_and_unmap_sync),
	t_test(test_partial_write_keeps_the_rest),
	t_test(test_device_to_device),
	t_test(test_foreign_exporter),
	t_test(test_coherent_is_direct),
	t_test(test_noncoherent),
};

T_MAIN(tests, T_IMPORTER)
