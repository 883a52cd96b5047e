// SPDX-License-Identifier: GPL-2.0
/*
 * What is refused, and what fails: the errno, the step, the message that names it, and what is known
 * of the FPGA afterwards. After each of them a good image loads.
 */
#include <endian.h>
#include <sys/wait.h>

#include "fpga_common.h"

#define SIZE	(128 * KIB + 100)

/* The last load of @name failed like this, and everybody is told so. */
static void must_have_failed(const char *name, uint32_t step, int error)
{
	struct cen_fpga_info info = must_f_info(name);
	char begin[32];

	assert_int_equal(f_result.step, step);
	assert_int_equal(f_result.error, -error);
	snprintf(begin, sizeof(begin), "%s: ", cen_fpga_step_text(step));
	if (strncmp(f_result.message, begin, strlen(begin)))
		fail_msg("the message is '%s', not of '%s'", f_result.message, begin);
	assert_memory_equal(&info.last, &f_result, sizeof(f_result));
	assert_true(info.failures > 0);
}

static void must_load(const char *name, uint32_t region)
{
	int fd = f_buffer(SIZE, 0xabc, region);

	assert_ok(f_load_part(name, fd, 0, SIZE, region ? CEN_FPGA_PARTIAL : 0));
	close(fd);
}

/* Each kind of manager: by its own way in. */
static const char *way_in(int kind)
{
	return kind == F_TABLES ? f_region[0] : f_manager[kind];
}

static uint32_t region_of(int kind)
{
	return kind == F_TABLES ? 1 : F_WHOLE;
}

static int load_kind(int kind, int fd, uint64_t length)
{
	return f_load_part(way_in(kind), fd, 0, length, kind == F_TABLES ? CEN_FPGA_PARTIAL : 0);
}

/* An image that @spoil has been at, loaded by every kind of manager. */
static void try_spoilt(void (*spoil)(void *image), const uint32_t steps[F_KINDS],
		       const int errors[F_KINDS])
{
	for (int kind = 0; kind < F_KINDS; kind++) {
		int fd = f_buffer(SIZE, 0xbad, region_of(kind));
		void *at = must_map(fd, SIZE);

		spoil(at);
		must_unmap(at, SIZE);
		assert_errno(load_kind(kind, fd, SIZE), errors[kind]);
		must_have_failed(way_in(kind), steps[kind], errors[kind]);
		assert_int_not_equal(f_design(kind, kind ? 0 : 1), 0xbad);
		close(fd);
		must_load(way_in(kind), region_of(kind));
	}
}

static const uint32_t at_header[F_KINDS] = {
	CEN_FPGA_STEP_INIT, CEN_FPGA_STEP_INIT, CEN_FPGA_STEP_HEADER,
};
static const uint32_t at_end[F_KINDS] = {
	CEN_FPGA_STEP_COMPLETE, CEN_FPGA_STEP_COMPLETE, CEN_FPGA_STEP_COMPLETE,
};

static void spoil_magic(void *image)
{
	memset(image, 0, 8);
}

static void no_image(void **state)
{
	static const int errors[] = { EINVAL, EINVAL, EINVAL };

	(void)state;
	try_spoilt(spoil_magic, at_header, errors);
}

static void spoil_header(void *image)
{
	((struct cen_sim_fpga_header *)image)->design ^= 1;
}

static void damaged_header(void **state)
{
	static const int errors[] = { EBADMSG, EBADMSG, EBADMSG };

	(void)state;
	try_spoilt(spoil_header, at_header, errors);
}

static void spoil_data(void *image)
{
	((uint8_t *)image)[SIZE - 1] ^= 1;
}

static void damaged_data(void **state)
{
	static const int errors[] = { EBADMSG, EBADMSG, EBADMSG };

	(void)state;
	try_spoilt(spoil_data, at_end, errors);
}

