// SPDX-License-Identifier: GPL-2.0
/*
 * Loading: regions with their bridges and managers without regions, whatever the manager's driver
 * takes, whoever exported the buffer.
 *
 *	cen_sim_fpga.0 "tables"  --- manager --+-- bridge -- region 1
 *	                                       +-- bridge -- region 2
 *	cen_sim_fpga.1 "streams" --- manager
 *	cen_sim_fpga.2 "headers" --- manager
 */
#include <sys/wait.h>

#include "fpga_common.h"

#define SIZE	(MIB + 3 * PAGE + 40)

static void describes_itself(void **state)
{
	static const uint32_t kinds[F_KINDS] = {
		CEN_FPGA_TABLES, CEN_FPGA_STREAMS, CEN_FPGA_STREAMS | CEN_FPGA_HEADERS,
	};
	struct cen_fpga_info info = must_f_info(f_region[0]);

	(void)state;
	assert_string_equal(info.name, f_region[0]);
	assert_string_equal(info.manager, f_manager[F_TABLES]);
	assert_string_equal(info.device, "platform:cen_sim_fpga.0");
	assert_string_equal(info.model, "cen_sim tables");
	assert_int_equal(info.flags, CEN_FPGA_REGION | CEN_FPGA_TABLES);
	for (int kind = 0; kind < F_KINDS; kind++) {
		info = must_f_info(f_manager[kind]);
		assert_string_equal(info.name, f_manager[kind]);
		assert_string_equal(info.manager, f_manager[kind]);
		assert_int_equal(info.flags, kinds[kind]);
	}
}

static void must_have_loaded(const char *name, uint64_t before)
{
	struct cen_fpga_info info = must_f_info(name);

	assert_int_equal(f_result.state, CEN_FPGA_STATE_OPERATING);
	assert_int_equal(f_result.step, CEN_FPGA_STEP_NONE);
	assert_int_equal(f_result.error, 0);
	assert_string_equal(f_result.message, "");
	assert_true(f_result.duration > 0);
	assert_u64_equal(info.loads, before + 1);
	assert_memory_equal(&info.last, &f_result, sizeof(f_result));
	assert_int_equal(info.flags & (CEN_FPGA_ISOLATED | CEN_FPGA_LOADING), 0);
}

static void own_buffer_through_a_region(void **state)
{
	uint64_t before = must_f_info(f_region[1]).loads;
	unsigned long disables = f_get(F_REGION1, "disables");
	int fd = f_buffer(SIZE, 0x1001, 2);

	(void)state;
	assert_ok(f_load_part(f_region[1], fd, 0, SIZE, CEN_FPGA_PARTIAL));
	must_have_loaded(f_region[1], before);
	assert_int_equal(f_design(F_TABLES, 2), 0x1001);
	/* its bridge was shut meanwhile, the other one was not */
	assert_int_equal(f_get(F_REGION1, "disables"), disables + 1);
	assert_int_equal(f_get(F_REGION1, "enabled"), 1);
}

static void nothing_of_the_buffer_is_kept(void **state)
{
	int fd = f_buffer(SIZE, 0x1002, 1);
	struct cen_info info;

	(void)state;
	assert_ok(f_load_part(f_region[0], fd, 0, SIZE, CEN_FPGA_PARTIAL));
	info = must_info(fd);
	assert_int_equal(info.maps, 0);
	assert_int_equal(info.vmaps, 0);
}

static void load_each(int (*buffer)(size_t, uint32_t, uint32_t), uint32_t design)
{
	for (int kind = F_STREAMS; kind < F_KINDS; kind++) {
		uint64_t before = must_f_info(f_manager[kind]).loads;
		int fd = buffer(SIZE, design + kind, F_WHOLE);

		assert_ok(f_load_part(f_manager[kind], fd, 0, SIZE, 0));
		must_have_loaded(f_manager[kind], before);
		assert_int_equal(f_design(kind, 0), design + kind);
		close(fd);
	}
}

static void own_buffers_for_streams(void **state)
{
	(void)state;
	load_each(f_buffer, 0x2000);
}

static void foreign_buffers_for_streams(void **state)
{
	(void)state;
	load_each(f_foreign, 0x3000);
}

/* Nobody may look at the pages of a foreign buffer, so it is copied. */
static void foreign_buffer_for_tables(void **state)
{
	int fd = f_foreign(SIZE, 0x3100, 1);

	(void)state;
	assert_ok(f_load_part(f_region[0], fd, 0, SIZE, CEN_FPGA_PARTIAL));
	assert_int_equal(f_design(F_TABLES, 1), 0x3100);
	assert_int_equal(t_buffers(), 0);
}

