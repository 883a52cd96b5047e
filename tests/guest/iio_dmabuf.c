// SPDX-License-Identifier: GPL-2.0
/*
 * The radio through the IIO core, as programs written for mainline's interface see
 * it: blocks are dma-bufs, or plain read() and write().
 */
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "fail_nth.h"
#include "port.h"

/* <linux/iio/buffer.h> of 6.11 on; Debian 12's headers are older. */
struct iio_dmabuf {
	uint32_t fd;
	uint32_t flags;
	uint64_t bytes_used;
};
#define IIO_BUFFER_DMABUF_CYCLIC	(1 << 0)
#define IIO_BUFFER_GET_FD_IOCTL		_IOWR('i', 0x91, int)
#define IIO_BUFFER_DMABUF_ATTACH_IOCTL	_IOW('i', 0x92, int)
#define IIO_BUFFER_DMABUF_DETACH_IOCTL	_IOW('i', 0x93, int)
#define IIO_BUFFER_DMABUF_ENQUEUE_IOCTL	_IOW('i', 0x94, struct iio_dmabuf)

#define BLOCKS	4
#define READ_BLOCKS	4	/* that read() goes through */

static char rx_dir[96], tx_dir[96];	/* /sys/bus/iio/devices/iio:deviceN */

static void find(const char *name, char dir[96])
{
	char text[64];
	glob_t found;

	dir[0] = 0;
	if (glob("/sys/bus/iio/devices/iio:device*/name", 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (t_read_file(found.gl_pathv[i], text, sizeof(text)) &&
		    !strncmp(text, name, strlen(name)))
			snprintf(dir, 96, "%.*s", (int)strlen(found.gl_pathv[i]) - 5,
				 found.gl_pathv[i]);
	globfree(&found);
}

static void set(const char *dir, const char *file, const char *value)
{
	char path[192];
	glob_t found;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	assert_int_equal(glob(path, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		assert_ok(t_write_file(found.gl_pathv[i], value));
	globfree(&found);
}

static int open_buffer(const char *dir)
{
	char node[64];
	int dev, fd = 0;

	snprintf(node, sizeof(node), "/dev/%s", strrchr(dir, '/') + 1);
	dev = open(node, O_RDWR | O_CLOEXEC);
	assert_true(dev >= 0);
	assert_ok(t_ioctl(dev, IIO_BUFFER_GET_FD_IOCTL, &fd));
	close(dev);
	/* a test before this one may have failed in its middle */
	set(dir, "buffer0/enable", "0");
	set(dir, "buffer0/*_en", "1");
	set(dir, "buffer0/length", "16384");
	return fd;
}

static int attach(int buffer, int fd)
{
	return t_ioctl(buffer, IIO_BUFFER_DMABUF_ATTACH_IOCTL, &fd);
}

static int detach(int buffer, int fd)
{
	return t_ioctl(buffer, IIO_BUFFER_DMABUF_DETACH_IOCTL, &fd);
}

static int enqueue(int buffer, int fd, uint32_t flags)
{
	struct iio_dmabuf arg = { .fd = fd, .flags = flags, .bytes_used = P_BLOCK };

	return t_ioctl(buffer, IIO_BUFFER_DMABUF_ENQUEUE_IOCTL, &arg);
}

static void done(int fd, short events)
{
	assert_true(p_poll(fd, events, 5000) & events);
}

static void blocks_go_round(void **state)
{
	int rx = open_buffer(rx_dir), tx = open_buffer(tx_dir), fds[BLOCKS];
	uint32_t counter = 0;

	(void)state;
	p_reset();
	for (int i = 0; i < BLOCKS; i++) {
		fds[i] = p_buffer(P_BLOCK, -1, -1);
		assert_ok(attach(rx, fds[i]));
		assert_ok(attach(tx, fds[i]));
		/* before the device is enabled: goes first when it is */
		assert_ok(enqueue(rx, fds[i], 0));
	}
	assert_errno(attach(rx, fds[0]), EBUSY);
	set(rx_dir, "buffer0/enable", "1");
	set(tx_dir, "buffer0/enable", "1");
	for (int i = 0; i < 5 * BLOCKS; i++) {
		int fd = fds[i % BLOCKS];

		done(fd, POLLIN);
		assert_int_equal(p_wrong(fd, P_BLOCK, &counter), 0);
		assert_ok(enqueue(tx, fd, 0));
		assert_ok(enqueue(rx, fd, 0));
	}
	set(rx_dir, "buffer0/enable", "0");
	set(tx_dir, "buffer0/enable", "0");
	assert_u64_equal(p_get("tx/mismatches"), 0);
	for (int i = 0; i < BLOCKS; i++) {
		done(fds[i], POLLOUT);
		assert_ok(detach(rx, fds[i]));
		assert_errno(detach(rx, fds[i]), EPERM);
	}
}

/* Mainline's own DMA buffer sends a cyclic block once. */
static void cyclic_goes_round(void **state)
{
	int tx = open_buffer(tx_dir);
	int fd = p_buffer(P_BLOCK, -1, -1);
	uint64_t bytes = p_get("tx/bytes");

	(void)state;
	assert_ok(attach(tx, fd));
	set(tx_dir, "buffer0/enable", "1");
	assert_ok(enqueue(tx, fd, IIO_BUFFER_DMABUF_CYCLIC));
	while (p_get("tx/bytes") < bytes + 5 * P_BLOCK)
		usleep(1000);
	assert_false(p_poll(fd, POLLOUT, 0) & POLLOUT);
	set(tx_dir, "buffer0/enable", "0");
	done(fd, POLLOUT);
}

static void read_and_write(void **state)
{
	int rx = open_buffer(rx_dir), tx = open_buffer(tx_dir);
	static uint32_t words[12500];
	uint32_t counter = 0;

	(void)state;
	p_reset();
	set(rx_dir, "buffer0/enable", "1");
	set(tx_dir, "buffer0/enable", "1");
	for (int i = 0; i < 20; i++) {
		ssize_t got = read(rx, words, sizeof(words));

		assert_true(got > 0);
		assert_int_equal(got % 8, 0);
		for (ssize_t j = 0; j < got / 4; j++)
			assert_int_equal(words[j], counter++);
		assert_int_equal(write(tx, words, got), got);
	}
	set(rx_dir, "buffer0/enable", "0");
	set(tx_dir, "buffer0/enable", "0");
	assert_u64_equal(p_get("tx/mismatches"), 0);
}

/* A device error reaches a reader as one, and the next block is good again. */
static void read_tells_errors(void **state)
{
	int rx = open_buffer(rx_dir);
	static char bytes[P_BLOCK];

	(void)state;
	/* often: a block given back to the hardware may be full again before its error is told */
	for (int round = 0; round < 100; round++) {
		ssize_t got = 0;

		p_set("rx/fail", "1");
		set(rx_dir, "buffer0/enable", "1");
		for (int i = 0; i < 10 && got >= 0; i++)
			got = read(rx, bytes, sizeof(bytes));
		assert_int_equal(got, -1);
		assert_int_equal(errno, EIO);
		assert_true(read(rx, bytes, sizeof(bytes)) > 0);
		set(rx_dir, "buffer0/enable", "0");
	}
}

/* What could not be sent is told to the writer, once. */
static void write_tells_errors(void **state)
{
	int tx = open_buffer(tx_dir), errors = 0;
	static char bytes[P_BLOCK];

	(void)state;
	p_set("tx/fail", "1");
	set(tx_dir, "buffer0/enable", "1");
	for (int i = 0; i < 20; i++) {
		ssize_t put = write(tx, bytes, sizeof(bytes));

		if (put < 0) {
			assert_int_equal(errno, EIO);
			errors++;
		} else {
			assert_true(put > 0);
		}
	}
	set(tx_dir, "buffer0/enable", "0");
	assert_int_equal(errors, 1);
	assert_u64_equal(p_get("tx/fail"), 0);
}

static int reader = -1;

static void start_reading(void)
{
	reader = open_buffer(rx_dir);
	assert_ok(fcntl(reader, F_SETFL, O_RDWR | O_NONBLOCK));
	set(rx_dir, "buffer0/enable", "1");
}

static int read_on(void)
{
	static char bytes[P_BLOCK];

	for (int blocks = 0; blocks < 2 * READ_BLOCKS;) {
		if (read(reader, bytes, sizeof(bytes)) > 0)
			blocks++;
		else if (errno == EAGAIN)
			usleep(1000);
		else
			return -errno;
	}
	return 0;
}

/*
 * No block was lost: the device comes to have all of them. It hangs, except that what it had begun
 * it ends, so it is enough to have seen them once.
 */
static void check_blocks(int ret)
{
	static char bytes[P_BLOCK];
	int port = p_open("sdr0-rx");
	unsigned int queued;

	(void)ret;
	p_set("rx/hang", "1");
	for (int i = 0; i < 5000; i++) {
		queued = p_info(port).queued;
		if (queued == READ_BLOCKS)
			break;
		if (read(reader, bytes, sizeof(bytes)) < 0)
			usleep(1000);
	}
	assert_int_equal(queued, READ_BLOCKS);
	close(port);
}

static void stop_reading(void)
{
	set(rx_dir, "buffer0/enable", "0");
	p_set("rx/hang", "0");
	close(reader);
}

static void read_without_memory(void **state)
{
	static const struct t_op op = {
		"read", start_reading, read_on, check_blocks, stop_reading,
	};

	(void)state;
	if (t_fail_nth_init())
		t_skip("this kernel injects no faults");
	assert_true(t_fail_each(&op) > 0);
}

/* Disabled while somebody enqueues: whatever was taken ends. */
static void disable_while_enqueueing(void **state)
{
	int rx = open_buffer(rx_dir), fd = p_buffer(P_BLOCK, -1, -1);
	pid_t pid;

	(void)state;
	assert_ok(attach(rx, fd));
	p_set("rx/hang", "1");
	set(rx_dir, "buffer0/enable", "1");
	pid = fork();
	if (!pid) {
		for (;;)
			enqueue(rx, fd, 0);
	}
	for (int i = 0; i < 100; i++) {
		usleep(1000 + 37 * i);
		set(rx_dir, "buffer0/enable", "0");
		set(rx_dir, "buffer0/enable", "1");
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	set(rx_dir, "buffer0/enable", "0");
	done(fd, POLLIN);
	p_set("rx/hang", "0");
}

/* Disabled with blocks in flight: their fences signal. */
static void disable_in_flight(void **state)
{
	int rx = open_buffer(rx_dir);
	int fd = p_buffer(P_BLOCK, -1, -1);

	(void)state;
	assert_ok(attach(rx, fd));
	p_set("rx/hang", "1");
	set(rx_dir, "buffer0/enable", "1");
	assert_ok(enqueue(rx, fd, 0));
	assert_false(p_poll(fd, POLLIN, 50) & POLLIN);
	set(rx_dir, "buffer0/enable", "0");
	done(fd, POLLIN);
	p_set("rx/hang", "0");
}

/* The last test: the radio is gone afterwards. */
static void unplug_in_flight(void **state)
{
	int rx = open_buffer(rx_dir);
	int fd = p_buffer(P_BLOCK, -1, -1);
	char byte[8];

	(void)state;
	assert_ok(attach(rx, fd));
	p_set("rx/hang", "1");
	set(rx_dir, "buffer0/enable", "1");
	assert_ok(enqueue(rx, fd, 0));
	p_set("unplug", "1");
	done(fd, POLLIN);
	assert_errno(enqueue(rx, fd, 0), ENODEV);
	assert_errno(attach(rx, must_create(P_BLOCK)), ENODEV);
	assert_int_equal(read(rx, byte, sizeof(byte)), -1);
	assert_int_equal(errno, ENODEV);
}

static const struct CMUnitTest tests[] = {
	t_test(blocks_go_round),
	t_test(cyclic_goes_round),
	t_test(read_and_write),
	t_test(read_tells_errors),
	t_test(write_tells_errors),
	t_test(read_without_memory),
	t_test(disable_in_flight),
	t_test(disable_while_enqueueing),
	t_test(unplug_in_flight),
};

int main(void)
{
	int ret;

	p_load("");
	find("cen-sdr-rx", rx_dir);
	find("cen-sdr-tx", tx_dir);
	if (!rx_dir[0] || !tx_dir[0])
		t_skip_all("the radio is no IIO device on this kernel");
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	return p_unload() || ret;
}
