// SPDX-License-Identifier: GPL-2.0
/*
 * What can be watched: tracepoints for decisions, debugfs for who holds what. And what
 * cannot be seen anywhere: where in memory a buffer is.
 */
#include <ctype.h>

#include "common.h"

#define TRACING	"/sys/kernel/tracing"
#define DEBUGFS	"/sys/kernel/debug/cenalloc"

static char text[256 * KIB];

/* All of a file of the kernel's, which comes in pieces. */
static const char *slurp(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	ssize_t n;

	text[0] = 0;
	if (fd < 0)
		return text;
	while (size < sizeof(text) - 1 && (n = read(fd, text + size, sizeof(text) - 1 - size)) > 0)
		size += n;
	text[size] = 0;
	close(fd);
	return text;
}

static void start_tracing(void)
{
	if (t_write_file(TRACING "/events/cenalloc/enable", "1"))
		t_skip("no trace events");
	assert_int_equal(truncate(TRACING "/trace", 0), 0);
}

static const char *traced(void)
{
	t_write_file(TRACING "/events/cenalloc/enable", "0");
	return slurp(TRACING "/trace");
}

/*
 * The same without process, CPU and time, which the tracer puts before each event: microseconds
 * can be anything, an address as well.
 */
static const char *traced_bare(void)
{
	assert_ok(t_write_file(TRACING "/options/context-info", "0"));
	traced();
	assert_ok(t_write_file(TRACING "/options/context-info", "1"));
	return text;
}

/* A line with both. */
static bool has_line(const char *in, const char *event, const char *words)
{
	const char *line, *end;
	char copy[1024];

	for (line = in; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		snprintf(copy, sizeof(copy), "%.*s", (int)(end - line), line);
		if (strstr(copy, event) && strstr(copy, words))
			return true;
	}
	print_error("# no \"%s\" with \"%s\" in:\n%s\n", event, words, in);
	return false;
}

static void test_plan_and_back(void **state)
{
	char words[64];
	int fd;

	(void)state;
	start_tracing();
	fd = must_create(2 * MIB);
	assert_ok(t_commit(fd));
	snprintf(words, sizeof(words), "buffer=%llu", (unsigned long long)must_info(fd).id);
	assert_true(has_line(traced(), "cen_plan:", "size=2097152"));
	assert_true(has_line(text, "cen_back:", words));
}

static void test_refusal(void **state)
{
	struct cen_device device = t_anonymous("dev", (struct cen_limits) { .addr_max = 0xfff });

	(void)state;
	start_tracing();
	assert_errno(t_declare(must_create(3 * MIB), &device, 1), ENODEV);
	assert_true(has_line(traced(), "cen_refusal:", "size=3145728"));
	assert_true(has_line(text, "cen_refusal:", "error=-19"));
}

static void test_move(void **state)
{
	struct cen_device device =
		t_anonymous("low", (struct cen_limits) { .addr_max = T_LOW_LAST });
	char words[64];
	int fd;

	(void)state;
	fd = must_create(2 * MIB);
	assert_ok(t_commit(fd));
	start_tracing();
	assert_ok(t_declare(fd, &device, 1));
	snprintf(words, sizeof(words), "buffer=%llu", (unsigned long long)must_info(fd).id);
	traced();
	if (!must_info(fd).moves)
		t_skip("memory was low already");
	assert_true(has_line(text, "cen_move:", words));
}

static void test_early_map(void **state)
{
	struct cen_device devices[] = { t_dev(0), t_dev(1) };
	int fd = must_create(64 * KIB), id;

	(void)state;
	if (t_swiotlb_forced() && !t_bounce_sync())
		t_skip("nothing can be mapped: everything would bounce");
	assert_ok(t_declare(fd, devices, 2));
	id = must_attach(fd, 0);
	start_tracing();
	must_dma_map(id, CTI_BIDIRECTIONAL);
	assert_true(has_line(traced(), "cen_early_map:", t_name(0)));
	assert_true(has_line(text, "cen_early_map:", t_name(1)));
}

static void test_debugfs_buffers(void **state)
{
	struct cen_device device = t_anonymous("dsp", (struct cen_limits) { .max_segs = 3 });
	int fd = must_create(64 * KIB), id = must_attach(fd, 0);
	char words[64];

	(void)state;
	if (!t_exists(DEBUGFS "/buffers"))
		t_skip("no debugfs");
	if (t_swiotlb_forced() && !t_bounce_sync())
		t_skip("nothing can be mapped: everything would bounce");
	assert_ok(t_declare(fd, &device, 1));
	must_dma_map(id, CTI_BIDIRECTIONAL);
	snprintf(words, sizeof(words), "buffer %llu:", (unsigned long long)must_info(fd).id);
	slurp(DEBUGFS "/buffers");
	assert_true(has_line(text, words, "BACKED, 65536 bytes, heap system"));
	assert_true(has_line(text, "creator", "(tracing)"));
	assert_true(has_line(text, "maps 1,", "early maps 1,"));
	assert_true(has_line(text, "device dsp declared", "max_segments 3"));
	assert_true(has_line(text, t_name(0), "attached mapped in"));
}

