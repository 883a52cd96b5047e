// SPDX-License-Identifier: GPL-2.0
/*
 * edu as a platform device: a test module makes one of its registers and its interrupt
 * line. Nothing but its idle rule tells that it has stopped, and buffers it may still use
 * stay where they are until it has.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "uio_common.h"

#define DEVICE	"platform:cen_uio_edu"

static struct cen_ctx *ctx;
static struct cen_uio *dev;

static int setup(void **state)
{
	int ret = t_setup(state);

	dev = cen_uio_open(DEVICE);
	if (!dev)
		fail_msg("%s", cen_error());
	u_node = cen_uio_node_fd(dev);
	u_uio = cen_uio_fd(dev);
	return ret;
}

static int teardown(void **state)
{
	u_node = -1;
	u_uio = -1;
	cen_uio_close(dev);
	dev = NULL;
	return t_teardown(state);
}

static int must_buffer(uint64_t size)
{
	struct cen_device device = t_device(DEVICE);
	int fd = must_create(size);

	assert_ok(t_declare(fd, &device, 1));
	assert_ok(t_commit(fd));
	return fd;
}

static void test_bytes_both_ways(void **state)
{
	int fd = must_buffer(16 * KIB), handle;
	uint8_t *data = must_map(fd, 16 * KIB);

	(void)state;
	assert_in_range(must_info(fd).addr_bits, 1, T_LOW_BITS);
	t_dma_buf_sync(fd, CEN_SYNC_WRITE | CEN_SYNC_START);
	t_fill(data, 16 * KIB, 4);
	t_dma_buf_sync(fd, CEN_SYNC_WRITE | CEN_SYNC_END);
	handle = u_attach(fd, CEN_UIO_DIRECTIONS);
	assert_ok(handle);
	must_in(handle, 100, 0, EDU_MAX);
	must_out(handle, 9000, 0, EDU_MAX);
	t_dma_buf_sync(fd, CEN_SYNC_READ | CEN_SYNC_START);
	assert_memory_equal(data + 100, data + 9000, EDU_MAX);
	t_dma_buf_sync(fd, CEN_SYNC_READ | CEN_SYNC_END);
}

static void test_info(void **state)
{
	const struct cen_uio_info *info = cen_uio_get_info(dev);

	(void)state;
	assert_string_equal(info->name, DEVICE);
	assert_int_equal(info->irq, CEN_UIO_IRQ_LINE);
	assert_int_equal(info->dma_bits, T_LOW_BITS);
	assert_int_equal(info->flags, CEN_UIO_RULES | CEN_UIO_DMA | CEN_UIO_ACKNOWLEDGES);
}

/* The close waits until edu has ended: its last byte is written to memory that is still ours. */
static void test_close_waits(void **state)
{
	int fd = must_buffer(4096), handle;
	uint8_t *data = must_map(fd, 4096);

	(void)state;
	memset(data, 0x11, 4096);
	handle = u_attach(fd, CEN_UIO_DIRECTIONS);
	must_in(handle, 0, 0, 4000);
	memset(data, 0x22, 4096);
	assert_ok(u_start_out(handle, 0, 0, 4000));
	u_node = -1;
	u_uio = -1;
	cen_uio_close(dev);
	assert_u64_equal(must_info(fd).maps, 0);
	assert_int_equal(data[0], 0x11);
	assert_int_equal(data[3999], 0x11);
	dev = cen_uio_open(DEVICE);
	assert_non_null(dev);
}

/*
 * With rules that give edu 20 ms, it is not idle in time when the file is closed: its
 * buffer stays mapped, and goes when the next owner has seen it idle.
 */
static bool orphan(void)
{
	int fd, handle;
	bool in_time;

	dev = cen_uio_open(DEVICE);
	assert_non_null(dev);
	u_node = cen_uio_node_fd(dev);
	fd = must_buffer(4096);
	handle = u_attach(fd, CEN_UIO_DIRECTIONS);
	assert_ok(u_start_out(handle, 0, 0, 4000));
	cen_uio_close(dev);
	in_time = u_in_time();
	if (in_time) {
		assert_u64_equal(must_info(fd).maps, 1);
		/* is it still at work when this is asked? then it cannot be had */
		dev = cen_uio_open(DEVICE);
		if (u_in_time())
			assert_null(dev);
		cen_uio_close(dev);
	}
	assert_ok(t_sh("usleep 400000"));
	dev = cen_uio_open(DEVICE);
	assert_non_null(dev);
	assert_u64_equal(must_info(fd).maps, 0);
	cen_uio_close(dev);
	dev = NULL;
	return in_time;
}

static void test_orphans(void **state)
{
	int tries = U_TRIES;

	(void)state;
	cen_uio_close(dev);
	dev = NULL;
	assert_ok(t_sh("sed 's/within 2000/within 20/' " U_RULES " > /tmp/hasty.rules"));
	assert_ok(cen_uio_bind(DEVICE, "/tmp/hasty.rules"));
	while (tries && !orphan())
		tries--;
	assert_ok(cen_uio_bind(DEVICE, U_RULES));
	if (!tries)
		t_skip("this machine has too much else to do");
}

static void test_unbind_in_transfer(void **state)
{
	int fd = must_buffer(4096), handle;

	(void)state;
	handle = u_attach(fd, CEN_UIO_DIRECTIONS);
	assert_ok(u_start_out(handle, 0, 0, 4000));
	assert_ok(t_write_file("/sys/bus/platform/drivers/cen_uio/unbind", "cen_uio_edu"));
	assert_u64_equal(must_info(fd).maps, 0);
	assert_errno(u_detach(handle), ENODEV);
	assert_ok(cen_uio_bind(DEVICE, NULL));
}

#define p_test(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		p_test(test_info),
		p_test(test_bytes_both_ways),
		p_test(test_close_waits),
		p_test(test_orphans),
		p_test(test_unbind_in_transfer),
	};
	int ret;

	u_begin();
	if (u_confined())
		t_skip_all("the IOMMU does not know edu as a platform device");
	if (t_swiotlb_forced())
		t_skip_all("nothing here that other lanes do not show");
	/* The PCI device must be nobody's. */
	t_sh("d=/sys/bus/pci/devices/%s/driver; [ ! -e $d ] || echo %s > $d/unbind", u_pci, u_pci);
	if (t_sh("modprobe cen_uio_platform")) {
		printf("Bail out! no module cen_uio_platform\n");
		return 1;
	}
	ctx = cen_ctx_open(CEN_CTX_MODULE);
	if (cen_uio_bind(DEVICE, U_RULES)) {
		printf("Bail out! %s\n", cen_error());
		return 1;
	}
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	if (cen_uio_unbind(DEVICE))
		printf("# %s\n", cen_error());
	cen_ctx_close(ctx);
	t_sh("rmmod cen_uio_platform");
	t_sh("echo %s > /sys/bus/pci/drivers_probe", u_pci);
	return ret;
}
