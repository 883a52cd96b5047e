// SPDX-License-Identifier: GPL-2.0
/*
 * Attaching: while EMPTY it merges, while BACKED it fits, moves or is refused.
 *
 *	camera (any memory) ──▶ ┌────────┐ ◀── dsp (28 bits) comes late:
 *	                        │ buffer │      nobody maps it: moved, same bytes
 *	CPU ─── mmap ─────────▶ └────────┘      camera maps it: -EBUSY
 */
#include <sys/wait.h>

#include "common.h"

#define CAMERA	0
#define DSP	1
#define SIZE	(5 * MIB + 3 * PAGE)

/* A buffer above 4 GiB, so that a device of few address bits cannot use it. */
static int high_buffer(void)
{
	struct cen_info info;
	int fd = must_create(SIZE);

	assert_ok(t_commit(fd));
	info = must_info(fd);
	if (info.addr_bits > 32)
		return fd;
	t_skip("no memory above 4 GiB: %u bits", info.addr_bits);
	return -1;
}

static void limit_dsp(void)
{
	must_limit((struct cti_limits) { .device = DSP, .addr_bits = T_LOW_BITS });
}

static void test_late_attach_that_fits(void **state)
{
	struct cen_info before, after;
	int fd = high_buffer();

	(void)state;
	must_attach(fd, CAMERA);
	before = must_info(fd);
	assert_ok(t_attach(fd, CAMERA + 2));
	after = must_info(fd);
	assert_u64_equal(after.moves, 0);
	assert_int_equal(after.addr_bits, before.addr_bits);
}

static void test_late_attach_moves(void **state)
{
	int fd = high_buffer();
	char *at = must_map(fd, SIZE);
	struct cen_info info;

	(void)state;
	limit_dsp();
	t_fill(at, SIZE, 11);
	must_attach(fd, CAMERA);
	must_attach(fd, DSP);
	info = must_info(fd);
	assert_u64_equal(info.moves, 1);
	assert_true(info.addr_bits <= T_LOW_BITS);
	assert_u64_equal(t_used(), SIZE);
	assert_u64_equal(t_wrong(at, SIZE, 11), SIZE);
	/* the map shows the new memory, not a copy of the old */
	t_fill(at, SIZE, 12);
	if (!t_swiotlb_forced()) {
		char *copy = malloc(SIZE);
		int id = must_attach(fd, DSP);

		must_dma_map(id, CTI_BIDIRECTIONAL);
		assert_ok(t_dma_read(id, 0, copy, SIZE));
		assert_u64_equal(t_wrong(copy, SIZE, 12), SIZE);
		free(copy);
	}
}

