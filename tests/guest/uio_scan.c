// SPDX-License-Identifier: GPL-2.0
/*
 * No address of a buffer is told: every byte that the uAPI, sysfs, debugfs, tracepoints and
 * the kernel log return while edu works on a buffer is shown to an oracle, a test
 * module that knows where the buffer is, for the CPU and for edu.
 *
 * Some number is an address by chance: the register 15 behind three zero bytes, for a buffer at
 * 0xf000000, or a time. What tells an address tells any: a hit counts when a buffer elsewhere
 * is told as well.
 */
#include <dirent.h>
#include <sys/stat.h>
#include <time.h>

#include "../modules/cen_uio_oracle/cen_uio_oracle.h"
#include "uio_common.h"

#define ROOM	(2 * MIB)
#define PLACES	3

static int oracle;
static int buffer;
static uint8_t *bytes;	/* ROOM */
static size_t filled;
static unsigned int files, scanned, told;
static enum cuo_form planted;

static struct cuo_search search(uint32_t plant, uint32_t at)
{
	struct cuo_search arg = {
		.data = (uintptr_t)bytes,
		.length = filled,
		.fd = buffer,
		.plant = plant,
		.plant_at = at,
	};

	strcpy(arg.device, u_pci);
	assert_ok(t_ioctl(oracle, CUO_IOC_SEARCH, &arg));
	return arg;
}

/* Does what was collected, from @source, tell? */
static void look(const char *source)
{
	struct cuo_search found;
	size_t from, to;

	if (!filled)
		return;
	found = search(planted, 0);
	scanned += filled;
	if (found.found) {
		from = found.offset > 40 ? found.offset - 40 : 0;
		to = found.offset + 40 < filled ? found.offset + 40 : filled;
		print_message("# %s holds an address at byte %llu, in form %u:", source,
			      (unsigned long long)found.offset, found.form);
		for (; from < to; from++)
			print_message(" %02x", bytes[from]);
		print_message("\n");
		told++;
	}
	filled = 0;
}

/* Another buffer: what was allocated and mapped before keeps its place. */
static void place(unsigned int nr)
{
	struct cen_device device = t_device(u_name);

	/* Takes the highest I/O addresses, whose last byte is 2^28 - 1: a limit, not a secret. */
	assert_ok(u_attach(must_edu_buffer((64 * KIB) << nr), CEN_UIO_TO_DEVICE));
	buffer = must_create(16 * KIB);
	assert_ok(t_declare(buffer, &device, 1));
	assert_ok(t_commit(buffer));
	filled = 0;
}

/* @scan must not tell, wherever the buffer is. */
static void must_not_tell(void (*scan)(void))
{
	for (unsigned int i = 0; i < PLACES; i++) {
		if (i)
			place(i);
		told = 0;
		scan();
		if (!told)
			return;
	}
	fail_msg("told at %u of %u places", PLACES, PLACES);
}

static void collect(const void *data, size_t size)
{
	assert_true(filled + size <= ROOM);
	memcpy(bytes + filled, data, size);
	filled += size;
}

static void collect_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t size;

	if (fd < 0)
		return;
	files++;
	while (filled < ROOM && (size = read(fd, bytes + filled, ROOM - filled)) > 0)
		filled += size;
	close(fd);
	look(path);
}

/* All files below @path, not following links. */
static void collect_tree(const char *path)
{
	struct dirent *entry;
	char name[1024];
	struct stat stat;
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		/* The registers themselves; their address register is not read here. */
		if (!strncmp(entry->d_name, "resource", 8) || lstat(name, &stat))
			continue;
		if (S_ISDIR(stat.st_mode))
			collect_tree(name);
		else if (S_ISREG(stat.st_mode))
			collect_file(name);
	}
	if (dir)
		closedir(dir);
}

static void start_tracing(void)
{
	t_sh("cd /sys/kernel/tracing && echo > trace && for e in events/cen_uio/enable "
	     "events/cenalloc/enable; do [ ! -e $e ] || echo 1 > $e; done");
}

/* A call of the uAPI, and its reply. */
static int call(unsigned long cmd, void *arg)
{
	int ret = u_call(cmd, arg);

	collect(arg, _IOC_SIZE(cmd));
	return ret;
}

