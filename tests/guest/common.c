// SPDX-License-Identifier: GPL-2.0
/*
 * What the guest tests share: running, order afterwards, the raw uAPI, memory.
 */
#include <dirent.h>
#include <linux/dma-buf.h>
#include <signal.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "common.h"
#include "internal.h"

int t_cen = -1, t_cti = -1;
static unsigned int t_needs;
static int t_first_fd;		/* those from here on belong to a test */

#define T_MAPS	64
static struct { void *at; size_t size; } t_maps[T_MAPS];

/* --- running ------------------------------------------------------------------------ */

void t_skip_all(const char *reason, ...)
{
	va_list args;

	va_start(args, reason);
	printf("1..0 # SKIP ");
	vprintf(reason, args);
	printf("\n");
	va_end(args);
	exit(0);
}

void t_skip(const char *reason, ...)
{
	va_list args;

	va_start(args, reason);
	printf("# skipped: ");
	vprintf(reason, args);
	printf("\n");
	va_end(args);
	skip();
}

int t_run(const struct CMUnitTest *tests, size_t count, unsigned int needs)
{
	static const struct CMUnitTest end = t_end;
	struct CMUnitTest *all = calloc(count + 1, sizeof(*all));
	int ret;

	if (!all)
		return 1;
	memcpy(all, tests, count * sizeof(*tests));
	all[count] = end;

	setvbuf(stdout, NULL, _IOLBF, 0);
	t_needs = needs;
	t_cen = open("/dev/cenalloc", O_RDWR | O_CLOEXEC);
	if (t_cen < 0) {
		printf("Bail out! /dev/cenalloc: %s\n", strerror(errno));
		return 1;
	}
	if (needs & T_IMPORTER && !t_exists("/dev/cen_test_importer") &&
	    t_sh("modprobe cen_test_importer")) {
		printf("Bail out! no test importer\n");
		return 1;
	}
	/* of a program that died on the way */
	t_write_file("/sys/module/cenalloc/parameters/quota_mib", "0");
	t_first_fd = dup(t_cen);
	close(t_first_fd);
	ret = _cmocka_run_group_tests("guest", all, count + 1, NULL, NULL);
	free(all);
	return ret;
}

int t_setup(void **state)
{
	(void)state;
	if (t_needs & T_IMPORTER) {
		t_cti = open("/dev/cen_test_importer", O_RDWR | O_CLOEXEC);
		if (t_cti < 0)
			return -1;
	}
	return 0;
}

static void t_close_fds(void)
{
	struct dirent *entry;
	DIR *dir;
	int fd;

	dir = opendir("/proc/self/fd");
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		fd = atoi(entry->d_name);
		if (fd >= t_first_fd && fd != dirfd(dir))
			close(fd);
	}
	closedir(dir);
}

int t_teardown(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < T_MAPS; i++) {
		if (t_maps[i].at)
			munmap(t_maps[i].at, t_maps[i].size);
		t_maps[i].at = NULL;
	}
	t_cti = -1;
	t_close_fds();
	if (t_needs & T_IMPORTER)
		t_reset_limits();
	t_reset_params();
	return 0;
}

/* Files that a killed process had open go a moment after it. */
void t_leaves_nothing(void **state)
{
	const struct timespec moment = { .tv_nsec = 20 * 1000 * 1000 };
	struct cen_info info = { .fd = -1, .flags = CEN_INFO_NEXT };
	int i;

	(void)state;
	for (i = 0; i < 250 && (t_buffers() || t_used()); i++)
		nanosleep(&moment, NULL);
	if (!t_call(CEN_IOC_INFO, &info))
		print_message("# buffer %llu of %llu bytes made by %s (%u) is left: maps %u, mmaps %u, vmaps %u\n",
			      (unsigned long long)info.id, (unsigned long long)info.size, info.comm,
			      info.creator, info.maps, info.mmaps, info.vmaps);
	assert_int_equal(t_buffers(), 0);
	assert_int_equal(t_used(), 0);
}