/* What the other process wrote before and after the move is what this one sees. */
static void test_move_under_two_processes(void **state)
{
	int fd = high_buffer(), to_child[2], to_parent[2], status;
	char *at = must_map(fd, SIZE), c;
	pid_t pid;

	(void)state;
	limit_dsp();
	t_fill(at, SIZE, 21);
	assert_int_equal(pipe(to_child), 0);
	assert_int_equal(pipe(to_parent), 0);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		char *mine = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		/* both the inherited map and one of its own */
		if (mine == MAP_FAILED || t_wrong(mine, SIZE, 21) != SIZE ||
		    t_wrong(at, SIZE, 21) != SIZE)
			_exit(1);
		t_fill(mine, SIZE, 22);
		if (write(to_parent[1], "x", 1) != 1 || read(to_child[0], &c, 1) != 1)
			_exit(2);
		if (t_wrong(mine, SIZE, 22) != SIZE || t_wrong(at, SIZE, 22) != SIZE)
			_exit(3);
		t_fill(at, SIZE, 23);
		if (t_wrong(mine, SIZE, 23) != SIZE)
			_exit(4);
		_exit(0);
	}
	assert_int_equal(read(to_parent[0], &c, 1), 1);
	assert_int_equal(must_info(fd).mmaps, 3);
	must_attach(fd, DSP);
	assert_u64_equal(must_info(fd).moves, 1);
	assert_u64_equal(t_wrong(at, SIZE, 22), SIZE);
	assert_int_equal(write(to_child[1], "x", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_u64_equal(t_wrong(at, SIZE, 23), SIZE);
	assert_int_equal(must_info(fd).mmaps, 1);
}

static void test_busy_while_mapped(void **state)
{
	int fd = high_buffer(), id = must_attach(fd, CAMERA);
	const struct cen_reason *reason;
	struct t_why why;

	(void)state;
	if (t_swiotlb_forced())
		t_skip("a map of it does not fit a bounce buffer");
	limit_dsp();
	must_dma_map(id, CTI_BIDIRECTIONAL);
	assert_errno(t_attach(fd, DSP), EBUSY);
	assert_false(t_info_device(fd, t_name(DSP), NULL));
	assert_int_equal(must_info(fd).last_error, -EBUSY);

	assert_ok(t_explain_last(fd, &why));
	assert_int_equal(why.error, -EBUSY);
	reason = t_reason(&why, CEN_WHY_MAPPED, NULL);
	assert_non_null(reason);
	assert_u64_equal(reason->offered, 1);
	assert_non_null(t_reason(&why, CEN_WHY_ADDR, t_name(DSP)));

	assert_ok(t_dma_unmap(id));
	assert_ok(t_attach(fd, DSP));
	assert_u64_equal(must_info(fd).moves, 1);
	assert_true(must_info(fd).addr_bits <= T_LOW_BITS);
}

static void test_busy_while_vmapped(void **state)
{
	int fd = high_buffer(), id = t_vmap(fd);

	(void)state;
	assert_ok(id);
	limit_dsp();
	assert_errno(t_attach(fd, DSP), EBUSY);
	assert_ok(t_release(id));
	assert_ok(t_attach(fd, DSP));
}

/* User maps do not hold a buffer in place. */
static void test_mmap_does_not_hold_it(void **state)
{
	int fd = high_buffer();
	char *at = must_map(fd, SIZE);

	(void)state;
	limit_dsp();
	at[0] = 1;
	assert_ok(t_attach(fd, DSP));
	assert_int_equal(at[0], 1);
}

/* The segments a device sees after a move are those of the new memory. */
static void test_map_after_a_move(void **state)
{
	int fd = high_buffer(), camera = must_attach(fd, CAMERA), dsp;
	char *at = must_map(fd, SIZE), *copy;

	(void)state;
	if (t_swiotlb_forced())
		t_skip("a map of it does not fit a bounce buffer");
	limit_dsp();
	copy = malloc(SIZE);
	must_dma_map(camera, CTI_FROM_DEVICE);
	assert_ok(t_dma_unmap(camera));
	dsp = must_attach(fd, DSP);
	assert_u64_equal(must_info(fd).moves, 1);
	t_fill(at, SIZE, 31);
	assert_true(must_dma_map(camera, CTI_BIDIRECTIONAL).addr_bits <= T_LOW_BITS);
	assert_ok(t_dma_read(camera, 0, copy, SIZE));
	assert_u64_equal(t_wrong(copy, SIZE, 31), SIZE);
	must_dma_map(dsp, CTI_BIDIRECTIONAL);
	t_fill(copy, SIZE, 32);
	assert_ok(t_dma_write(dsp, 0, copy, SIZE));
	assert_u64_equal(t_wrong(at, SIZE, 32), SIZE);
	free(copy);
}

static void test_attach_while_empty_merges(void **state)
{
	struct cen_plan plan;
	int fd = must_create(SIZE);

	(void)state;
	limit_dsp();
	must_attach(fd, CAMERA);
	must_attach(fd, DSP);
	assert_ok(t_commit_plan(fd, &plan));
	assert_true(plan.addr_bits <= T_LOW_BITS);
	assert_true(must_info(fd).addr_bits <= T_LOW_BITS);
	assert_u64_equal(must_info(fd).moves, 0);
}

/* Detached devices do not count any more. */
static void test_detached_is_forgotten(void **state)
{
	int fd = must_create(SIZE), id;

	(void)state;
	limit_dsp();
	id = must_attach(fd, DSP);
	assert_ok(t_release(id));
	assert_int_equal(must_info(fd).devices_count, 0);
	assert_ok(t_commit(fd));
	assert_string_equal(must_info(fd).heap_name, "system");
}

/* Declared ones do. */
static void test_detached_but_declared(void **state)
{
	struct cen_device device = t_dev(DSP);
	struct cen_buffer_device entry;
	int fd = must_create(SIZE), id;

	(void)state;
	limit_dsp();
	assert_ok(t_declare(fd, &device, 1));
	id = must_attach(fd, DSP);
	assert_true(t_info_device(fd, t_name(DSP), &entry));
	assert_int_equal(entry.flags, CEN_USE_DECLARED | CEN_USE_ATTACHED);
	assert_int_equal(must_info(fd).devices_count, 1);
	assert_ok(t_release(id));
	assert_true(t_info_device(fd, t_name(DSP), &entry));
	assert_int_equal(entry.flags, CEN_USE_DECLARED);
	assert_ok(t_commit(fd));
	assert_true(must_info(fd).addr_bits <= T_LOW_BITS);
}

/* Two attachments of one device are one device. */
static void test_attached_twice(void **state)
{
	struct cen_buffer_device entry;
	int fd = must_create(64 * KIB), first = must_attach(fd, CAMERA);
	int second = must_attach(fd, CAMERA);

	(void)state;
	assert_int_equal(must_info(fd).devices_count, 1);
	must_dma_map(first, CTI_BIDIRECTIONAL);
	must_dma_map(second, CTI_BIDIRECTIONAL);
	assert_int_equal(must_info(fd).maps, 2);
	assert_ok(t_dma_unmap(first));
	assert_true(t_info_device(fd, t_name(CAMERA), &entry));
	assert_true(entry.flags & CEN_USE_MAPPED);
	assert_ok(t_release(first));
	assert_true(t_info_device(fd, t_name(CAMERA), &entry));
	assert_true(entry.flags & CEN_USE_MAPPED);
	assert_ok(t_release(second));
	assert_int_equal(must_info(fd).devices_count, 0);
}

static void test_contradiction_is_einval(void **state)
{
	struct cen_device left = t_anonymous("left", (struct cen_limits) { .max_segs = 1 });
	int fd = must_create(SIZE);
	struct t_why why;

	(void)state;
	assert_ok(t_declare(fd, &left, 1));
	/* cannot hold the buffer, wherever it is */
	must_limit((struct cti_limits) { .device = DSP, .seg_size = 64 * KIB, .max_segs = 2 });
	assert_errno(t_attach(fd, DSP), EINVAL);
	assert_ok(t_explain_last(fd, &why));
	assert_int_equal(why.error, -EINVAL);
	assert_non_null(t_reason(&why, CEN_WHY_SEGS, t_name(DSP)));
	assert_int_equal(must_info(fd).devices_count, 1);
}

static void test_no_heap_is_enodev(void **state)
{
	int fd = must_create(SIZE);
	struct t_why why;

	(void)state;
	must_limit((struct cti_limits) { .device = DSP, .banks = 1ULL << 60 });
	assert_errno(t_attach(fd, DSP), ENODEV);
	assert_ok(t_explain_last(fd, &why));
	assert_int_equal(why.error, -ENODEV);
	assert_non_null(t_reason(&why, CEN_WHY_BANK, t_name(DSP)));
}

/* Refused when it comes late, too: the buffer stays as it was. */
static void test_late_refusal_changes_nothing(void **state)
{
	int fd = high_buffer();
	char *at = must_map(fd, SIZE);
	struct cen_info before, after;

	(void)state;
	t_fill(at, SIZE, 41);
	before = must_info(fd);
	must_limit((struct cti_limits) { .device = DSP, .addr_bits = 12 });
	assert_errno(t_attach(fd, DSP), ENODEV);
	after = must_info(fd);
	assert_u64_equal(after.moves, 0);
	assert_int_equal(after.addr_bits, before.addr_bits);
	assert_int_equal(after.devices_count, 0);
	assert_u64_equal(t_wrong(at, SIZE, 41), SIZE);
}

/* A declaration on a BACKED buffer moves it as an attach does. */
static void test_late_declare_moves(void **state)
{
	struct cen_device device = t_dev(DSP);
	int fd = high_buffer();
	char *at = must_map(fd, SIZE);

	(void)state;
	limit_dsp();
	t_fill(at, SIZE, 51);
	assert_ok(t_declare(fd, &device, 1));
	assert_u64_equal(must_info(fd).moves, 1);
	assert_true(must_info(fd).addr_bits <= T_LOW_BITS);
	assert_u64_equal(t_wrong(at, SIZE, 51), SIZE);
}

/* Declared again with a tighter limit. */
static void test_declared_tighter(void **state)
{
	struct cen_device loose = t_anonymous("dsp", (struct cen_limits) {});
	struct cen_device tight = t_anonymous("dsp", (struct cen_limits) { .addr_max = T_LOW_LAST });
	int fd = must_create(SIZE);

	(void)state;
	assert_ok(t_declare(fd, &loose, 1));
	assert_ok(t_commit(fd));
	assert_ok(t_declare(fd, &tight, 1));
	assert_true(must_info(fd).addr_bits <= T_LOW_BITS);
	assert_int_equal(must_info(fd).devices_count, 1);
}

/*
 * The table an attachment keeps for its next map was cut to limits that no longer hold
 * when the device is declared again with tighter ones.
 */
static void test_declared_tighter_between_maps(void **state)
{
	struct cen_device device = t_device_limits(t_name(CAMERA), (struct cen_limits) {
		.seg_size = 16 * KIB });
	int fd = must_create(256 * KIB), id = must_attach(fd, CAMERA);
	struct cti_map map;

	(void)state;
	if (t_swiotlb_forced())
		t_skip("bounced in pieces of its own");
	map = must_dma_map(id, CTI_BIDIRECTIONAL);
	assert_true(map.largest > 16 * KIB);
	assert_ok(t_dma_unmap(id));
	assert_ok(t_declare(fd, &device, 1));
	map = must_dma_map(id, CTI_BIDIRECTIONAL);
	assert_true(map.largest <= 16 * KIB);
}

/* While it is mapped the table cannot be cut anew. */
static void test_declared_tighter_while_mapped(void **state)
{
	struct cen_device device = t_device_limits(t_name(CAMERA), (struct cen_limits) {
		.seg_size = 16 * KIB });
	int fd = must_create(256 * KIB), id = must_attach(fd, CAMERA);
	struct cti_map map;

	(void)state;
	map = must_dma_map(id, CTI_BIDIRECTIONAL);
	if (map.largest <= 16 * KIB)
		t_skip("cut small already");
	assert_errno(t_declare(fd, &device, 1), EBUSY);
	assert_ok(t_dma_unmap(id));
	assert_ok(t_declare(fd, &device, 1));
	assert_true(must_dma_map(id, CTI_BIDIRECTIONAL).largest <= 16 * KIB);
}

/* A device that caches are maintained for comes late: the plan says so from then on. */
static void test_late_noncoherent(void **state)
{
	int fd = must_create(64 * KIB);

	(void)state;
	assert_ok(t_commit(fd));
	assert_int_equal(must_info(fd).plan.flags & CEN_PLAN_SYNC, 0);
	must_limit((struct cti_limits) { .device = DSP, .flags = CTI_NONCOHERENT });
	must_attach(fd, DSP);
	assert_int_equal(must_info(fd).plan.flags & CEN_PLAN_SYNC, CEN_PLAN_SYNC);
}

/* A map that comes while a declared device is still missing is the "mapped too early" bug. */
static void test_early_maps_are_counted(void **state)
{
	struct cen_device devices[] = { t_dev(CAMERA), t_dev(DSP) };
	int fd = must_create(64 * KIB), camera, dsp;

	(void)state;
	assert_ok(t_declare(fd, devices, 2));
	camera = must_attach(fd, CAMERA);
	must_dma_map(camera, CTI_BIDIRECTIONAL);
	assert_int_equal(must_info(fd).early_maps, 1);
	dsp = must_attach(fd, DSP);
	must_dma_map(dsp, CTI_BIDIRECTIONAL);
	assert_ok(t_dma_unmap(camera));
	must_dma_map(camera, CTI_BIDIRECTIONAL);
	assert_int_equal(must_info(fd).early_maps, 1);
}

static void test_no_early_maps_without_declaration(void **state)
{
	int fd = must_create(64 * KIB), id = must_attach(fd, CAMERA);

	(void)state;
	must_dma_map(id, CTI_BIDIRECTIONAL);
	assert_int_equal(must_info(fd).early_maps, 0);
}

/* The importer closes its file with everything mapped: all is undone. */
static void test_importer_goes_away(void **state)
{
	int fd = must_create(64 * KIB), id = must_attach(fd, CAMERA);

	(void)state;
	must_dma_map(id, CTI_BIDIRECTIONAL);
	assert_ok(t_vmap(fd));
	close(t_cti);
	assert_int_equal(must_info(fd).maps, 0);
	assert_int_equal(must_info(fd).vmaps, 0);
	assert_int_equal(must_info(fd).devices_count, 0);
}

/* The program closes its fd: the attachment keeps the buffer. */
static void test_attachment_keeps_the_buffer(void **state)
{
	int fd = must_create(64 * KIB), id = must_attach(fd, CAMERA);
	char c = 9;

	(void)state;
	must_dma_map(id, CTI_BIDIRECTIONAL);
	close(fd);
	assert_int_equal(t_buffers(), 1);
	assert_ok(t_dma_write(id, 100, &c, 1));
	assert_ok(t_release(id));
	assert_int_equal(t_buffers(), 0);
}

static const struct CMUnitTest tests[] = {
	t_test(test_late_attach_that_fits),
	t_test(test_late_attach_moves),
	t_test(test_move_under_two_processes),
	t_test(test_busy_while_mapped),
	t_test(test_busy_while_vmapped),
	t_test(test_mmap_does_not_hold_it),
	t_test(test_map_after_a_move),
	t_test(test_attach_while_empty_merges),
	t_test(test_detached_is_forgotten),
	t_test(test_detached_but_declared),
	t_test(test_attached_twice),
	t_test(test_contradiction_is_einval),
	t_test(test_no_heap_is_enodev),
	t_test(test_late_refusal_changes_nothing),
	t_test(test_late_declare_moves),
	t_test(test_declared_tighter),
	t_test(test_declared_tighter_between_maps),
	t_test(test_declared_tighter_while_mapped),
	t_test(test_late_noncoherent),
	t_test(test_early_maps_are_counted),
	t_test(test_no_early_maps_without_declaration),
	t_test(test_importer_goes_away),
	t_test(test_attachment_keeps_the_buffer),
};

T_MAIN(tests, T_IMPORTER)