static int call_program(struct cen_uio_write *writes, uint32_t count)
{
	struct cen_uio_program arg = { .writes = (uintptr_t)writes, .count = count };
	int ret;

	for (uint32_t i = 0; i < count; i++)
		writes[i].width = writes[i].reg < 0x80 ? 32 : 64;
	ret = call(CEN_UIO_IOC_PROGRAM, &arg);
	collect(writes, count * sizeof(*writes));
	return ret;
}

#define PROGRAM(...)								\
	call_program((struct cen_uio_write[]){ __VA_ARGS__ },			\
		     sizeof((struct cen_uio_write[]){ __VA_ARGS__ }) /		\
		     sizeof(struct cen_uio_write))

static void call_reads(void)
{
	static const uint32_t widths[] = { 8, 16, 32, 64 };

	for (uint64_t reg = 0; reg < 0x100; reg++)
		for (size_t w = 0; w < ARRAY_SIZE(widths); w++) {
			struct cen_uio_access arg = { .reg = reg, .width = widths[w] };

			call(CEN_UIO_IOC_REG_READ, &arg);
		}
}

static void call_info(void)
{
	struct cen_uio_window windows[CEN_UIO_MAX_WINDOWS];
	struct cen_uio_reg regs[CEN_UIO_MAX_REGS];
	struct cen_uio_info info = {
		.windows = (uintptr_t)windows, .windows_count = CEN_UIO_MAX_WINDOWS,
		.regs = (uintptr_t)regs, .regs_count = CEN_UIO_MAX_REGS,
	};

	memset(windows, 0, sizeof(windows));
	memset(regs, 0, sizeof(regs));
	assert_ok(call(CEN_UIO_IOC_INFO, &info));
	collect(windows, sizeof(windows));
	collect(regs, sizeof(regs));
}

/* The whole life of a buffer: all that is answered, granted and refused. */
static int program_edu(void)
{
	struct cen_uio_attach attach = { .fd = buffer, .direction = CEN_UIO_DIRECTIONS };
	struct cen_uio_sync sync;
	int handle;

	assert_ok(call(CEN_UIO_IOC_ATTACH, &attach));
	handle = attach.handle;
	sync = (struct cen_uio_sync) { .handle = handle, .flags = CEN_UIO_DIRECTIONS };
	assert_ok(call(CEN_UIO_IOC_SYNC, &sync));
	assert_errno(PROGRAM(u_address(EDU_SOURCE, handle, 1, ~0ULL)), ERANGE);
	assert_errno(PROGRAM(u_address(EDU_LIVENESS, handle, 0, 8)), EPERM);
	assert_errno(PROGRAM(u_address(EDU_SOURCE, handle, 0, 8),
			     u_value(EDU_COMMAND, EDU_RUN)), EPERM);
	assert_ok(PROGRAM(u_address(EDU_SOURCE, handle, 0, 64), u_address(EDU_DEST, handle, 0, 64)));
	call_reads();
	assert_ok(PROGRAM(u_value(EDU_COUNT, 64), u_value(EDU_DEST, EDU_OWN),
			  u_value(EDU_COMMAND, EDU_RUN)));
	/* refused when edu is still at work */
	PROGRAM(u_value(EDU_COUNT, 64));
	call_reads();
	call_info();
	return handle;
}

/* An address must be found in whatever form it is: otherwise this test says nothing. */
static void test_oracle_finds(void **state)
{
	static const char * const forms[] = { "", "8 bytes", "4 bytes", "hex", "decimal" };
	struct cuo_search found;

	(void)state;
	assert_ok(u_attach(buffer, CEN_UIO_DIRECTIONS));
	filled = 4096;
	memset(bytes, 0, filled);
	assert_int_equal(search(CUO_NONE, 0).found, 0);
	for (uint32_t form = CUO_LE64; form <= CUO_DECIMAL; form++) {
		memset(bytes, form < CUO_HEX ? 0 : ' ', filled);
		found = search(form, 1001);
		if (!found.found)
			fail_msg("an address as %s is not found", forms[form]);
		assert_in_range(found.offset, 994, 1003);
	}
	/* at the very end, and right behind other digits */
	memset(bytes, 0, filled);
	assert_true(search(CUO_LE32, 4092).found);
	memset(bytes, 'x', filled);
	assert_true(search(CUO_HEX, 100).found);
	print_message("# edu sees memory %s\n",
		      found.translated ? "through an IOMMU" : "as the CPU does");
	assert_int_equal(found.translated, u_confined());
	filled = 0;
}

