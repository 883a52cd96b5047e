// SPDX-License-Identifier: GPL-2.0
/*
 * Where caches are not coherent with devices (arm64), begin and end of an access maintain
 * them, for the bytes of the access and for no device that is coherent. No guest has caches
 * that could show a mistake, so what the kernel does to them is watched: a probe on
 * arch_sync_dma_for_device(), which cleans, and one on arch_sync_dma_for_cpu(), which invalidates.
 */
#include <linux/dma-buf.h>

#include "common.h"

#define TRACING	"/sys/kernel/tracing"
#define SIZE	(8 * PAGE)

/* Bytes that were cleaned for a device, and invalidated for the CPU. */
struct maintained {
	uint64_t device;
	uint64_t cpu;
};

static char text[256 * KIB];

static int probe(const char *definition)
{
	int fd = open(TRACING "/kprobe_events", O_WRONLY | O_APPEND | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, definition, strlen(definition)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static int watch_setup(void **state)
{
	char pid[16];

	t_setup(state);
	if (probe("p:cen_caches/device arch_sync_dma_for_device size=%x1:u64\n") ||
	    probe("p:cen_caches/cpu arch_sync_dma_for_cpu size=%x1:u64\n"))
		return -1;
	snprintf(pid, sizeof(pid), "%d", getpid());
	return t_write_file(TRACING "/set_event_pid", pid);
}

static int watch_teardown(void **state)
{
	t_write_file(TRACING "/events/cen_caches/enable", "0");
	/* opening it for writing is what empties it */
	close(open(TRACING "/set_event_pid", O_WRONLY | O_TRUNC | O_CLOEXEC));
	probe("-:cen_caches/device\n");
	probe("-:cen_caches/cpu\n");
	return t_teardown(state);
}

static void watch(void)
{
	/* opening it for writing is what empties it */
	int fd = open(TRACING "/trace", O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(t_write_file(TRACING "/events/cen_caches/enable", "1"), 0);
}

static uint64_t bytes_of(const char *event)
{
	const char *at = text;
	uint64_t sum = 0;

	while ((at = strstr(at, event))) {
		at = strstr(at, "size=");
		assert_non_null(at);
		sum += strtoull(at + strlen("size="), NULL, 10);
	}
	return sum;
}

static struct maintained watched(void)
{
	int fd;
	size_t size = 0;
	ssize_t n;

	assert_int_equal(t_write_file(TRACING "/events/cen_caches/enable", "0"), 0);
	fd = open(TRACING "/trace", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	while (size < sizeof(text) - 1 && (n = read(fd, text + size, sizeof(text) - 1 - size)) > 0)
		size += n;
	close(fd);
	text[size] = 0;
	return (struct maintained) { .device = bytes_of(" device: "), .cpu = bytes_of(" cpu: ") };
}

static void assert_maintained(uint64_t device, uint64_t cpu)
{
	struct maintained m = watched();

	assert_u64_equal(m.device, device);
	assert_u64_equal(m.cpu, cpu);
}

static int mapped(int fd, unsigned int device, enum cti_direction dir, uint32_t flags)
{
	int id;

	must_limit((struct cti_limits) { .device = device, .flags = flags });
	id = must_attach(fd, device);
	must_dma_map(id, dir);
	return id;
}

static void test_begin_and_end(void **state)
{
	int fd = must_create(SIZE), id;

	(void)state;
	id = mapped(fd, 0, CTI_BIDIRECTIONAL, CTI_NONCOHERENT);
	watch();
	assert_ok(t_begin(id, CTI_TO_DEVICE));
	assert_maintained(SIZE, 0);
	watch();
	assert_ok(t_endacc(id, CTI_FROM_DEVICE));
	assert_maintained(0, SIZE);
}

static void test_map_and_unmap(void **state)
{
	int fd = must_create(SIZE), id;

	(void)state;
	must_limit((struct cti_limits) { .device = 0, .flags = CTI_NONCOHERENT });
	id = must_attach(fd, 0);
	watch();
	must_dma_map(id, CTI_BIDIRECTIONAL);
	assert_maintained(SIZE, 0);
	watch();
	assert_ok(t_dma_unmap(id));
	assert_maintained(0, SIZE);
}

/* The CPU's side: its own accesses, and a range of them. */
static void test_cpu_access(void **state)
{
	int fd = must_create(SIZE);

	(void)state;
	mapped(fd, 0, CTI_BIDIRECTIONAL, CTI_NONCOHERENT);
	watch();
	assert_ok(t_dma_buf_sync(fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW));
	assert_maintained(0, SIZE);
	watch();
	assert_ok(t_dma_buf_sync(fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW));
	assert_maintained(SIZE, 0);
	watch();
	assert_ok(t_sync(fd, 3 * PAGE + 64, 2 * PAGE, CEN_SYNC_START | CEN_SYNC_READ));
	assert_maintained(0, 2 * PAGE);
}

static void test_coherent_device(void **state)
{
	int fd = must_create(SIZE), id;

	(void)state;
	watch();
	id = mapped(fd, 0, CTI_BIDIRECTIONAL, 0);
	assert_ok(t_begin(id, CTI_BIDIRECTIONAL));
	assert_ok(t_endacc(id, CTI_BIDIRECTIONAL));
	assert_ok(t_dma_buf_sync(fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW));
	assert_ok(t_dma_buf_sync(fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW));
	assert_ok(t_dma_unmap(id));
	assert_maintained(0, 0);
}

/* One of each on one buffer: the coherent one's accesses cost nothing. */
static void test_both_kinds(void **state)
{
	int fd = must_create(SIZE), with, without;

	(void)state;
	with = mapped(fd, 0, CTI_BIDIRECTIONAL, CTI_NONCOHERENT);
	without = mapped(fd, 1, CTI_BIDIRECTIONAL, 0);
	assert_true(must_info(fd).plan.flags & CEN_PLAN_SYNC);
	watch();
	assert_ok(t_begin(without, CTI_BIDIRECTIONAL));
	assert_ok(t_endacc(without, CTI_BIDIRECTIONAL));
	assert_maintained(0, 0);
	watch();
	assert_ok(t_begin(with, CTI_BIDIRECTIONAL));
	assert_ok(t_endacc(with, CTI_BIDIRECTIONAL));
	assert_maintained(SIZE, SIZE);
}

/* What firmware says of a real device is what counts: QEMU's PCI is coherent. */
static void test_real_device(void **state)
{
	int fd = must_create(SIZE), id;

	(void)state;
	/* what a device is like is found out when a driver binds to it */
	if (t_sh("modprobe cen_edu"))
		t_skip("no driver for edu");
	id = t_attach_name(fd, "pci:0000:00:04.0", 0);
	if (id == -ENOENT)
		t_skip("no edu");
	assert_ok(id);
	watch();
	must_dma_map(id, CTI_BIDIRECTIONAL);
	assert_ok(t_begin(id, CTI_BIDIRECTIONAL));
	assert_ok(t_endacc(id, CTI_BIDIRECTIONAL));
	assert_maintained(0, 0);
}

#define watched_test(f)	cmocka_unit_test_setup_teardown(f, watch_setup, watch_teardown)

static const struct CMUnitTest tests[] = {
	watched_test(test_begin_and_end),
	watched_test(test_map_and_unmap),
	watched_test(test_cpu_access),
	watched_test(test_coherent_device),
	watched_test(test_both_kinds),
	watched_test(test_real_device),
};

int main(void)
{
	if (!t_exists(TRACING "/kprobe_events"))
		t_skip_all("this kernel has no probes to watch caches with");
	/* A kernel whose architecture keeps caches coherent has no such function. */
	if (t_sh("grep -q ' arch_sync_dma_for_device$' /proc/kallsyms"))
		t_skip_all("caches are coherent with devices on this architecture");
	return t_run(tests, ARRAY_SIZE(tests), T_IMPORTER);
}
