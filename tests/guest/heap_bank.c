// SPDX-License-Identifier: GPL-2.0
/*
 * Banks: heaps in ranges that were reserved at boot. Booted and loaded with
 *	fast:2:mem=64M@…	a range the kernel was told to leave alone
 *	sram:3:reserve=sram	4 MiB it set aside itself
 */
#include "common.h"

#define FAST	(64 * MIB)
#define SRAM	(4 * MIB)

static struct cen_device in_bank(unsigned int bank)
{
	return t_anonymous("in-bank", (struct cen_limits) { .banks = 1ULL << bank });
}

static struct cen_device one_segment_in_bank(unsigned int bank)
{
	return t_anonymous("in-bank",
			   (struct cen_limits) { .banks = 1ULL << bank, .max_segs = 1 });
}

static int declared(uint64_t size, struct cen_device device)
{
	int fd = must_create(size);

	assert_ok(t_declare(fd, &device, 1));
	return fd;
}

static int backed(uint64_t size, struct cen_device device)
{
	int fd = declared(size, device);

	assert_ok(t_commit(fd));
	return fd;
}

static void assert_used(const char *heap, uint64_t used)
{
	struct cen_heap_info info;

	assert_ok(t_heap_info(t_heap_index(heap), &info));
	assert_u64_equal(info.used, used);
}

static void test_properties(void **state)
{
	struct cen_heap_info fast, sram, system;

	(void)state;
	assert_ok(t_heap_info(t_heap_index("fast"), &fast));
	assert_ok(t_heap_info(t_heap_index("sram"), &sram));
	assert_ok(t_heap_info(t_heap_index("system"), &system));
	assert_u64_equal(fast.capacity, FAST);
	assert_u64_equal(fast.chunk_max, FAST);
	assert_true(fast.align_max >= 2 * MIB);
	assert_u64_equal(fast.banks, 1ULL << 2);
	assert_u64_equal(sram.capacity, SRAM);
	assert_u64_equal(sram.banks, 1ULL << 3);
	assert_true(fast.priority > system.priority);
}

static void use(uint64_t size, unsigned int bank, const char *heap)
{
	int fd = backed(size, in_bank(bank));
	char *at = must_map(fd, size);

	assert_string_equal(must_info(fd).heap_name, heap);
	assert_used(heap, size);
	assert_u64_equal(t_not_zero(at, size), size);
	memset(at, 0x77, size);
	must_unmap(at, size);
	close(fd);
	assert_used(heap, 0);
}

static void test_whose_bank_it_is(void **state)
{
	int round;

	(void)state;
	for (round = 0; round < 2; round++) {
		use(3 * PAGE, 2, "fast");
		use(FAST, 2, "fast");
		use(SRAM, 3, "sram");
	}
}

static void test_nobody_else(void **state)
{
	int fd = must_create(MIB);

	(void)state;
	assert_ok(t_commit(fd));
	assert_string_equal(must_info(fd).heap_name, "system");
	close(fd);
}

static void test_more_than_the_bank(void **state)
{
	struct cen_device device = in_bank(2);
	int fd = must_create(FAST + PAGE);
	struct t_why why;

	(void)state;
	assert_errno(t_declare(fd, &device, 1), ENODEV);
	assert_ok(t_explain(-1, FAST + PAGE, &device, 1, &why));
	assert_int_equal(why.error, -ENODEV);
	assert_non_null(t_reason(&why, CEN_WHY_SIZE, NULL));
	assert_non_null(t_reason(&why, CEN_WHY_BANK, "in-bank"));
	close(fd);
}

static void test_no_such_bank(void **state)
{
	struct cen_device device = in_bank(5);
	int fd = must_create(PAGE);

	(void)state;
	assert_errno(t_declare(fd, &device, 1), ENODEV);
	close(fd);
}

/* Every limit of a bank holds for both: there is no memory in two banks. */
static void test_two_banks(void **state)
{
	struct cen_device devices[] = { in_bank(2), in_bank(3) };
	int fd = must_create(PAGE);

	(void)state;
	strcpy(devices[1].name, "in-other-bank");
	assert_errno(t_declare(fd, devices, 2), EINVAL);
	close(fd);
}