static void spoil_region(void *image)
{
	((struct cen_sim_fpga_header *)image)->region = htole32(2);
	f_seal(image);
}

static void wrong_region(void **state)
{
	static const int errors[] = { EXDEV, EXDEV, EXDEV };

	(void)state;
	try_spoilt(spoil_region, at_header, errors);
}

/* Cut off at every interesting place. */
static void truncated(void **state)
{
	static const size_t lengths[] = { 1, 11, F_HEADER - 1, F_HEADER, PAGE, 2 * PAGE, SIZE - 1 };

	(void)state;
	for (int kind = 0; kind < F_KINDS; kind++) {
		int fd = f_buffer(SIZE, 0xbad, region_of(kind));

		for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
			int ret = load_kind(kind, fd, lengths[i]);

			/* the core's own words for a header it cannot copy are EFAULT */
			if (ret != -EINVAL && ret != -EFAULT)
				fail_msg("%zu bytes: %s", lengths[i], t_errname(-ret));
			must_have_failed(way_in(kind), f_result.step, -ret);
			assert_true(f_result.step >= CEN_FPGA_STEP_HEADER &&
				    f_result.step <= CEN_FPGA_STEP_COMPLETE);
		}
		must_load(way_in(kind), region_of(kind));
		close(fd);
	}
}

/* A driver that does not count: the core writes what there is. The header tells. */
static void truncated_unseen_by_the_driver(void **state)
{
	int fd = must_create(SIZE);
	struct cen_sim_fpga_header *header;
	uint8_t *at = must_map(fd, SIZE);

	(void)state;
	f_image(at, SIZE, 0xbad, F_WHOLE);
	header = (void *)at;
	header->data_size = htole64(SIZE - F_HEADER - 200);
	f_seal(at);
	f_set("cen_sim_fpga.2", "check", 0);
	/* as long as the header says: more is there, it is not looked at */
	assert_ok(f_load_part(f_manager[F_HEADERS], fd, 0, SIZE, 0));
	header->data_size = htole64(SIZE);
	f_seal(at);
	must_unmap(at, SIZE);
	assert_errno(f_load_part(f_manager[F_HEADERS], fd, 0, SIZE, 0), EINVAL);
	assert_string_equal(must_f_info(f_manager[F_HEADERS]).active, "");
}

/* Whole images do not go into a region, partial ones not into all of it. */
static void partial_or_whole(void **state)
{
	int fd = f_buffer(SIZE, 0xbad, CEN_SIM_FPGA_ANY);

	(void)state;
	assert_errno(f_load_part(f_region[0], fd, 0, SIZE, 0), EINVAL);
	must_have_failed(f_region[0], CEN_FPGA_STEP_INIT, EINVAL);
	assert_errno(f_load_part(f_manager[F_STREAMS], fd, 0, SIZE, CEN_FPGA_PARTIAL), EINVAL);
	must_have_failed(f_manager[F_STREAMS], CEN_FPGA_STEP_INIT, EINVAL);
	must_load(f_region[0], 1);
}

static void manager_with_regions(void **state)
{
	int fd = f_buffer(SIZE, 0xbad, F_WHOLE);

	(void)state;
	assert_errno(f_load_part(f_manager[F_TABLES], fd, 0, SIZE, 0), EOPNOTSUPP);
	must_have_failed(f_manager[F_TABLES], CEN_FPGA_STEP_CLAIM, EOPNOTSUPP);
}

/* --- somebody else is at it ------------------------------------------------------------------ */