/* Anywhere in the buffer, also where the header crosses pages or is in two segments. */
static void part_of_a_buffer(void **state)
{
	static const size_t offsets[] = { 8, PAGE, PAGE - 8, PAGE - 63, 5 * PAGE + 4, 64 * KIB - 16 };
	size_t room = SIZE + 32 * PAGE;
	int fd = must_create(room);
	uint8_t *at = must_map(fd, room);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		for (int kind = 0; kind < F_KINDS; kind++) {
			uint32_t design = 0x4000 + (uint32_t)(i << 4) + kind;

			memset(at, 0xa5, room);
			f_image(at + offsets[i], SIZE, design, kind ? F_WHOLE : 1);
			assert_ok(f_load_part(kind ? f_manager[kind] : f_region[0], fd, offsets[i], SIZE,
					      kind ? 0 : CEN_FPGA_PARTIAL));
			assert_int_equal(f_design(kind, kind ? 0 : 1), design);
		}
	}
	must_unmap(at, room);
}

static void smallest_image(void **state)
{
	int fd = must_create(PAGE);
	uint8_t *at = must_map(fd, PAGE);

	(void)state;
	for (int kind = 0; kind < F_KINDS; kind++) {
		f_image(at, F_HEADER + 1, 0x5000 + kind, CEN_SIM_FPGA_ANY);
		assert_ok(f_load_part(kind ? f_manager[kind] : f_region[0], fd, 0, F_HEADER + 1,
				      kind ? 0 : CEN_FPGA_PARTIAL));
		assert_int_equal(f_design(kind, kind ? 0 : 1), 0x5000 + kind);
	}
	must_unmap(at, PAGE);
}

/* A program written for the series of August 2026: a pointer to an fd, all of the buffer. */
static void upstream_ioctl(void **state)
{
	int fd = f_buffer(64 * KIB, 0x6000, F_WHOLE), node = f_open(f_manager[F_STREAMS]);
	__s32 arg = fd;

	(void)state;
	assert_int_equal(CEN_FPGA_IOC_LOAD_DMABUF, _IOW('J', 1, __s32));
	assert_ok(node);
	assert_ok(t_ioctl(node, CEN_FPGA_IOC_LOAD_DMABUF, &arg));
	assert_int_equal(f_design(F_STREAMS, 0), 0x6000);
	arg = -1;
	assert_errno(t_ioctl(node, CEN_FPGA_IOC_LOAD_DMABUF, &arg), EBADF);
}

/* In its reach: the simulated manager reads by bus address and no further than its mask. */
static void placed_for_the_manager(void **state)
{
	int fd = f_buffer(SIZE, 0x7000, 1);
	struct cen_buffer_device device;
	struct cen_device_info known;

	(void)state;
	assert_ok(t_device_info("platform:cen_sim_fpga.0", &known));
	assert_u64_equal(known.limits.addr_max, 0xffffffff);
	assert_ok(f_load_part(f_region[0], fd, 0, SIZE, CEN_FPGA_PARTIAL));
	assert_int_equal(f_design(F_TABLES, 1), 0x7000);
	assert_true(must_info(fd).addr_bits <= 32);
	/* not declared by us: it forgets the device again */
	assert_false(t_info_device(fd, "platform:cen_sim_fpga.0", &device));
	assert_true(f_get(F_MGR0, "segments") >= 1);
}

/* Whoever writes the image has to be done first. */
static void waits_for_writers(void **state)
{
	int fd = f_buffer(SIZE, 0x8000, 1), fence, status, child;

	(void)state;
	fence = t_fence(fd, true);
	assert_ok(fence);
	child = fork();
	if (!child)
		_exit(f_load_part(f_region[0], fd, 0, SIZE, CEN_FPGA_PARTIAL) ? 1 : 0);
	usleep(300000);
	assert_int_equal(waitpid(child, &status, WNOHANG), 0);
	assert_ok(t_signal(fence, 0));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
	assert_int_equal(f_design(F_TABLES, 1), 0x8000);
}

/* As long as it runs, INFO tells so. */
static void told_while_loading(void **state)
{
	int fd = f_buffer(64 * KIB, 0x9000, 1), status, child;

	(void)state;
	f_set(F_MGR0, "stall_ms", 500 * t_slow());
	child = fork();
	if (!child)
		_exit(f_load(f_region[0], fd, CEN_FPGA_PARTIAL) ? 1 : 0);
	must_be_writing(f_region[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
	assert_int_equal(must_f_info(f_region[0]).flags & CEN_FPGA_LOADING, 0);
}

static const struct CMUnitTest tests[] = {
	f_test(describes_itself),
	f_test(own_buffer_through_a_region),
	f_test(nothing_of_the_buffer_is_kept),
	f_test(own_buffers_for_streams),
	f_test(foreign_buffers_for_streams),
	f_test(foreign_buffer_for_tables),
	f_test(part_of_a_buffer),
	f_test(smallest_image),
	f_test(upstream_ioctl),
	f_test(placed_for_the_manager),
	f_test(waits_for_writers),
	f_test(told_while_loading),
};

int main(void)
{
	int ret;

	f_begin();
	ret = t_run(tests, ARRAY_SIZE(tests), T_IMPORTER);
	f_end();
	return ret;
}
