// SPDX-License-Identifier: GPL-2.0
/*
 * A fuzzer for /dev/cenalloc and /dev/dma_heap/cenalloc: arguments that are nearly right. Runs
 * in the guest; seeded (CEN_SEED) and bounded in count (CEN_FUZZ). What counts is that
 * the kernel survives, says nothing in its log and keeps nothing.
 *
 * Each call starts from a well-formed argument of its ioctl, of which some fields
 * are then replaced by values that are known to hurt: sizes around powers of two, foreign
 * and closed fds, pointers to nothing, to the kernel, to the end of a page, counts
 * beyond limits. Some calls get another size, direction or number.
 */
#include <linux/dma-heap.h>
#include <pthread.h>

#include "common.h"

#define FDS	24
#define ARENA	(64 * KIB)

/* One thread's fuzzing. */
struct fuzzer {
	pthread_t thread;
	uint64_t rng;
	unsigned int steps;
	char *arena;		/* followed by nothing: reading on faults */
	int heap;
	uint64_t hit[16], ok[16];
};

/* Shared, so that fds are closed under the other thread. */
static volatile int fds[FDS];

static uint64_t rnd(struct fuzzer *f, uint64_t below)
{
	return t_random(&f->rng) % below;
}

static bool one_in(struct fuzzer *f, unsigned int n)
{
	return !rnd(f, n);
}

static uint64_t any_u64(struct fuzzer *f)
{
	static const uint64_t hurting[] = {
		0, 1, 2, 3, 7, 64, 4095, 4096, 4097, 65535, 65536, 1 << 20, (1 << 20) + 1,
		0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x0fffffff, 0xfff, 0xffffff,
		0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffff000,
		0xfffffffffffff001, 0xffff800000000000,
	};

	switch (rnd(f, 4)) {
	case 0:
		return t_random(&f->rng);
	case 1:
		return 1ULL << rnd(f, 64);
	case 2:
		return (1ULL << rnd(f, 64)) - 1;
	default:
		return hurting[rnd(f, ARRAY_SIZE(hurting))];
	}
}

static int any_fd(struct fuzzer *f)
{
	switch (rnd(f, 12)) {
	case 0:
		return -1;
	case 1:
		return t_cen;
	case 2:
		return rnd(f, 100);
	case 3:
		return (int)any_u64(f);
	default:
		return fds[rnd(f, FDS)];
	}
}

/* Room for @bytes, usually. */
static uint64_t any_pointer(struct fuzzer *f, size_t bytes)
{
	switch (rnd(f, 12)) {
	case 0:
		return 0;
	case 1:
		return any_u64(f);
	case 2:
		return (uintptr_t)f->arena + ARENA - rnd(f, 200);
	case 3:
		return (uintptr_t)f->arena + rnd(f, ARENA);
	default:
		return (uintptr_t)f->arena + (ARENA - bytes) / 2 + rnd(f, 3);
	}
}

static uint64_t any_size(struct fuzzer *f)
{
	return one_in(f, 6) ? any_u64(f) : (1 + rnd(f, 400)) * PAGE - rnd(f, 2) * rnd(f, PAGE);
}

static uint64_t any_align(struct fuzzer *f)
{
	return one_in(f, 6) ? any_u64(f) : one_in(f, 2) ? 0 : 1ULL << rnd(f, 23);
}

static void fill_limits(struct fuzzer *f, struct cen_limits *limits)
{
	uint64_t *field = (uint64_t *)limits;
	unsigned int n = rnd(f, 4);

	memset(limits, 0, sizeof(*limits));
	while (n--)
		field[rnd(f, 5)] = any_u64(f);
	if (one_in(f, 2))
		limits->seg_boundary = (1ULL << rnd(f, 64)) - 1;
	if (one_in(f, 2))
		limits->align = 1ULL << rnd(f, 40);
	if (one_in(f, 3))
		limits->max_segs = any_u64(f);
	if (one_in(f, 4))
		limits->flags = rnd(f, 5);
}

static void fill_device(struct fuzzer *f, struct cen_device *device)
{
	static const char *const names[] = {
		"platform:cen_test.0", "pci:0000:00:04.0", "anything", "", "platform:", "pci:x",
		"platform:cen_test.1", "one", "two", "three",
	};

	memset(device, 0, sizeof(*device));
	strcpy(device->name, names[rnd(f, ARRAY_SIZE(names))]);
	if (one_in(f, 20))
		memset(device->name, 'x', sizeof(device->name));
	device->flags = rnd(f, 4);
	if (device->flags || one_in(f, 10))
		fill_limits(f, &device->limits);
	if (one_in(f, 30))
		device->pad = 1;
	if (one_in(f, 30))
		device->flags = any_u64(f);
}

/* Devices in the middle of the arena, where any_pointer() usually points. */
static uint64_t any_devices(struct fuzzer *f, uint32_t *count)
{
	uint32_t i, n = 1 + rnd(f, one_in(f, 8) ? CEN_MAX_DEVICES : 4);
	struct cen_device *at = (void *)(f->arena + (ARENA - n * sizeof(*at)) / 2);

	for (i = 0; i < n; i++)
		fill_device(f, &at[i]);
	*count = one_in(f, 12) ? any_u64(f) : n;
	return one_in(f, 12) ? any_pointer(f, n * sizeof(*at)) : (uintptr_t)at;
}