static void manager_is_busy(void **state)
{
	int one = f_buffer(SIZE, 0x111, 1), two = f_buffer(SIZE, 0x222, 2), status, child;

	(void)state;
	must_load(f_region[1], 2);
	f_set(F_MGR0, "stall_ms", 1500 * t_slow());
	child = fork();
	if (!child)
		_exit(f_load_part(f_region[0], one, 0, SIZE, CEN_FPGA_PARTIAL) ? 1 : 0);
	must_be_writing(f_region[0]);
	assert_errno(f_load_part(f_region[1], two, 0, SIZE, CEN_FPGA_PARTIAL), EBUSY);
	must_have_failed(f_region[1], CEN_FPGA_STEP_CLAIM, EBUSY);
	/* nothing has happened to it */
	assert_int_equal(must_f_info(f_region[1]).flags & CEN_FPGA_ISOLATED, 0);
	assert_int_equal(f_design(F_TABLES, 2), 0xabc);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
	assert_int_equal(f_design(F_TABLES, 1), 0x111);
}

/* Of two loads of one region the second waits for the first. */
static void one_after_the_other(void **state)
{
	int one = f_buffer(SIZE, 0x111, 1), two = f_buffer(SIZE, 0x222, 1), status, child;

	(void)state;
	f_set(F_MGR0, "stall_ms", 500 * t_slow());
	child = fork();
	if (!child)
		_exit(f_load_part(f_region[0], one, 0, SIZE, CEN_FPGA_PARTIAL) ? 1 : 0);
	must_be_writing(f_region[0]);
	assert_ok(f_load_part(f_region[0], two, 0, SIZE, CEN_FPGA_PARTIAL));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
	assert_int_equal(f_design(F_TABLES, 1), 0x222);
}

static void region_is_claimed(void **state)
{
	int fd = f_buffer(SIZE, 0xbad, 1);

	(void)state;
	f_set(F_REGION0, "claimed", 1);
	assert_errno(f_load_part(f_region[0], fd, 0, SIZE, CEN_FPGA_PARTIAL), EBUSY);
	must_have_failed(f_region[0], CEN_FPGA_STEP_CLAIM, EBUSY);
	assert_int_equal(f_get(F_REGION0, "claimed"), 1);
	f_set(F_REGION0, "claimed", 0);
	must_load(f_region[0], 1);
}

/* --- bridges ------------------------------------------------------------------------------------- */

static void bridge_fails(const char *knob, uint32_t step, uint32_t arrives)
{
	int fd = f_buffer(SIZE, 0xdef, 1);

	must_load(f_region[0], 1);
	f_set(F_REGION0, knob, EIO);
	assert_errno(f_load_part(f_region[0], fd, 0, SIZE, CEN_FPGA_PARTIAL), EIO);
	must_have_failed(f_region[0], step, EIO);
	assert_int_equal(f_design(F_TABLES, 1), arrives);
	assert_int_equal(must_f_info(f_region[0]).flags & CEN_FPGA_ISOLATED, CEN_FPGA_ISOLATED);
	f_set(F_REGION0, knob, 0);
	must_load(f_region[0], 1);
	assert_int_equal(must_f_info(f_region[0]).flags & CEN_FPGA_ISOLATED, 0);
	assert_int_equal(f_get(F_REGION0, "enabled"), 1);
}

static void bridge_cannot_be_had(void **state)
{
	(void)state;
	bridge_fails("get", CEN_FPGA_STEP_BRIDGES_OFF, 0xabc);
}

static void bridge_is_not_disabled(void **state)
{
	(void)state;
	bridge_fails("disable", CEN_FPGA_STEP_BRIDGES_OFF, 0xabc);
}

static void bridge_is_not_enabled(void **state)
{
	(void)state;
	bridge_fails("enable", CEN_FPGA_STEP_BRIDGES_ON, 0xdef);
}

/* --- the manager's steps ------------------------------------------------------------------------------ */