static void test_debugfs_lists_all(void **state)
{
	char words[64];
	int i;

	(void)state;
	if (!t_exists(DEBUGFS "/buffers"))
		t_skip("no debugfs");
	for (i = 0; i < 100; i++)
		must_create((i + 1) * PAGE);
	slurp(DEBUGFS "/buffers");
	for (i = 0; i < 100; i++) {
		snprintf(words, sizeof(words), "EMPTY, %lu bytes", (i + 1) * PAGE);
		assert_true(has_line(text, "buffer ", words));
	}
}

static void test_debugfs_heaps_and_devices(void **state)
{
	(void)state;
	if (!t_exists(DEBUGFS "/heaps"))
		t_skip("no debugfs");
	must_limit((struct cti_limits) { .device = 3, .max_segs = 7 });
	assert_true(has_line(slurp(DEBUGFS "/heaps"), "heap ", " system: used "));
	assert_true(has_line(slurp(DEBUGFS "/devices"), t_name(3), "max_segments 7"));
}

static int mapped;	/* an attachment of the buffer in question */

/* Is it an address of the buffer? Numbers that small are anything: a count, an offset. */
static bool betrays(uint64_t number)
{
	struct cti_betrays arg = { .number = number, .id = mapped };

	if (number <= 0xffff)
		return false;
	assert_ok(t_ioctl(t_cti, CTI_IOC_BETRAYS, &arg));
	return arg.yes;
}

static void assert_text_is_silent(const char *what)
{
	const char *p = text;

	while (*p) {
		char *end;
		uint64_t dec, hex;

		if (!isxdigit(*p)) {
			p++;
			continue;
		}
		dec = strtoull(p, NULL, 10);
		hex = strtoull(p, &end, 16);
		if (betrays(dec) || betrays(hex)) {
			print_error("# %s tells an address: %.40s\n", what, p);
			fail();
		}
		p = end > p ? end : p + 1;
	}
}

static void assert_bytes_are_silent(const char *what, const void *bytes, size_t size)
{
	size_t i;

	for (i = 0; i + 8 <= size; i += 4) {
		uint64_t number;

		memcpy(&number, (const char *)bytes + i, 8);
		if (betrays(number) || betrays((uint32_t)number)) {
			print_error("# %s tells an address at byte %zu\n", what, i);
			fail();
		}
	}
}

/* No output holds a physical or bus address of a buffer's memory. */
static void test_no_addresses(void **state)
{
	struct cen_buffer_device devices[8] = {};
	struct cen_info info = { .devices = (uintptr_t)devices, .devices_count = 8 };
	struct cen_device narrow = t_device_limits(t_name(1), (struct cen_limits) {
		.addr_max = T_TIGHT_LAST });
	const size_t size = 256 * KIB;
	struct t_why why = {};
	struct cen_plan plan;
	uint64_t number, end;
	bool found = false;
	int fd;

	(void)state;
	if (t_swiotlb_forced())
		t_skip("bus addresses are those of bounce buffers");
	start_tracing();
	fd = must_create(size);
	info.fd = fd;
	assert_ok(t_commit_plan(fd, &plan));
	mapped = must_attach(fd, 0);
	must_dma_map(mapped, CTI_BIDIRECTIONAL);
	/* those who look for it would find it */
	end = 1ULL << must_info(fd).addr_bits;
	for (number = size; number < end && !found; number += size / 2)
		found = betrays(number);
	assert_true(found);

	assert_errno(t_declare(fd, &narrow, 1), EBUSY);
	assert_ok(t_call(CEN_IOC_INFO, &info));
	assert_bytes_are_silent("INFO", &info, sizeof(info));
	assert_bytes_are_silent("its devices", devices, sizeof(devices));
	assert_bytes_are_silent("COMMIT", &plan, sizeof(plan));
	assert_ok(t_explain_last(fd, &why));
	assert_bytes_are_silent("EXPLAIN", &why, sizeof(why));
	assert_ok(t_explain(fd, 0, &narrow, 1, &why));
	assert_bytes_are_silent("EXPLAIN", &why, sizeof(why));

	assert_true(has_line(traced_bare(), "cen_plan:", "size=262144"));
	assert_text_is_silent("the trace");
	slurp(DEBUGFS "/buffers");
	assert_text_is_silent("debugfs");
	slurp(DEBUGFS "/heaps");
	assert_text_is_silent("debugfs");
}

static const struct CMUnitTest tests[] = {
	t_test(test_plan_and_back),
	t_test(test_refusal),
	t_test(test_move),
	t_test(test_early_map),
	t_test(test_debugfs_buffers),
	t_test(test_debugfs_lists_all),
	t_test(test_debugfs_heaps_and_devices),
	t_test(test_no_addresses),
};

T_MAIN(tests, T_IMPORTER)
