// SPDX-License-Identifier: GPL-2.0
/*
 * Many: 64 ports at once, 1000 buffers at one. All data arrives, and what one transfer costs
 * does not depend on how many buffers are attached.
 */
#include <time.h>

#include "port.h"

#define RADIOS	32
#define MANY	1000
#define SMALL	PAGE

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static int open_radio(int number, const char *direction)
{
	char name[32];

	snprintf(name, sizeof(name), "sdr%d-%s", number, direction);
	return p_open(name);
}

/* A buffer for one radio of many, attached to its ports (-1: not). */
static int buffer_for(int number, uint64_t size, int rx, int tx)
{
	struct cen_device device;
	char name[64];
	int fd = must_create(size);

	snprintf(name, sizeof(name), "platform:cen_sim_sdr.%d", number);
	device = t_device(name);
	assert_ok(t_declare(fd, &device, 1));
	assert_ok(p_attach(rx, fd));
	if (tx >= 0)
		assert_ok(p_attach(tx, fd));
	return fd;
}

static void sixty_four_ports(void **state)
{
	int rx[RADIOS], tx[RADIOS], fd[RADIOS];

	(void)state;
	for (int i = 0; i < RADIOS; i++) {
		rx[i] = open_radio(i, "rx");
		tx[i] = open_radio(i, "tx");
		fd[i] = buffer_for(i, P_BLOCK, rx[i], tx[i]);
	}
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < RADIOS; i++) {
			assert_ok(p_enqueue(rx[i], fd[i], round));
			assert_ok(p_enqueue(tx[i], fd[i], round));
		}
		for (int i = 0; i < RADIOS; i++) {
			assert_int_equal(p_wait(rx[i]).status, 0);
			assert_int_equal(p_wait(tx[i]).status, 0);
		}
	}
	for (int i = 0; i < RADIOS; i++) {
		char file[96], text[32];

		snprintf(file, sizeof(file),
			 "/sys/kernel/debug/cen_sim_sdr/cen_sim_sdr.%d/tx/mismatches", i);
		assert_true(t_read_file(file, text, sizeof(text)));
		assert_int_equal(atoi(text), 0);
	}
}

/* One buffer at 64 ports: as many devices as a buffer can have. */
static void one_buffer_everywhere(void **state)
{
	int fd = must_create(P_BLOCK), rx[RADIOS], tx[RADIOS];
	/* the DMA-API debugging counts to seven maps of one place, and warns of more */
	int radios = t_lane("debug*") ? 3 : RADIOS;

	(void)state;
	for (int i = 0; i < radios; i++) {
		rx[i] = open_radio(i, "rx");
		tx[i] = open_radio(i, "tx");
		assert_ok(p_attach(rx[i], fd));
		assert_ok(p_attach(tx[i], fd));
	}
	/* writers go one after another, readers wait for the writer before them */
	for (int i = 0; i < radios; i++)
		assert_ok(p_enqueue(rx[i], fd, i));
	for (int i = 0; i < radios; i++)
		assert_ok(p_enqueue(tx[i], fd, i));
	for (int i = 0; i < radios; i++) {
		assert_int_equal(p_wait(rx[i]).status, 0);
		assert_int_equal(p_wait(tx[i]).status, 0);
	}
}

static void thousand_buffers(void **state)
{
	struct cen_device device = t_device(P_DEVICE);
	int rx = p_open("sdr0-rx"), *fds = calloc(MANY, sizeof(*fds));
	uint32_t counter = 0;

	(void)state;
	p_reset();
	assert_non_null(fds);
	for (int i = 0; i < MANY; i++) {
		fds[i] = must_create(SMALL);
		assert_ok(t_declare(fds[i], &device, 1));
		assert_ok(p_attach(rx, fds[i]));
	}
	assert_int_equal(p_info(rx).attached, MANY);
	for (int i = 0; i < MANY; i++) {
		struct cen_port_enqueue arg = { .fd = fds[i], .length = SMALL, .user_data = i };

		assert_ok(p_enqueue_full(rx, &arg));
	}
	for (int i = 0; i < MANY; i++) {
		struct cen_completion c = p_wait(rx);

		assert_int_equal(c.status, 0);
		assert_u64_equal(c.user_data, i);
	}
	for (int i = 0; i < MANY; i++)
		assert_int_equal(p_wrong(fds[i], SMALL, &counter), 0);
	free(fds);
}

/* ns of one enqueue. */
static uint64_t enqueue_ns(int rx, int fd)
{
	struct cen_port_enqueue arg = { .fd = fd, .length = 8, .flags = CEN_ENQUEUE_NO_IMPLICIT };
	uint64_t took = now_ns();

	for (int i = 0; i < 40; i++)
		assert_ok(p_enqueue_full(rx, &arg));
	took = (now_ns() - took) / 40;
	for (int i = 0; i < 40; i++)
		p_wait(rx);
	return took;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void enqueue_does_not_slow_down(void **state)
{
	int crowded = open_radio(0, "rx"), last = -1;
	int quiet = open_radio(1, "rx"), lone = buffer_for(1, SMALL, quiet, -1);
	uint64_t alone = UINT64_MAX, among = UINT64_MAX;

	(void)state;
	for (int i = 0; i < MANY; i++)
		last = buffer_for(0, SMALL, crowded, -1);
	/* in turns, and the best of many: others use this machine, too, now more and now less */
	for (int turn = 0; turn < 20; turn++) {
		alone = least(alone, enqueue_ns(quiet, lone));
		among = least(among, enqueue_ns(crowded, last));
	}
	print_message("# enqueue: %llu ns with 1 buffer attached, %llu ns with %d\n",
		      (unsigned long long)alone, (unsigned long long)among, MANY);
	/* a search through them would be some hundred times slower */
	assert_true(among < 3 * alone);
}

static const struct CMUnitTest tests[] = {
	t_test(sixty_four_ports),
	t_test(one_buffer_everywhere),
	t_test(thousand_buffers),
	t_test(enqueue_does_not_slow_down),
};

int main(void)
{
	int ret;

	p_load("devices=32");
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	return p_unload() || ret;
}