static void each_step_fails(void **state)
{
	static const struct {
		const char *knob;
		uint32_t step;
		uint32_t state;
	} steps[] = {
		{ "header", CEN_FPGA_STEP_HEADER, CEN_FPGA_STATE_HEADER_ERR },
		{ "init", CEN_FPGA_STEP_INIT, CEN_FPGA_STATE_INIT_ERR },
		{ "write", CEN_FPGA_STEP_WRITE, CEN_FPGA_STATE_WRITE_ERR },
		{ "complete", CEN_FPGA_STEP_COMPLETE, CEN_FPGA_STATE_COMPLETE_ERR },
	};
	char device[32];

	(void)state;
	for (int kind = 0; kind < F_KINDS; kind++) {
		int fd = f_buffer(SIZE, 0xbad, region_of(kind));

		snprintf(device, sizeof(device), "cen_sim_fpga.%d", kind);
		for (size_t i = kind == F_HEADERS ? 0 : 1; i < ARRAY_SIZE(steps); i++) {
			must_load(way_in(kind), region_of(kind));
			f_set(device, steps[i].knob, ETIMEDOUT);
			assert_errno(load_kind(kind, fd, SIZE), ETIMEDOUT);
			must_have_failed(way_in(kind), steps[i].step, ETIMEDOUT);
			assert_int_equal(f_result.state, steps[i].state);
			assert_int_not_equal(f_design(kind, kind ? 0 : 1), 0xbad);
			assert_int_equal(must_f_info(way_in(kind)).flags & CEN_FPGA_ISOLATED,
					 kind == F_TABLES ? CEN_FPGA_ISOLATED : 0);
			f_set(device, steps[i].knob, 0);
		}
		must_load(way_in(kind), region_of(kind));
		close(fd);
	}
}

/* --- buffers ------------------------------------------------------------------------------------------------ */

static void outside_the_buffer(void **state)
{
	static const uint64_t parts[][2] = {
		{ SIZE + PAGE, 0 }, { UINT64_MAX, 0 }, { 0, 33 * PAGE + 1 }, { PAGE, 33 * PAGE },
		{ 1, UINT64_MAX }, { UINT64_MAX, UINT64_MAX },
	};
	int fd = f_buffer(SIZE, 0xbad, 1);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		assert_errno(f_load_part(f_region[0], fd, parts[i][0], parts[i][1],
					 CEN_FPGA_PARTIAL), ERANGE);
		assert_int_equal(f_result.step, CEN_FPGA_STEP_BUFFER);
	}
}

static void no_buffer(void **state)
{
	int pipes[2];

	(void)state;
	assert_errno(f_load(f_region[0], -1, CEN_FPGA_PARTIAL), EBADF);
	assert_int_equal(f_result.step, CEN_FPGA_STEP_BUFFER);
	assert_ok(pipe2(pipes, O_CLOEXEC) ? -errno : 0);
	assert_errno(f_load(f_region[0], pipes[0], CEN_FPGA_PARTIAL), EINVAL);
	assert_int_equal(f_result.step, CEN_FPGA_STEP_BUFFER);
}

static int iomem(bool vmap)
{
	char text[16] = "";
	int fd;

	if (!t_exists("/dev/cen_fpga_iomem"))
		assert_ok(t_sh("modprobe cen_fpga_iomem"));
	assert_ok(t_write_file("/sys/module/cen_fpga_iomem/parameters/novmap", vmap ? "0" : "1"));
	fd = open("/dev/cen_fpga_iomem", O_RDONLY | O_CLOEXEC);
	assert_ok(fd);
	assert_true(read(fd, text, sizeof(text)) > 0);
	close(fd);
	return atoi(text);
}

static void io_memory(void **state)
{
	int fd = iomem(true);

	(void)state;
	for (int kind = 0; kind < F_KINDS; kind++) {
		assert_errno(load_kind(kind, fd, 0), EOPNOTSUPP);
		must_have_failed(way_in(kind), CEN_FPGA_STEP_BUFFER, EOPNOTSUPP);
	}
}

static void not_mappable(void **state)
{
	int fd = iomem(false);

	(void)state;
	for (int kind = 0; kind < F_KINDS; kind++) {
		assert_errno(load_kind(kind, fd, 0), EOPNOTSUPP);
		must_have_failed(way_in(kind), CEN_FPGA_STEP_BUFFER, EOPNOTSUPP);
	}
}