static uint32_t any_room(struct fuzzer *f)
{
	return one_in(f, 8) ? any_u64(f) : rnd(f, 70);
}

union arg {
	struct cen_create create;
	struct cen_declare declare;
	struct cen_commit commit;
	struct cen_explain explain;
	struct cen_info info;
	struct cen_sync sync;
	struct cen_device_info device_info;
	struct cen_heap_info heap_info;
	char bytes[4096];
};

static unsigned long generate(struct fuzzer *f, union arg *arg)
{
	memset(arg, 0, sizeof(*arg));
	switch (rnd(f, 9)) {
	case 0:
		arg->create.size = any_size(f);
		arg->create.align = any_align(f);
		arg->create.flags = one_in(f, 4) ? any_u64(f) : rnd(f, 4);
		arg->create.heap_mask = one_in(f, 4) ? any_u64(f) : 0;
		return CEN_IOC_CREATE;
	case 1:
	case 2:
		arg->declare.fd = any_fd(f);
		arg->declare.devices = any_devices(f, &arg->declare.count);
		return CEN_IOC_DECLARE;
	case 3:
		arg->commit.fd = any_fd(f);
		return CEN_IOC_COMMIT;
	case 4:
		arg->explain.fd = one_in(f, 3) ? -1 : any_fd(f);
		if (arg->explain.fd == -1 || one_in(f, 8)) {
			arg->explain.size = any_size(f);
			arg->explain.align = any_align(f);
		}
		arg->explain.flags = one_in(f, 4);
		if (!arg->explain.flags)
			arg->explain.devices = any_devices(f, &arg->explain.count);
		arg->explain.reasons_count = any_room(f);
		arg->explain.reasons = any_pointer(f, 70 * sizeof(struct cen_reason));
		arg->explain.names_count = any_room(f);
		arg->explain.names = any_pointer(f, 70 * CEN_NAME_LEN);
		return CEN_IOC_EXPLAIN;
	case 5:
		arg->info.flags = rnd(f, 2);
		arg->info.fd = arg->info.flags ? -1 : any_fd(f);
		arg->info.id = arg->info.flags ? any_u64(f) : 0;
		arg->info.devices_count = any_room(f);
		arg->info.devices = any_pointer(f, 70 * sizeof(struct cen_buffer_device));
		return CEN_IOC_INFO;
	case 6:
		arg->sync.fd = any_fd(f);
		arg->sync.offset = one_in(f, 3) ? any_u64(f) : 0;
		arg->sync.length = any_size(f);
		arg->sync.flags = rnd(f, 9);
		return CEN_IOC_SYNC;
	case 7:
		strcpy(arg->device_info.name, one_in(f, 2) ? "platform:cen_test.0" :
							     "pci:0000:00:04.0");
		return CEN_IOC_DEVICE_INFO;
	default:
		arg->heap_info.index = one_in(f, 4) ? any_u64(f) : rnd(f, CEN_MAX_HEAPS);
		return CEN_IOC_HEAP_INFO;
	}
}

static unsigned long mutate(struct fuzzer *f, unsigned long cmd, union arg *arg)
{
	unsigned int n;

	for (n = rnd(f, 3); n && one_in(f, 3); n--)
		arg->bytes[rnd(f, _IOC_SIZE(cmd))] ^= 1 << rnd(f, 8);
	if (one_in(f, 12)) {
		uint64_t value = any_u64(f);

		memcpy(arg->bytes + 8 * rnd(f, _IOC_SIZE(cmd) / 8), &value, 8);
	}
	if (!one_in(f, 15))
		return cmd;
	switch (rnd(f, 4)) {
	case 0:
		return _IOC(_IOC_DIR(cmd), _IOC_TYPE(cmd), _IOC_NR(cmd), rnd(f, 4096));
	case 1:
		return _IOC(rnd(f, 4), _IOC_TYPE(cmd), _IOC_NR(cmd), _IOC_SIZE(cmd));
	case 2:
		return _IOC(_IOC_DIR(cmd), _IOC_TYPE(cmd), rnd(f, 256), _IOC_SIZE(cmd));
	default:
		return (uint32_t)t_random(&f->rng);
	}
}

static void keep(struct fuzzer *f, int fd)
{
	int slot = rnd(f, FDS), old = fds[slot];

	fds[slot] = fd;
	if (old > 0)
		close(old);
}

static void fuzz_node(struct fuzzer *f)
{
	union arg *arg, copy;
	unsigned long cmd = generate(f, &copy);
	unsigned int nr;
	int ret;

	cmd = mutate(f, cmd, &copy);
	/* at the very end of the arena now and then, so that longer ones run out */
	arg = (void *)(f->arena + ARENA -
		       (one_in(f, 10) ? _IOC_SIZE(cmd) % sizeof(copy) : sizeof(copy)));
	memcpy(arg, &copy, (size_t)(f->arena + ARENA - (char *)arg));
	ret = t_call(cmd, one_in(f, 50) ? (void *)any_u64(f) : arg);
	nr = _IOC_NR(cmd) % 16;
	f->hit[nr]++;
	f->ok[nr] += !ret;
	if (!ret && _IOC_NR(cmd) == _IOC_NR(CEN_IOC_CREATE) && _IOC_TYPE(cmd) == CEN_IOC_MAGIC)
		keep(f, arg->create.fd);
}

