// SPDX-License-Identifier: GPL-2.0
/*
 * Ports and what they share buffers with: devices of other coherency, buffers of other
 * exporters, and those who die with a fence unsignalled.
 */
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "port.h"

/* Policy enforce: devices of one coherency only. */
static void mixed_coherency_is_refused(void **state)
{
	int enforcing, fd, id;

	(void)state;
	p_load("policy=1");
	enforcing = p_open("sdr0-rx");
	assert_int_equal(p_info(enforcing).policy, CEN_PORT_ENFORCE);

	p_must_limit_other_coherency(enforcing);
	fd = must_create(P_BLOCK);
	id = must_attach(fd, 0);
	assert_errno(p_attach(enforcing, fd), EPERM);
	assert_int_equal(p_info(enforcing).attached, 0);
	/* alone, or with devices like itself, it is fine */
	assert_ok(t_release(id));
	assert_ok(p_attach(enforcing, fd));
	assert_ok(p_enqueue(enforcing, fd, 1));
	assert_int_equal(p_wait(enforcing).status, 0);
	close(enforcing);
	assert_int_equal(p_unload(), 0);
}

/* The same buffer and policy sync: no objection, caches are maintained. */
static void mixed_coherency_is_synced(void **state)
{
	uint32_t counter = 0;
	int port, fd;

	(void)state;
	p_load("policy=0");
	p_reset();
	port = p_open("sdr0-rx");
	p_must_limit_other_coherency(port);
	fd = must_create(P_BLOCK);
	must_attach(fd, 0);
	assert_ok(p_attach(port, fd));
	assert_ok(p_enqueue(port, fd, 1));
	assert_int_equal(p_wait(port).status, 0);
	assert_int_equal(p_wrong(fd, P_BLOCK, &counter), 0);
	close(port);
	assert_int_equal(p_unload(), 0);
}

static int heap_buffer(void)
{
	struct dma_heap_allocation_data data = { .len = P_BLOCK, .fd_flags = O_RDWR | O_CLOEXEC };
	int heap = open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC);

	if (heap < 0)
		return -ENOENT;
	assert_ok(t_ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data));
	close(heap);
	return data.fd;
}

static int udmabuf_buffer(void)
{
	struct udmabuf_create create = { .size = P_BLOCK, .flags = UDMABUF_FLAGS_CLOEXEC };
	int node = open("/dev/udmabuf", O_RDWR | O_CLOEXEC), fd;

	if (node < 0)
		return -ENOENT;
	create.memfd = memfd_create("block", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	assert_int_equal(ftruncate(create.memfd, P_BLOCK), 0);
	assert_int_equal(fcntl(create.memfd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	fd = ioctl(node, UDMABUF_CREATE, &create);
	close(create.memfd);
	close(node);
	return fd;
}

static void receive_and_transmit(int fd)
{
	uint32_t counter = 0;
	int rx, tx;

	if (fd < 0)
		t_skip("this kernel has no such exporter");
	/* far away memory would bounce, 256 KiB at a time: that is not the point here */
	p_load("dma_bits=64");
	p_reset();
	rx = p_open("sdr0-rx");
	tx = p_open("sdr0-tx");
	/*
	 * One after the other: with two maps of one buffer for one device the DMA-API debugging
	 * does not know which a sync is about, and says that there is none.
	 */
	for (int i = 0; i < 3; i++) {
		assert_ok(p_attach(rx, fd));
		assert_ok(p_enqueue(rx, fd, i));
		assert_int_equal(p_wait(rx).status, 0);
		assert_ok(p_detach(rx, fd));
		assert_int_equal(p_wrong(fd, P_BLOCK, &counter), 0);
		assert_ok(p_attach(tx, fd));
		assert_ok(p_enqueue(tx, fd, i));
		assert_int_equal(p_wait(tx).status, 0);
		assert_ok(p_detach(tx, fd));
	}
	assert_u64_equal(p_get("tx/mismatches"), 0);
	close(rx);
	close(tx);
	close(fd);
	assert_int_equal(p_unload(), 0);
}

static void buffers_of_the_system_heap(void **state)
{
	(void)state;
	receive_and_transmit(heap_buffer());
}

static void buffers_of_udmabuf(void **state)
{
	(void)state;
	receive_and_transmit(udmabuf_buffer());
}

/* Whoever owed the fence is killed: the transfer behind it is not stuck. */
static void a_fence_from_the_dead(void **state)
{
	int rx, tx, fd, status, ready[2];
	pid_t pid;
	char byte;

	(void)state;
	p_load("");
	p_reset();
	rx = p_open("sdr0-rx");
	tx = p_open("sdr0-tx");
	fd = p_buffer(P_BLOCK, rx, tx);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		close(t_cti);
		t_cti = open("/dev/cen_test_importer", O_RDWR | O_CLOEXEC);
		if (t_fence(fd, true) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_ok(p_enqueue(tx, fd, 1));
	assert_ok(p_enqueue(rx, fd, 2));	/* behind the transmitter, too */
	assert_false(p_poll(tx, POLLIN, 50) & POLLIN);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(p_wait(tx).status, 0);
	assert_int_equal(p_wait(rx).status, 0);
	close(rx);
	close(tx);
	assert_int_equal(p_unload(), 0);
}

/* A foreign exporter's program dies with our transfer in flight: its memory stays. */
static void an_exporter_that_dies(void **state)
{
	struct cen_completion c;
	int rx, status;
	pid_t pid;

	(void)state;
	p_load("dma_bits=64");
	pid = fork();
	if (!pid) {
		int port = p_open("sdr0-rx"), fd = heap_buffer();

		if (fd < 0)
			_exit(2);
		p_set("rx/hang", "1");
		if (p_attach(port, fd) || p_enqueue(port, fd, 1))
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	p_set("rx/hang", "0");
	rx = p_open("sdr0-rx");
	assert_int_equal(p_info(rx).attached, 0);
	assert_int_equal(p_info(rx).queued, 0);
	assert_int_equal(fcntl(rx, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(read(rx, &c, sizeof(c)), -1);
	assert_int_equal(errno, EAGAIN);
	close(rx);
	assert_int_equal(p_unload(), 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		t_skip("this kernel has no system heap");
	assert_true(WIFSIGNALED(status));
}

static const struct CMUnitTest tests[] = {
	t_test(mixed_coherency_is_refused),
	t_test(mixed_coherency_is_synced),
	t_test(buffers_of_the_system_heap),
	t_test(buffers_of_udmabuf),
	t_test(a_fence_from_the_dead),
	t_test(an_exporter_that_dies),
};

int main(void)
{
	p_load("");
	if (p_unload())
		return 1;
	return t_run(tests, ARRAY_SIZE(tests), T_IMPORTER);
}