static void out_of_reach(void **state)
{
	int fd = must_create(SIZE), id;

	(void)state;
	/* mapped by somebody, above what the manager reaches: it cannot be moved */
	id = must_attach(fd, 0);
	must_dma_map(id, CTI_TO_DEVICE);
	if (must_info(fd).addr_bits <= 32)
		t_skip("memory is low here");
	assert_errno(f_load_part(f_region[0], fd, 0, SIZE, CEN_FPGA_PARTIAL), EBUSY);
	must_have_failed(f_region[0], CEN_FPGA_STEP_BUFFER, EBUSY);
	/* and once it can, it is moved */
	assert_ok(t_dma_unmap(id));
	f_image(must_map(fd, SIZE), SIZE, 0x333, 1);
	assert_ok(f_load_part(f_region[0], fd, 0, SIZE, CEN_FPGA_PARTIAL));
	assert_int_equal(f_design(F_TABLES, 1), 0x333);
	assert_u64_equal(must_info(fd).moves, 1);
}

/* --- it goes ------------------------------------------------------------------------------------------------------ */

static void gone(void **state)
{
	struct cen_fpga_load load = { .flags = CEN_FPGA_PARTIAL };
	struct cen_fpga_info info = { .flags = 0 };
	int node = f_open(f_region[0]), fd = f_buffer(SIZE, 0xbad, 1);

	(void)state;
	assert_ok(node);
	f_set(F_MGR0, "plugged", 0);
	load.fd = fd;
	load.length = SIZE;
	assert_errno(t_ioctl(node, CEN_FPGA_IOC_LOAD, &load), ENODEV);
	assert_int_equal(load.result.step, CEN_FPGA_STEP_CLAIM);
	assert_errno(t_ioctl(node, CEN_FPGA_IOC_INFO, &info), ENODEV);
	assert_errno(f_open(f_region[0]), ENOENT);
	f_set(F_MGR0, "plugged", 1);
	f_find();
	assert_errno(t_ioctl(node, CEN_FPGA_IOC_INFO, &info), ENODEV);
	must_load(f_region[0], 1);
}

/* Removal waits for what is being loaded. */
static void goes_while_loading(void **state)
{
	int fd = f_buffer(SIZE, 0x444, 1), status, child;

	(void)state;
	f_set(F_MGR0, "stall_ms", 500 * t_slow());
	child = fork();
	if (!child)
		_exit(f_load_part(f_region[0], fd, 0, SIZE, CEN_FPGA_PARTIAL) ? 1 : 0);
	must_be_writing(f_region[0]);
	f_set(F_MGR0, "plugged", 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
	f_set(F_MGR0, "plugged", 1);
	f_find();
}

static const struct CMUnitTest tests[] = {
	f_test(no_image),
	f_test(damaged_header),
	f_test(damaged_data),
	f_test(wrong_region),
	f_test(truncated),
	f_test(truncated_unseen_by_the_driver),
	f_test(partial_or_whole),
	f_test(manager_with_regions),
	f_test(manager_is_busy),
	f_test(one_after_the_other),
	f_test(region_is_claimed),
	f_test(bridge_cannot_be_had),
	f_test(bridge_is_not_disabled),
	f_test(bridge_is_not_enabled),
	f_test(each_step_fails),
	f_test(outside_the_buffer),
	f_test(no_buffer),
	f_test(io_memory),
	f_test(not_mappable),
	f_test(out_of_reach),
	f_test(gone),
	f_test(goes_while_loading),
};

int main(void)
{
	int ret;

	f_begin();
	ret = t_run(tests, ARRAY_SIZE(tests), T_IMPORTER);
	f_end();
	t_sh("rmmod cen_fpga_iomem 2>/dev/null");
	return ret;
}
