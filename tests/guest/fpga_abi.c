// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls as such: sizes, tails, padding, garbage, bad pointers, rights.
 */
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/capability.h>

#include "fpga_common.h"

#define SIZE	(16 * KIB)

/* An ioctl of another size. */
#define RESIZED(cmd, size)	_IOC(_IOC_DIR(cmd), _IOC_TYPE(cmd), _IOC_NR(cmd), size)

static int node = -1;

static void sizes_are_what_they_are(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct cen_fpga_result), 24 + CEN_FPGA_MESSAGE_LEN);
	assert_int_equal(sizeof(struct cen_fpga_load), 40 + sizeof(struct cen_fpga_result));
	assert_int_equal(sizeof(struct cen_fpga_info), 5 * CEN_FPGA_NAME_LEN + 24 +
			 sizeof(struct cen_fpga_result));
}

static void unknown_numbers(void **state)
{
	static const unsigned long cmds[] = {
		0, ~0UL, _IO(CEN_FPGA_IOC_MAGIC, 0x70), _IOW(CEN_FPGA_IOC_MAGIC, 0x71, int),
		_IOWR(CEN_FPGA_IOC_MAGIC, 0x72, struct cen_fpga_load), CEN_IOC_INFO,
		_IOWR('J', 1, __s32), _IOW('J', 2, __s32), _IO('J', 1),
	};
	struct cen_fpga_load load = { .fd = -1 };

	(void)state;
	node = f_open(f_region[0]);
	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++)
		assert_errno(t_ioctl(node, cmds[i], &load), ENOTTY);
}

static void shorter_is_refused(void **state)
{
	struct cen_fpga_load load = { .fd = -1 };

	(void)state;
	node = f_open(f_region[0]);
	for (size_t size = 0; size < sizeof(load); size += 8)
		assert_errno(t_ioctl(node, RESIZED(CEN_FPGA_IOC_LOAD, size), &load), EINVAL);
	assert_errno(t_ioctl(node, RESIZED(CEN_FPGA_IOC_LOAD_DMABUF, 0), &load), EINVAL);
}

static void longer_with_zeroes_is_taken(void **state)
{
	struct {
		struct cen_fpga_load load;
		char tail[64];
	} big = { .load = { .flags = CEN_FPGA_PARTIAL } };

	(void)state;
	node = f_open(f_region[0]);
	big.load.fd = f_buffer(SIZE, 0x77, 1);
	assert_ok(t_ioctl(node, RESIZED(CEN_FPGA_IOC_LOAD, sizeof(big)), &big));
	assert_int_equal(big.load.result.state, CEN_FPGA_STATE_OPERATING);
	big.tail[63] = 1;
	assert_errno(t_ioctl(node, RESIZED(CEN_FPGA_IOC_LOAD, sizeof(big)), &big), EINVAL);
}

static void flags_and_padding(void **state)
{
	struct cen_fpga_load load = { .fd = f_buffer(SIZE, 0x78, 1) };
	struct cen_fpga_info info = { .flags = 1 };

	(void)state;
	node = f_open(f_region[0]);
	for (int bit = 0; bit < 32; bit++) {
		load.flags = 1U << bit;
		if (!(load.flags & CEN_FPGA_FLAGS))
			assert_errno(t_ioctl(node, CEN_FPGA_IOC_LOAD, &load), EINVAL);
	}
	load.flags = CEN_FPGA_PARTIAL;
	load.pad = 1;
	assert_errno(t_ioctl(node, CEN_FPGA_IOC_LOAD, &load), EINVAL);
	assert_errno(t_ioctl(node, CEN_FPGA_IOC_INFO, &info), EINVAL);
	info = (struct cen_fpga_info){ .pad = 1 };
	assert_errno(t_ioctl(node, CEN_FPGA_IOC_INFO, &info), EINVAL);
}

/* What is "out" may hold anything before. */
static void out_is_out(void **state)
{
	struct cen_fpga_info info;
	struct cen_fpga_load load;

	(void)state;
	node = f_open(f_region[0]);
	memset(&info, 0xff, sizeof(info));
	info.flags = info.pad = 0;
	assert_ok(t_ioctl(node, CEN_FPGA_IOC_INFO, &info));
	assert_string_equal(info.name, f_region[0]);
	memset(&load, 0xff, sizeof(load));
	load.flags = load.pad = 0;
	load.offset = load.length = 0;
	load.fd = -1;
	assert_errno(t_ioctl(node, CEN_FPGA_IOC_LOAD, &load), EBADF);
	assert_int_equal(load.result.error, -EBADF);
	assert_int_equal(load.result.pad, 0);
}

