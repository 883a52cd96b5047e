// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that do anything to shared buffers at once, seeded and bounded in count. Errors
 * of the kind that races bring are fine; wrong data, a hang or a leftover is not.
 *
 *	worker ─┐           ┌─ slot 0: a buffer, or none
 *	worker ─┼── random ─┼─ slot 1     each worker has an importer of its own
 *	worker ─┘           └─ slot 2
 */
#include <pthread.h>
#include <stdatomic.h>

#include "common.h"

#define SLOTS	6
#define WORKERS	6

/* An fd number taken from here may be closed, and even another buffer's, a moment later. */
static atomic_int slots[SLOTS];

struct worker {
	pthread_t thread;
	uint64_t rng;
	unsigned int steps;
	int cti;
	int ids[4];	/* objects of the importer, 0: none */
	const char *wrong;
};

static uint32_t pick(struct worker *w, uint32_t below)
{
	return t_random(&w->rng) % below;
}

static int cti_call(struct worker *w, unsigned long cmd, void *arg)
{
	return t_ioctl(w->cti, cmd, arg);
}

static void do_create(struct worker *w, int slot)
{
	int old, fd = t_create((1 + pick(w, 300)) * PAGE, 0, 0, 0);

	if (fd < 0)
		return;
	old = atomic_exchange(&slots[slot], fd);
	if (old > 0)
		close(old);
}

static void do_declare(struct worker *w, int fd)
{
	struct cen_device device = pick(w, 2) ? t_dev(pick(w, CTI_DEVICES)) :
		t_anonymous(pick(w, 2) ? "low" : "one", (struct cen_limits) {});

	if (device.flags && pick(w, 2))
		device.limits.addr_max = T_LOW_LAST;
	else if (device.flags)
		device.limits.max_segs = 1 + pick(w, 3);
	t_declare(fd, &device, 1);
}

static void do_cpu(struct worker *w, int fd)
{
	size_t size = (1 + pick(w, 40)) * PAGE;
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	size_t i;

	if (at == MAP_FAILED)
		return;
	for (i = 0; i < size; i += 8 * PAGE)
		if (t_touch(at + i, pick(w, 2)))
			break;
	munmap(at, size);
}

static void do_attach(struct worker *w, int fd)
{
	struct cti_attach attach = { .fd = fd };
	struct cti_map map = {};
	int *id = &w->ids[pick(w, 4)];

	if (*id)
		return;
	strcpy(attach.name, t_name(pick(w, CTI_DEVICES)));
	if (!pick(w, 5))
		attach.flags = CTI_ATTACH_DYNAMIC;
	if (cti_call(w, CTI_IOC_ATTACH, &attach))
		return;
	*id = attach.id;
	map.id = *id;
	if (pick(w, 3) && !cti_call(w, CTI_IOC_MAP, &map) && map.violations)
		w->wrong = "a mapping breaks its device's limits";
}

static void do_transfer(struct worker *w)
{
	char data[64];
	struct cti_copy copy = {
		.data = (uintptr_t)data,
		.offset = pick(w, 60) * PAGE,
		.length = sizeof(data),
		.id = w->ids[pick(w, 4)],
	};
	struct cti_access access = { .id = copy.id };

	cti_call(w, CTI_IOC_BEGIN, &access);
	cti_call(w, pick(w, 2) ? CTI_IOC_READ : CTI_IOC_WRITE, &copy);
	cti_call(w, CTI_IOC_END, &access);
}

static void do_release(struct worker *w)
{
	int *id = &w->ids[pick(w, 4)];

	if (*id)
		cti_call(w, CTI_IOC_RELEASE, (void *)(uintptr_t)*id);
	*id = 0;
}

static void do_fence(struct worker *w, int fd)
{
	struct cti_fence fence = { .fd = fd, .write = pick(w, 2) };
	struct cti_signal signal = {};

	if (cti_call(w, CTI_IOC_FENCE, &fence))
		return;
	signal.id = fence.id;
	cti_call(w, CTI_IOC_SIGNAL, &signal);
	cti_call(w, CTI_IOC_RELEASE, (void *)(uintptr_t)fence.id);
}

static void do_vmap(struct worker *w, int fd)
{
	/* the number may be another buffer's by the second call: an fd of our own */
	struct cti_vmap vmap = { .fd = dup(fd) };
	int *id = &w->ids[pick(w, 4)];

	if (vmap.fd < 0)
		return;
	/* only what is backed: a map that fails makes the dma-buf core warn */
	if (!*id && !t_commit(vmap.fd) && !cti_call(w, CTI_IOC_VMAP, &vmap))
		*id = vmap.id;
	close(vmap.fd);
}

static void do_look(struct worker *w, int fd)
{
	struct cen_buffer_device devices[CEN_MAX_DEVICES];
	struct cen_info info = {
		.devices = (uintptr_t)devices,
		.devices_count = CEN_MAX_DEVICES,
		.fd = fd,
	};
	struct t_why why;

	switch (pick(w, 4)) {
	case 0:
		t_call(CEN_IOC_INFO, &info);
		break;
	case 1:
		info.fd = -1;
		info.flags = CEN_INFO_NEXT;
		while (!t_call(CEN_IOC_INFO, &info))
			info.devices_count = CEN_MAX_DEVICES;
		break;
	case 2:
		t_explain(fd, 0, NULL, 0, &why);
		break;
	default:
		t_explain_last(fd, &why);
	}
}