static void fuzz_heap(struct fuzzer *f)
{
	struct dma_heap_allocation_data *data = (void *)(f->arena + rnd(f, 3) * 1000);
	unsigned long cmd = DMA_HEAP_IOCTL_ALLOC;

	*data = (struct dma_heap_allocation_data) {
		.len = any_size(f),
		.fd_flags = one_in(f, 3) ? any_u64(f) : O_RDWR | O_CLOEXEC,
		.heap_flags = one_in(f, 6) ? any_u64(f) : 0,
		.fd = one_in(f, 10) ? any_u64(f) : 0,
	};
	if (one_in(f, 5))
		cmd = _IOC(rnd(f, 4), rnd(f, 256), rnd(f, 3), rnd(f, 200));
	/* without an answer there is no telling what it made */
	if (!t_ioctl(f->heap, cmd, data) && _IOC_DIR(cmd) & _IOC_READ && _IOC_SIZE(cmd) >= 12)
		keep(f, data->fd);
}

static void fuzz_mmap(struct fuzzer *f)
{
	int fd = fds[rnd(f, FDS)];
	size_t size = (1 + rnd(f, 64)) * PAGE;
	char *at = mmap(NULL, size, one_in(f, 3) ? PROT_READ : PROT_READ | PROT_WRITE,
			one_in(f, 8) ? MAP_PRIVATE : MAP_SHARED, fd, rnd(f, 8) * PAGE);

	if (at == MAP_FAILED)
		return;
	t_touch(at + rnd(f, size), one_in(f, 2));
	munmap(at, size);
}

static void *fuzz(void *arg)
{
	struct fuzzer *f = arg;
	unsigned int i;

	for (i = 0; i < f->steps; i++) {
		switch (rnd(f, 20)) {
		case 0:
			fuzz_heap(f);
			break;
		case 1:
			fuzz_mmap(f);
			break;
		case 2:
			if (one_in(f, 8))
				keep(f, 0);
			break;
		default:
			fuzz_node(f);
		}
	}
	return NULL;
}

static void start(struct fuzzer *f, uint64_t seed, unsigned int steps)
{
	memset(f, 0, sizeof(*f));
	f->rng = seed;
	f->steps = steps;
	f->heap = open("/dev/dma_heap/cenalloc", O_RDWR | O_CLOEXEC);
	assert_true(f->heap >= 0);
	f->arena = mmap(NULL, ARENA + PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(f->arena, MAP_FAILED);
	assert_int_equal(mprotect(f->arena + ARENA, PAGE, PROT_NONE), 0);
	assert_int_equal(pthread_create(&f->thread, NULL, fuzz, f), 0);
}

static void finish(struct fuzzer *f)
{
	pthread_join(f->thread, NULL);
	munmap(f->arena, ARENA + PAGE);
	close(f->heap);
}

static unsigned int steps(void)
{
	const char *text = getenv("CEN_FUZZ");

	return text ? strtoul(text, NULL, 0) : 50000 / t_slow();
}

static void close_fds(void)
{
	size_t i;

	for (i = 0; i < FDS; i++) {
		if (fds[i] > 0)
			close(fds[i]);
		fds[i] = 0;
	}
}

static void test_alone(void **state)
{
	struct fuzzer f;
	size_t i;

	(void)state;
	/* bounds what it can allocate; the refusals are paths as well */
	must_set_param("quota_mib", "24");
	start(&f, t_seed(77), steps());
	finish(&f);
	for (i = 0; i < 9; i++)
		printf("# ioctl %zu: %llu calls, %llu succeeded\n", i,
		       (unsigned long long)f.hit[i], (unsigned long long)f.ok[i]);
	/* fuzzing that is always refused at the door proves nothing */
	for (i = 0; i < 8; i++)
		assert_true(f.ok[i] > 0);
	close_fds();
}

static void test_two_at_once(void **state)
{
	struct fuzzer first, second;

	(void)state;
	must_set_param("quota_mib", "24");
	start(&first, t_seed(78), steps() / 2);
	start(&second, first.rng ^ 0x5555, steps() / 2);
	finish(&first);
	finish(&second);
	close_fds();
}

static void test_works_still(void **state)
{
	int fd = must_create(MIB), id = must_attach(fd, 0);
	char *at = must_map(fd, MIB);

	(void)state;
	t_fill(at, MIB, 1);
	if (!t_swiotlb_forced())
		must_dma_map(id, CTI_BIDIRECTIONAL);
	assert_u64_equal(t_wrong(at, MIB, 1), MIB);
}

static const struct CMUnitTest tests[] = {
	t_test(test_alone),
	t_test(test_two_at_once),
	t_test(test_works_still),
};

T_MAIN(tests, T_IMPORTER)
