// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once: switches, loads, slots made and removed, firmware read, questions, while the
 * FPGA is unplugged and comes back. Each answer is a documented one, and in the end all works.
 */
#include <pthread.h>
#include <time.h>

#include "fpga_common.h"

#define SIZE	(48 * KIB)
#define THREADS	6

static bool stop;
static unsigned int counts[2][THREADS];
static int wrong;
static char wrong_text[64];

static bool stopped(void)
{
	return __atomic_load_n(&stop, __ATOMIC_RELAXED);
}

static unsigned int count(bool failed, int thread)
{
	return __atomic_load_n(&counts[failed][thread], __ATOMIC_RELAXED);
}

static bool all_succeeded(void)
{
	for (int i = 0; i < THREADS; i++)
		if (!count(false, i))
			return false;
	return true;
}

/* 0, or an errno that may be the answer: gone, busy, not there (any more), there already. */
static void note(int thread, const char *what, int ret)
{
	static const int fine[] = {
		0, ENODEV, EBUSY, ENOENT, ENODATA, EEXIST, ENOTEMPTY, EINTR, ENXIO, ENOTDIR,
	};

	__atomic_fetch_add(&counts[ret < 0][thread], 1, __ATOMIC_RELAXED);
	for (size_t i = 0; i < ARRAY_SIZE(fine); i++)
		if (ret == -fine[i] || (ret > 0 && !fine[i]))
			return;
	if (!__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED))
		snprintf(wrong_text, sizeof(wrong_text), "%s: %s", what, t_errname(-ret));
}

static void *switcher(void *arg)
{
	int me = (int)(intptr_t)arg;
	uint64_t state = 7 + me;

	while (!stopped())
		note(me, "active", f_put(f_region[0], NULL, "active",
					 t_random(&state) % 2 ? "a" : "b"));
	return NULL;
}

static void *maker(void *arg)
{
	int me = (int)(intptr_t)arg;
	uint64_t state = 11 + me;
	char name[8], text[16];
	int fd = f_buffer(SIZE, 0xb, 1);

	snprintf(text, sizeof(text), "%d", fd);
	while (!stopped()) {
		snprintf(name, sizeof(name), "%c", 'a' + (int)(t_random(&state) % 3));
		switch (t_random(&state) % 5) {
		case 0:
			note(me, "rmdir", f_rmdir(f_region[0], name));
			break;
		case 1:
			note(me, "firmware", f_put(f_region[0], name, "firmware", "stress.bin"));
			break;
		case 2:
			note(me, "flags", f_put(f_region[0], name, "flags", "partial"));
			break;
		default:
			f_mkdir(f_region[0], NULL);
			note(me, "mkdir", f_mkdir(f_region[0], name));
			note(me, "flags", f_put(f_region[0], name, "flags", "partial"));
			note(me, "dmabuf", f_put(f_region[0], name, "dmabuf", text));
		}
	}
	close(fd);
	return NULL;
}

static void *loader(void *arg)
{
	int me = (int)(intptr_t)arg;
	int fd = f_buffer(SIZE, 0x100 + me, CEN_SIM_FPGA_ANY);

	while (!stopped()) {
		struct cen_fpga_load load = { .fd = fd, .flags = CEN_FPGA_PARTIAL };
		int node = f_open(f_region[me % 2]);

		if (node < 0) {
			note(me, "open", node);
			continue;
		}
		/* the length is not the image's: the simulated FPGA must refuse nothing else */
		load.length = SIZE;
		note(me, "load", t_ioctl(node, CEN_FPGA_IOC_LOAD, &load));
		close(node);
	}
	close(fd);
	return NULL;
}

static void *asker(void *arg)
{
	static const char *const files[] = { "active", "state", "message", "last_switch_ns" };
	int me = (int)(intptr_t)arg;
	struct cen_fpga_info info;
	char path[256], text[128];

	while (!stopped()) {
		int node = f_open(f_region[0]);

		for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
			snprintf(path, sizeof(path), F_CONFIGFS "/%s/%s", f_region[0], files[i]);
			t_read_file(path, text, sizeof(text));
		}
		snprintf(path, sizeof(path), F_CONFIGFS "/%s/a/state", f_region[0]);
		t_read_file(path, text, sizeof(text));
		if (node < 0)
			continue;
		memset(&info, 0, sizeof(info));
		note(me, "info", t_ioctl(node, CEN_FPGA_IOC_INFO, &info));
		close(node);
	}
	return NULL;
}

static void *plugger(void *arg)
{
	const struct timespec moment = { .tv_nsec = 150 * 1000 * 1000 };
	int me = (int)(intptr_t)arg;

	while (!stopped()) {
		note(me, "unplug", t_write_file("/sys/kernel/debug/cen_sim_fpga/" F_MGR0 "/plugged", "0"));
		note(me, "plug", t_write_file("/sys/kernel/debug/cen_sim_fpga/" F_MGR0 "/plugged", "1"));
		nanosleep(&moment, NULL);
	}
	return NULL;
}

static void all_at_once(void **state)
{
	static void *(*const jobs[THREADS])(void *) = {
		switcher, maker, loader, loader, asker, plugger,
	};
	pthread_t threads[THREADS];

	(void)state;
	f_firmware("stress.bin", SIZE, 0xf, 1);
	must_slot(f_region[0], "a", f_buffer(SIZE, 0xa, 1));
	must_slot(f_region[0], "b", f_buffer(SIZE, 0xb, 1));
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, jobs[i], (void *)(intptr_t)i), 0);
	sleep(8);
	/* on a busy machine not everybody has had a turn */
	for (int i = 0; i < 600 && !all_succeeded(); i++)
		usleep(100000);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < THREADS; i++)
		printf("# thread %d: %u done, %u answered with an errno\n", i, count(false, i),
		       count(true, i));
	if (wrong)
		fail_msg("%d answers are not documented, the first: %s", wrong, wrong_text);
	assert_true(all_succeeded());
	f_set(F_MGR0, "plugged", 1);
	f_find();
	f_rmdir(f_region[0], "a");
	must_slot(f_region[0], "a", f_buffer(SIZE, 0xa, 1));
	assert_ok(f_put(f_region[0], NULL, "active", "a"));
	assert_int_equal(f_design(F_TABLES, 1), 0xa);
	unlink(F_FIRMWARE_DIR "/stress.bin");
}

static const struct CMUnitTest tests[] = {
	f_test(all_at_once),
};

int main(void)
{
	int ret;

	f_begin();
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	f_end();
	return ret;
}