static void bad_pointers(void **state)
{
	static const unsigned long cmds[] = {
		CEN_FPGA_IOC_INFO, CEN_FPGA_IOC_LOAD, CEN_FPGA_IOC_LOAD_DMABUF,
	};
	struct cen_fpga_load *load = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t loads;

	(void)state;
	node = f_open(f_region[0]);
	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++) {
		assert_errno(t_ioctl(node, cmds[i], NULL), EFAULT);
		assert_errno(t_ioctl(node, cmds[i], (void *)-1UL), EFAULT);
	}
	/* readable only: it is loaded, what became of it cannot be told */
	load->fd = f_buffer(SIZE, 0x79, 1);
	load->flags = CEN_FPGA_PARTIAL;
	loads = must_f_info(f_region[0]).loads;
	mprotect(load, PAGE, PROT_READ);
	assert_errno(t_ioctl(node, CEN_FPGA_IOC_LOAD, load), EFAULT);
	assert_u64_equal(must_f_info(f_region[0]).loads, loads + 1);
	munmap(load, PAGE);
}

/* Everything random, over and over: an errno that stands in the header, and a live system. */
static void garbage(void **state)
{
	static const int documented[] = {
		ENOTTY, EINVAL, EBADF, ERANGE, EBUSY, EFAULT, EOPNOTSUPP, EBADMSG, EXDEV,
	};
	static const unsigned long cmds[] = {
		CEN_FPGA_IOC_INFO, CEN_FPGA_IOC_LOAD, CEN_FPGA_IOC_LOAD_DMABUF,
	};
	uint64_t seed = t_seed(41), words[64];
	unsigned int rounds = 20000 / t_slow(), taken = 0;
	int fd = f_buffer(SIZE, 0x7a, 1);

	(void)state;
	node = f_open(f_region[0]);
	while (rounds--) {
		unsigned long cmd = cmds[t_random(&seed) % ARRAY_SIZE(cmds)];
		size_t i;
		int ret;

		if (t_random(&seed) % 4 == 0)
			cmd ^= 1UL << t_random(&seed) % 32;
		for (i = 0; i < ARRAY_SIZE(words); i++)
			words[i] = t_random(&seed) % 2 ? 0 : t_random(&seed) >> t_random(&seed) % 64;
		if (t_random(&seed) % 2)
			words[2] = (uint32_t)fd | words[2] << 32;
		ret = t_ioctl(node, cmd, words);
		taken += !ret;
		for (i = 0; ret && i < ARRAY_SIZE(documented); i++)
			if (ret == -documented[i])
				ret = 0;
		if (ret)
			fail_msg("%#lx: %s is not documented", cmd, t_errname(-ret));
	}
	printf("# %u of them were taken\n", taken);
	assert_true(taken > 0);
	assert_ok(f_load(f_region[0], fd, CEN_FPGA_PARTIAL));
}

/* Without CAP_SYS_RAWIO: nothing but looking. */
static int drop_rawio(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -errno;
	data[0].effective &= ~(1U << CAP_SYS_RAWIO);
	data[0].permitted &= ~(1U << CAP_SYS_RAWIO);
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

static int without_rawio(int fd)
{
	struct cen_fpga_load load = { .fd = fd, .flags = CEN_FPGA_PARTIAL };
	struct cen_fpga_info info = { .flags = 0 };
	__s32 arg = fd;

	if (drop_rawio())
		return 1;
	if (t_ioctl(node, CEN_FPGA_IOC_LOAD, &load) != -EPERM)
		return 2;
	if (t_ioctl(node, CEN_FPGA_IOC_LOAD_DMABUF, &arg) != -EPERM)
		return 3;
	if (f_put(f_region[0], NULL, "active", "a") != -EPERM)
		return 4;
	if (f_put(f_region[0], "a", "dmabuf", "3") != -EPERM)
		return 5;
	if (f_put(f_region[0], "a", "firmware", "x") != -EPERM)
		return 6;
	if (f_put(f_region[0], "a", "overlay", "x") != -EPERM)
		return 7;
	return t_ioctl(node, CEN_FPGA_IOC_INFO, &info) ? 8 : 0;
}

static void rights(void **state)
{
	int fd = f_buffer(SIZE, 0x7b, 1), status, child;

	(void)state;
	node = f_open(f_region[0]);
	must_slot(f_region[0], "a", fd);
	child = fork();
	if (!child)
		_exit(without_rawio(fd));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_not_equal(f_design(F_TABLES, 1), 0x7b);
}

static const struct CMUnitTest tests[] = {
	f_test(sizes_are_what_they_are),
	f_test(unknown_numbers),
	f_test(shorter_is_refused),
	f_test(longer_with_zeroes_is_taken),
	f_test(flags_and_padding),
	f_test(out_is_out),
	f_test(bad_pointers),
	f_test(garbage),
	f_test(rights),
};

int main(void)
{
	int ret;

	f_begin();
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	f_end();
	return ret;
}