static void test_full(void **state)
{
	int a = backed(40 * MIB, in_bank(2));
	int b = declared(40 * MIB, in_bank(2));

	(void)state;
	assert_u64_equal(must_lack_memory(b, "fast", CEN_WHY_MEMORY), 24 * MIB);
	assert_used("fast", 40 * MIB);
	close(a);
	assert_ok(t_commit(b));
	close(b);
}

/* Gaps of 4 MiB: enough for segments without number, not for one. */
static void test_gaps(void **state)
{
	int fds[16], i, fd;

	(void)state;
	for (i = 0; i < 16; i++)
		fds[i] = backed(4 * MIB, in_bank(2));
	for (i = 0; i < 16; i += 2)
		close(fds[i]);

	fd = declared(8 * MIB, one_segment_in_bank(2));
	assert_u64_equal(must_lack_memory(fd, "fast", CEN_WHY_PIECE), 4 * MIB);
	close(fd);
	fd = backed(32 * MIB, in_bank(2));
	assert_in_range(must_info(fd).chunks, 8, 32);
	close(fd);
	/* two neighbours go: one gap of 12 MiB */
	close(fds[5]);
	fd = backed(8 * MIB, one_segment_in_bank(2));
	assert_int_equal(must_info(fd).chunks, 1);
	close(fd);

	for (i = 1; i < 16; i += 2)
		if (i != 5)
			close(fds[i]);
	assert_used("fast", 0);
}

/* A small buffer goes where it breaks up least. */
static void test_best_fit(void **state)
{
	int a = backed(30 * MIB, one_segment_in_bank(2));
	int small = backed(2 * MIB, one_segment_in_bank(2));
	int b = backed(30 * MIB, one_segment_in_bank(2));
	int c, fd;

	(void)state;
	/* the bank ends with 2 MiB; with 30 MiB before it free, those 2 are taken first */
	close(a);
	c = backed(2 * MIB, one_segment_in_bank(2));
	fd = backed(30 * MIB, one_segment_in_bank(2));
	close(fd);
	close(c);
	close(b);
	close(small);
}

/* A device maps and reads and writes it like any other memory. */
static void devices_use(unsigned int bank)
{
	const size_t size = 256 * KIB;
	uint8_t block[PAGE], back[PAGE];
	int fd = backed(size, in_bank(bank)), id, vmap;
	char *at = must_map(fd, size);

	t_fill(at, size, bank);
	id = must_attach(fd, 0);
	must_dma_map(id, CTI_BIDIRECTIONAL);
	assert_ok(t_dma_read(id, 5 * PAGE, block, sizeof(block)));
	assert_memory_equal(block, at + 5 * PAGE, sizeof(block));
	memset(block, 0xee, sizeof(block));
	assert_ok(t_dma_write(id, 9 * PAGE, block, sizeof(block)));
	assert_memory_equal(block, at + 9 * PAGE, sizeof(block));
	assert_ok(t_dma_read(id, 9 * PAGE, back, sizeof(back)));
	assert_memory_equal(block, back, sizeof(back));
	assert_ok(t_dma_unmap(id));
	vmap = t_vmap(fd);
	assert_ok(vmap);
	assert_ok(t_release(vmap));
	assert_ok(t_release(id));
	must_unmap(at, size);
	close(fd);
}

static void test_devices(void **state)
{
	(void)state;
	devices_use(2);
	devices_use(3);
}

/* A device of another bank comes late: the contents move. */
static void test_moves_between_banks(void **state)
{
	int fd = must_create(MIB);
	struct cen_device device;
	char *at = must_map(fd, MIB);

	(void)state;
	t_fill(at, MIB, 7);
	assert_string_equal(must_info(fd).heap_name, "system");
	device = in_bank(2);
	assert_ok(t_declare(fd, &device, 1));
	assert_string_equal(must_info(fd).heap_name, "fast");
	assert_u64_equal(t_wrong(at, MIB, 7), MIB);
	must_unmap(at, MIB);
	close(fd);
}

static const struct CMUnitTest tests[] = {
	t_test(test_properties),
	t_test(test_whose_bank_it_is),
	t_test(test_nobody_else),
	t_test(test_more_than_the_bank),
	t_test(test_no_such_bank),
	t_test(test_two_banks),
	t_test(test_full),
	t_test(test_gaps),
	t_test(test_best_fit),
	t_test(test_devices),
	t_test(test_moves_between_banks),
};

T_MAIN(tests, T_IMPORTER)