static void step(struct worker *w)
{
	int slot = pick(w, SLOTS), fd = atomic_load(&slots[slot]);

	if (fd <= 0) {
		do_create(w, slot);
		return;
	}
	switch (pick(w, 14)) {
	case 0:
		do_create(w, slot);
		break;
	case 1:
	case 2:
		do_declare(w, fd);
		break;
	case 3:
		t_commit(fd);
		break;
	case 4:
	case 5:
		do_cpu(w, fd);
		break;
	case 6:
	case 7:
		do_attach(w, fd);
		break;
	case 8:
		do_transfer(w);
		break;
	case 9:
		do_release(w);
		break;
	case 10:
		do_fence(w, fd);
		break;
	case 11:
		do_vmap(w, fd);
		break;
	case 12:
		do_look(w, fd);
		break;
	default:
		t_sync(fd, 0, PAGE, CEN_SYNC_READ | (pick(w, 2) ? CEN_SYNC_END : 0));
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;
	unsigned int i;

	for (i = 0; i < w->steps && !w->wrong; i++)
		step(w);
	return NULL;
}

static void run(unsigned int steps, uint64_t seed)
{
	struct worker workers[WORKERS] = {};
	int i;

	for (i = 0; i < SLOTS; i++)
		slots[i] = 0;
	for (i = 0; i < WORKERS; i++) {
		workers[i].rng = seed + i;
		workers[i].steps = steps;
		workers[i].cti = open("/dev/cen_test_importer", O_RDWR | O_CLOEXEC);
		assert_true(workers[i].cti >= 0);
	}
	for (i = 0; i < WORKERS; i++)
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	for (i = 0; i < WORKERS; i++)
		pthread_join(workers[i].thread, NULL);
	for (i = 0; i < WORKERS; i++) {
		close(workers[i].cti);
		if (workers[i].wrong)
			print_error("# worker %d: %s\n", i, workers[i].wrong);
		assert_null(workers[i].wrong);
	}
	for (i = 0; i < SLOTS; i++)
		if (slots[i] > 0)
			close(slots[i]);
}

static void test_anything_at_once(void **state)
{
	(void)state;
	run(2500 / t_slow(), t_seed(1));
}

/* With devices that differ, so that buffers move. */
static void test_with_limits(void **state)
{
	(void)state;
	must_limit((struct cti_limits) { .device = 0, .addr_bits = T_LOW_BITS });
	must_limit((struct cti_limits) { .device = 1, .addr_bits = 32, .seg_size = 64 * KIB });
	must_limit((struct cti_limits) { .device = 2, .max_segs = 1 });
	must_limit((struct cti_limits) { .device = 3, .seg_boundary = 64 * KIB - 1 });
	must_limit((struct cti_limits) { .device = 4, .align = 64 * KIB });
	run(2500 / t_slow(), t_seed(2));
}

/* Always near the quota. */
static void test_near_the_quota(void **state)
{
	(void)state;
	must_set_param("quota_mib", "2");
	run(1500 / t_slow(), t_seed(3));
}

struct writer {
	pthread_t thread;
	volatile uint64_t *at;
	volatile bool stop;
	uint64_t count;
	bool lost;
};

/* Counts up in the buffer: whatever moves under it, nothing is lost. */
static void *count_up(void *arg)
{
	struct writer *w = arg;

	while (!w->stop) {
		if (*w->at != w->count) {
			w->lost = true;
			break;
		}
		*w->at = ++w->count;
	}
	return NULL;
}

/* A buffer is moved between heaps while the CPU writes it. */
static void test_writers_under_moves(void **state)
{
	const size_t size = 512 * KIB;
	struct cen_device low =
		t_anonymous("dsp", (struct cen_limits) { .addr_max = T_LOW_LAST });
	struct writer writers[4] = {};
	unsigned int round, i;

	(void)state;
	for (round = 0; round < 40 / t_slow() + 5; round++) {
		int fd = must_create(size);
		char *at = must_map(fd, size);

		assert_ok(t_commit(fd));
		for (i = 0; i < ARRAY_SIZE(writers); i++) {
			writers[i] = (struct writer) {
				.at = (uint64_t *)(at + i * 128 * KIB + 8 * i),
			};
			pthread_create(&writers[i].thread, NULL, count_up, &writers[i]);
		}
		usleep(1000);
		assert_ok(t_declare(fd, &low, 1));
		usleep(1000);
		for (i = 0; i < ARRAY_SIZE(writers); i++) {
			writers[i].stop = true;
			pthread_join(writers[i].thread, NULL);
			assert_false(writers[i].lost);
			assert_u64_equal(*writers[i].at, writers[i].count);
		}
		must_unmap(at, size);
		close(fd);
	}
}

static const struct CMUnitTest tests[] = {
	t_test(test_anything_at_once),
	t_test(test_with_limits),
	t_test(test_near_the_quota),
	t_test(test_writers_under_moves),
};

T_MAIN(tests, T_IMPORTER)