const char *t_errname(int error)
{
	const char *name = error ? strerrorname_np(error) : "success";

	return name ?: "?";
}

void t_assert_errno(const char *what, long got, int error, const char *file, int line)
{
	if (got == -error)
		return;
	print_error("# %s: %s, wanted %s\n", what, got < 0 ? t_errname(-got) : "success",
		    t_errname(error));
	_fail(file, line);
}

void t_assert_ok(const char *what, long got, const char *file, int line)
{
	if (got >= 0)
		return;
	print_error("# %s: %s\n", what, t_errname(-got));
	_fail(file, line);
}

void t_assert_u64(const char *what, uint64_t a, uint64_t b, bool equal, const char *file, int line)
{
	if ((a == b) == equal)
		return;
	print_error("# %s: %#llx, wanted %s%#llx\n", what, (unsigned long long)a,
		    equal ? "" : "not ", (unsigned long long)b);
	_fail(file, line);
}

/* --- the uAPI -------------------------------------------------------------------------- */

int t_ioctl(int fd, unsigned long cmd, void *arg)
{
	int ret = ioctl(fd, cmd, arg);

	return ret < 0 ? -errno : ret;
}

int t_call(unsigned long cmd, void *arg)
{
	return t_ioctl(t_cen, cmd, arg);
}

int t_create(uint64_t size, uint64_t align, uint32_t flags, uint32_t heap_mask)
{
	struct cen_create arg = {
		.size = size,
		.align = align,
		.flags = flags,
		.heap_mask = heap_mask,
		.fd = -1,
	};
	int ret = t_call(CEN_IOC_CREATE, &arg);

	return ret < 0 ? ret : arg.fd;
}

int must_create(uint64_t size)
{
	int fd = t_create(size, 0, 0, 0);

	assert_ok(fd);
	return fd;
}

int t_commit_plan(int fd, struct cen_plan *plan)
{
	struct cen_commit arg = { .fd = fd };
	int ret = t_call(CEN_IOC_COMMIT, &arg);

	if (!ret && plan)
		*plan = arg.plan;
	return ret;
}

int t_commit(int fd)
{
	return t_commit_plan(fd, NULL);
}

int t_declare(int fd, const struct cen_device *devices, uint32_t count)
{
	struct cen_declare arg = {
		.devices = (uintptr_t)devices,
		.fd = fd,
		.count = count,
	};

	return t_call(CEN_IOC_DECLARE, &arg);
}

struct cen_device t_device(const char *name)
{
	struct cen_device device = {};

	snprintf(device.name, sizeof(device.name), "%s", name);
	return device;
}

struct cen_device t_device_limits(const char *name, struct cen_limits limits)
{
	struct cen_device device = t_device(name);

	device.limits = limits;
	device.flags = CEN_DEVICE_LIMITS;
	return device;
}

struct cen_device t_anonymous(const char *name, struct cen_limits limits)
{
	struct cen_device device = t_device_limits(name, limits);

	device.flags = CEN_DEVICE_ANONYMOUS;
	return device;
}

struct cen_info must_info(int fd)
{
	struct cen_info info = { .fd = fd };

	assert_ok(t_call(CEN_IOC_INFO, &info));
	return info;
}

bool t_info_device(int fd, const char *name, struct cen_buffer_device *device)
{
	struct cen_buffer_device devices[CEN_MAX_DEVICES];
	struct cen_info info = {
		.fd = fd,
		.devices = (uintptr_t)devices,
		.devices_count = ARRAY_SIZE(devices),
	};
	uint32_t i;

	assert_ok(t_call(CEN_IOC_INFO, &info));
	for (i = 0; i < info.devices_count; i++) {
		if (strcmp(devices[i].name, name))
			continue;
		if (device)
			*device = devices[i];
		return true;
	}
	return false;
}

int t_sync(int fd, uint64_t offset, uint64_t length, uint32_t flags)
{
	struct cen_sync arg = { .offset = offset, .length = length, .fd = fd, .flags = flags };

	return t_call(CEN_IOC_SYNC, &arg);
}