static void scan_everything(void)
{
	static const char * const trees[] = {
		"/sys/class/cen_uio", "/sys/module/cen_uio", "/sys/module/cenalloc",
		"/sys/kernel/config/cen_uio", "/sys/kernel/debug/cen_uio",
		"/sys/kernel/debug/cenalloc", "/sys/kernel/debug/dma_buf",
		"/sys/kernel/dmabuf",
	};
	char path[300];
	int handle;

	start_tracing();
	handle = program_edu();
	look("the uAPI");
	snprintf(path, sizeof(path), U_PCI "/%s", u_pci);
	files = 0;
	/* a link, which collect_tree() goes through at its top */
	collect_tree(path);
	assert_true(files > 20);
	for (size_t i = 0; i < ARRAY_SIZE(trees); i++)
		collect_tree(trees[i]);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", u_node);
	collect_file(path);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", buffer);
	collect_file(path);
	snprintf(path, sizeof(path), "/sys/kernel/debug/cen_uio/%s", u_name);
	assert_true(t_exists(path));
	must_idle();
	assert_ok(u_sync(handle, CEN_UIO_DIRECTIONS | CEN_UIO_SYNC_END));
	assert_ok(u_detach(handle));
	/* tracepoints, as text and as they lie in the ring buffer */
	files = 0;
	collect_file("/sys/kernel/tracing/trace");
	collect_file("/sys/kernel/tracing/per_cpu/cpu0/trace_pipe_raw");
	collect_file("/sys/kernel/tracing/per_cpu/cpu1/trace_pipe_raw");
	assert_true(files >= 2);
}

static void scan_planted(void)
{
	filled = 64;
	memset(bytes, 0, filled);
	planted = CUO_LE64;
	look("a plant");
	planted = CUO_NONE;
}

/* Whoever tells is caught: in every place, not only in the first. */
static void test_every_place_counts(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PLACES; i++) {
		place(i);
		told = 0;
		scan_planted();
		assert_int_equal(told, 1);
	}
}

static void test_nothing_tells(void **state)
{
	(void)state;
	must_not_tell(scan_everything);
	print_message("# %u bytes scanned\n", scanned);
}

/* Tracing was on: otherwise the scan of the trace has seen nothing. */
static void test_trace_was_on(void **state)
{
	(void)state;
	start_tracing();
	assert_ok(u_attach(buffer, CEN_UIO_TO_DEVICE));
	assert_errno(u_write(EDU_ID, 32, 0), EPERM);
	assert_int_equal(t_sh("grep -q cen_uio_attach /sys/kernel/tracing/trace && "
			      "grep -q cen_uio_refused /sys/kernel/tracing/trace"), 0);
}

static void scan_log(void)
{
	char record[8192], *text;
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC), handle;
	ssize_t size;

	handle = u_attach(buffer, CEN_UIO_DIRECTIONS);
	assert_ok(u_start_in(handle, 0, 0, 64));
	must_unbind();
	must_bind(U_RULES);
	u_open();
	/*
	 * Only what cen_uio and cenalloc had to say: the kernel's map of memory is not ours. The
	 * time before it is any number, an address at times.
	 */
	while ((size = read(fd, record, sizeof(record) - 1)) > 0) {
		record[size] = 0;
		text = strchr(record, ';');
		if (text && strstr(text, "cen"))
			collect(text, strlen(text));
	}
	close(fd);
	assert_true(filled > 0);
	look("the kernel log");
}

static void test_kernel_log(void **state)
{
	(void)state;
	must_not_tell(scan_log);
}

static int setup(void **state)
{
	int ret = u_setup(state);

	if (ret)
		return ret;
	oracle = open("/dev/cen_uio_oracle", O_RDWR | O_CLOEXEC);
	assert_ok(oracle);
	place(0);
	return 0;
}

#define scan_test(f)	cmocka_unit_test_setup_teardown(f, setup, u_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		scan_test(test_oracle_finds),
		scan_test(test_every_place_counts),
		scan_test(test_nothing_tells),
		scan_test(test_trace_was_on),
		scan_test(test_kernel_log),
	};
	int ret;

	u_begin();
	if (t_swiotlb_forced())
		t_skip_all("bounce buffers: the oracle would not know where edu sees the buffer");
	if (t_sh("modprobe cen_uio_oracle")) {
		printf("Bail out! no module cen_uio_oracle\n");
		return 1;
	}
	bytes = malloc(ROOM);
	must_bind(U_RULES);
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	u_end();
	t_sh("rmmod cen_uio_oracle");
	free(bytes);
	return ret;
}