int t_dma_buf_sync(int fd, uint64_t flags)
{
	struct dma_buf_sync arg = { .flags = flags };

	return t_ioctl(fd, DMA_BUF_IOCTL_SYNC, &arg);
}

int t_device_info(const char *name, struct cen_device_info *info)
{
	memset(info, 0, sizeof(*info));
	snprintf(info->name, sizeof(info->name), "%s", name);
	return t_call(CEN_IOC_DEVICE_INFO, info);
}

int t_heap_info(uint32_t index, struct cen_heap_info *info)
{
	memset(info, 0, sizeof(*info));
	info->index = index;
	return t_call(CEN_IOC_HEAP_INFO, info);
}

int t_heap_index(const char *name)
{
	struct cen_heap_info info;
	uint32_t i;

	for (i = 0; i < CEN_MAX_HEAPS; i++)
		if (!t_heap_info(i, &info) && !strcmp(info.name, name))
			return i;
	return -ENOENT;
}

static int t_explain_with(struct cen_explain arg, struct t_why *why)
{
	int ret;

	memset(why, 0, sizeof(*why));
	arg.reasons = (uintptr_t)why->reasons;
	arg.reasons_count = T_REASONS;
	arg.names = (uintptr_t)why->names;
	arg.names_count = CEN_MAX_DEVICES;
	ret = t_call(CEN_IOC_EXPLAIN, &arg);
	if (ret)
		return ret;
	why->error = arg.error;
	why->nr_reasons = arg.reasons_count;
	why->nr_names = arg.names_count;
	why->plan = arg.plan;
	return 0;
}

int t_explain(int fd, uint64_t size, const struct cen_device *devices, uint32_t count,
	      struct t_why *why)
{
	return t_explain_with((struct cen_explain) {
		.devices = (uintptr_t)devices,
		.size = size,
		.fd = fd,
		.count = count,
	}, why);
}

int t_explain_last(int fd, struct t_why *why)
{
	return t_explain_with((struct cen_explain) {
		.fd = fd,
		.flags = CEN_EXPLAIN_LAST,
	}, why);
}

const struct cen_reason *t_reason(const struct t_why *why, uint32_t code, const char *device)
{
	uint32_t i;

	for (i = 0; i < why->nr_reasons && i < T_REASONS; i++) {
		const struct cen_reason *reason = &why->reasons[i];

		if (reason->code != code)
			continue;
		if (!device || (reason->device < why->nr_names &&
				!strcmp(why->names[reason->device], device)))
			return reason;
	}
	return NULL;
}

uint64_t must_lack_memory(int fd, const char *heap, uint32_t code)
{
	int index = t_heap_index(heap);
	struct t_why why;
	uint32_t i;

	assert_errno(t_commit(fd), ENOMEM);
	assert_int_equal(must_info(fd).state, CEN_BUFFER_EMPTY);
	assert_int_equal(must_info(fd).last_error, -ENOMEM);
	assert_ok(t_explain_last(fd, &why));
	assert_int_equal(why.error, -ENOMEM);
	for (i = 0; i < why.nr_reasons && i < T_REASONS; i++) {
		const struct cen_reason *r = &why.reasons[i];

		if ((int)r->heap != index)
			continue;
		assert_int_equal(r->code, code);
		assert_int_equal(r->device, CEN_NO_INDEX);
		assert_int_equal(r->other, CEN_NO_INDEX);
		assert_u64_equal(r->wanted, must_info(fd).size);
		return r->offered;
	}
	fail_msg("%s is not among those that had no memory", heap);
	return 0;
}

uint32_t t_buffers(void)
{
	struct cen_info info = { .fd = -1, .flags = CEN_INFO_NEXT };
	uint32_t count = 0;
	uint64_t last = 0;

	while (!t_call(CEN_IOC_INFO, &info)) {
		count++;
		last = info.id;
		info = (struct cen_info) { .id = last, .fd = -1, .flags = CEN_INFO_NEXT };
	}
	return count;
}

uint64_t t_used(void)
{
	struct cen_heap_info info;
	uint64_t used = 0;
	uint32_t i;

	for (i = 0; i < CEN_MAX_HEAPS; i++)
		if (!t_heap_info(i, &info))
			used += info.used;
	return used;
}

/* --- memory ---------------------------------------------------------------------------- */

static void t_note_map(void *at, size_t size)
{
	size_t i;

	for (i = 0; i < T_MAPS; i++) {
		if (!t_maps[i].at) {
			t_maps[i].at = at;
			t_maps[i].size = size;
			return;
		}
	}
}

void *t_map(int fd, size_t size, int prot)
{
	void *at = mmap(NULL, size, prot, MAP_SHARED, fd, 0);

	if (at != MAP_FAILED)
		t_note_map(at, size);
	return at;
}

void *must_map(int fd, size_t size)
{
	void *at = t_map(fd, size, PROT_READ | PROT_WRITE);

	assert_ptr_not_equal(at, MAP_FAILED);
	return at;
}

void must_unmap(void *at, size_t size)
{
	size_t i;

	for (i = 0; i < T_MAPS; i++)
		if (t_maps[i].at == at)
			t_maps[i].at = NULL;
	assert_int_equal(munmap(at, size), 0);
}

/* Eight bytes that depend on where they are, so that swapped pages are seen. */
static uint64_t t_word(uint32_t seed, size_t index)
{
	uint64_t x = (((uint64_t)seed << 32) | 1) ^ (index * 0x9e3779b97f4a7c15ULL);

	x ^= x >> 29;
	x *= 0xbf58476d1ce4e5b9ULL;
	return x ^ (x >> 32);
}

void t_fill(void *at, size_t size, uint32_t seed)
{
	uint64_t word;
	size_t i;

	for (i = 0; i < size / 8; i++) {
		word = t_word(seed, i);
		memcpy((char *)at + 8 * i, &word, 8);
	}
	word = t_word(seed, i);
	memcpy((char *)at + 8 * i, &word, size % 8);
}

size_t t_wrong(const void *at, size_t size, uint32_t seed)
{
	size_t i, step;

	for (i = 0; i < size; i += step) {
		uint64_t word = t_word(seed, i / 8);

		step = size - i < 8 ? size - i : 8;
		if (memcmp((const char *)at + i, &word, step)) {
			while (!memcmp((const char *)at + i, (char *)&word + i % 8, 1))
				i++;
			return i;
		}
	}
	return size;
}

size_t t_not_zero(const void *at, size_t size)
{
	const unsigned char *p = at;
	size_t i;

	/* whole words first; buffers are page-aligned */
	for (i = 0; i + 8 <= size; i += 8)
		if (*(const uint64_t *)(p + i))
			break;
	while (i < size && !p[i])
		i++;
	return i;
}

static __thread sigjmp_buf t_touch_jump;
static __thread volatile sig_atomic_t t_touching;

static void t_touch_signal(int number)
{
	if (t_touching)
		siglongjmp(t_touch_jump, number);
	/* not one of ours: it comes again at once, and is fatal then */
	signal(number, SIG_DFL);
}

/* Threads touch at once, so the handlers stay. */
static int touch(volatile void *at, bool write, bool word)
{
	const struct sigaction catch = { .sa_handler = t_touch_signal };
	volatile uint32_t *all = at;
	volatile char *byte = at;
	int number;

	sigaction(SIGBUS, &catch, NULL);
	sigaction(SIGSEGV, &catch, NULL);
	number = sigsetjmp(t_touch_jump, 1);
	if (!number) {
		t_touching = 1;
		if (word && write)
			*all = *all;
		else if (word)
			(void)*all;
		else if (write)
			*byte = *byte;
		else
			(void)*byte;
	}
	t_touching = 0;
	return number;
}

int t_touch(volatile void *at, bool write)
{
	return touch(at, write, false);
}

int t_touch_reg(volatile void *at, bool write)
{
	return touch(at, write, true);
}
