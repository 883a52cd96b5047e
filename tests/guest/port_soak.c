// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once, for long: programs stream, link, cancel, are late and get killed, while the
 * radio fails, hangs, recovers and is reloaded. After each round nothing is left, and a
 * link moves every byte in order.
 *
 * CEN_SOAK_SECONDS of the environment says how long (make soak: ten minutes), CEN_SEED which one.
 */
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "port.h"

#define WORKERS		5
#define BUFFERS		8
#define ROUND_SECONDS	4

static uint64_t seed;
static uint64_t totals[3];	/* rounds, blocks, reloads */

static uint32_t dice(uint64_t *state, uint32_t sides)
{
	return (uint32_t)(t_random(state) >> 33) % sides;
}

static uint64_t seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* --- workers: nothing here asserts, for anything may fail at any time ------------------ */

struct worker {
	uint64_t random;
	int rx, tx;
	int fds[BUFFERS];
};

static bool set_up(struct worker *w)
{
	struct cen_device device = t_device(P_DEVICE);

	w->rx = open("/dev/cen/sdr0-rx", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	w->tx = open("/dev/cen/sdr0-tx", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	for (int i = 0; i < BUFFERS; i++) {
		w->fds[i] = t_create(P_BLOCK, 0, 0, 0);
		if (w->fds[i] >= 0)
			t_declare(w->fds[i], &device, 1);
		p_attach(w->rx, w->fds[i]);
		p_attach(w->tx, w->fds[i]);
	}
	return w->rx >= 0 && w->tx >= 0;
}

/* In any order: what is closed while others use it is the point. */
static void tear_down(struct worker *w)
{
	int all[BUFFERS + 2];
	int count = 0;

	for (int i = 0; i < BUFFERS; i++)
		all[count++] = w->fds[i];
	all[count++] = w->rx;
	all[count++] = w->tx;
	while (count) {
		int i = (int)dice(&w->random, (uint32_t)count);

		close(all[i]);
		all[i] = all[--count];
	}
}

static void read_some(int port)
{
	struct cen_completion done[8];

	while (read(port, done, sizeof(done)) == sizeof(done))
		;
}

static void transfer(struct worker *w)
{
	int fd = w->fds[dice(&w->random, BUFFERS)];
	struct cen_port_enqueue arg = {
		.fd = fd, .length = 8 * (1 + dice(&w->random, P_BLOCK / 8)),
		.user_data = dice(&w->random, 4),
	};
	int port = dice(&w->random, 2) ? w->rx : w->tx, fence = -1;

	if (dice(&w->random, 4) == 0) {
		arg.flags = CEN_ENQUEUE_OUT_FENCE;
		if (p_enqueue_full(port, &arg))
			return;
		fence = arg.out_fence;
		arg = (struct cen_port_enqueue) { .fd = fd, .length = 8, .in_fence = fence,
						  .flags = CEN_ENQUEUE_IN_FENCE };
		port = port == w->rx ? w->tx : w->rx;
	} else if (dice(&w->random, 8) == 0) {
		arg.flags = CEN_ENQUEUE_QUIET;
	} else if (dice(&w->random, 32) == 0) {
		arg.flags = CEN_ENQUEUE_CYCLIC;
	}
	p_enqueue_full(port, &arg);
	if (fence >= 0)
		close(fence);
}

static void link_for_a_while(struct worker *w)
{
	int32_t sinks[] = { w->tx };
	struct cen_port_link arg = {
		.buffers = (uintptr_t)w->fds, .buffer_count = 2 + dice(&w->random, BUFFERS - 1),
		.sinks = (uintptr_t)sinks, .sink_count = 1, .length = P_BLOCK,
		.blocks = dice(&w->random, 3) ? 0 : 1 + dice(&w->random, 50),
		.flags = dice(&w->random, 2) ? CEN_LINK_DROP : 0,
	};
	struct cen_link_stop stop = { .mode = dice(&w->random, 2) };
	struct cen_link_stats stats;
	struct pollfd fd;

	if (t_ioctl(w->rx, CEN_PORT_IOC_LINK, &arg))
		return;
	fd = (struct pollfd) { .fd = arg.fd, .events = POLLIN };
	poll(&fd, 1, (int)dice(&w->random, 100));
	t_ioctl(arg.fd, CEN_LINK_IOC_STATS, &stats);
	/* a drain waits for a device that may hang: only now and then */
	if (dice(&w->random, 4) == 0)
		t_ioctl(arg.fd, CEN_LINK_IOC_STOP, &stop);
	close(arg.fd);
}

static void worker(uint64_t random)
{
	struct worker w = { .random = random };

	for (;;) {
		if (!set_up(&w))
			usleep(2000);
		for (unsigned int n = dice(&w.random, 200); n; n--) {
			switch (dice(&w.random, 16)) {
			case 0:
				p_cancel(dice(&w.random, 2) ? w.rx : w.tx, dice(&w.random, 4), 0);
				break;
			case 1:
				p_cancel(dice(&w.random, 2) ? w.rx : w.tx, 0, CEN_CANCEL_ALL);
				break;
			case 2:
				p_detach(w.rx, w.fds[dice(&w.random, BUFFERS)]);
				break;
			case 3:
				p_attach(w.rx, w.fds[dice(&w.random, BUFFERS)]);
				break;
			case 4:
				p_cancel(w.rx, 0, CEN_CANCEL_ALL);
				p_cancel(w.tx, 0, CEN_CANCEL_ALL);
				link_for_a_while(&w);
				break;
			case 5:
			case 6:
				read_some(w.rx);
				read_some(w.tx);
				break;
			default:
				transfer(&w);
			}
		}
		tear_down(&w);
	}
}

/* --- rounds -------------------------------------------------------------------------- */

/* The radio misbehaves until @end, and behaves again. */
static void misbehave(uint64_t *random, uint64_t end)
{
	static const char * const hang[] = { "rx/hang", "tx/hang" };
	static const char * const fail[] = { "rx/fail", "tx/fail" };
	static const char * const rates[] = { "0", "1000000", "100000000" };

	while (seconds() < end) {
		uint32_t side = dice(random, 2);

		switch (dice(random, 4)) {
		case 0:
			p_set(hang[side], "1");
			usleep(1000 * dice(random, 50));
			p_set(hang[side], "0");
			break;
		case 1:
			p_set(fail[side], "3");
			break;
		case 2:
			p_set("rx/rate", rates[dice(random, ARRAY_SIZE(rates))]);
			break;
		default:
			usleep(1000 * dice(random, 100));
		}
	}
	p_set("rx/fail", "0");
	p_set("tx/fail", "0");
}

/* A process that died is not through the door yet. */
static void settled(void)
{
	int rx = p_open("sdr0-rx"), tx = p_open("sdr0-tx");

	for (unsigned int i = 0; i < 500 * t_slow(); i++) {
		struct cen_port_info a = p_info(rx), b = p_info(tx);

		if (!a.attached && !b.attached && !a.queued && !b.queued && !a.links && !b.links)
			break;
		usleep(20000);
	}
	assert_int_equal(p_info(rx).attached, 0);
	assert_int_equal(p_info(tx).attached, 0);
	assert_int_equal(p_info(rx).queued, 0);
	assert_int_equal(p_info(tx).queued, 0);
	assert_int_equal(p_info(rx).links, 0);
	assert_int_equal(p_info(tx).links, 0);
	close(rx);
	close(tx);
	t_leaves_nothing(NULL);
}

static void a_link_is_whole(void)
{
	int rx = p_open("sdr0-rx"), tx = p_open("sdr0-tx"), fds[BUFFERS];
	int32_t sinks[] = { tx };
	struct cen_port_link arg;
	struct cen_link_stats stats;

	p_reset();
	for (int i = 0; i < BUFFERS; i++)
		fds[i] = p_buffer(P_BLOCK, rx, tx);
	arg = (struct cen_port_link) {
		.buffers = (uintptr_t)fds, .buffer_count = BUFFERS, .sinks = (uintptr_t)sinks,
		.sink_count = 1, .length = P_BLOCK, .blocks = 200,
	};
	assert_ok(t_ioctl(rx, CEN_PORT_IOC_LINK, &arg));
	assert_true(p_poll(arg.fd, POLLIN, 30000) & POLLHUP);
	assert_ok(t_ioctl(arg.fd, CEN_LINK_IOC_STATS, &stats));
	assert_u64_equal(stats.blocks, 200);
	assert_int_equal(stats.status, 0);
	assert_u64_equal(p_get("tx/mismatches"), 0);
	close(arg.fd);
	for (int i = 0; i < BUFFERS; i++)
		close(fds[i]);
	totals[1] += p_info(tx).blocks;
	close(rx);
	close(tx);
}

static void one_round(uint64_t *random)
{
	pid_t pids[WORKERS];

	for (unsigned int i = 0; i < WORKERS; i++) {
		pids[i] = fork();
		if (!pids[i])
			worker(t_random(random) + i);
		/* each child has numbers of its own */
		t_random(random);
	}
	misbehave(random, seconds() + ROUND_SECONDS);
	/* sometimes the radio goes first */
	if (dice(random, 4) == 0) {
		assert_int_equal(p_unload(), 0);
		p_load("");
		totals[2]++;
	}
	for (unsigned int i = 0; i < WORKERS; i++) {
		kill(pids[i], SIGKILL);
		assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
	}
	settled();
	a_link_is_whole();
	totals[0]++;
}

static void soak(void **state)
{
	const char *text = getenv("CEN_SOAK_SECONDS");
	uint64_t random = seed, start = seconds();
	uint64_t end = start + (text ? strtoull(text, NULL, 0) : 12);

	(void)state;
	do {
		one_round(&random);
		printf("# %llu s: %llu rounds, %llu blocks, %llu reloads\n",
		       (unsigned long long)(seconds() - start), (unsigned long long)totals[0],
		       (unsigned long long)totals[1], (unsigned long long)totals[2]);
	} while (seconds() < end);
}

static const struct CMUnitTest tests[] = {
	t_test(soak),
};

int main(void)
{
	int ret;

	p_load("");
	seed = t_seed(0x50a4);
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	return p_unload() || ret;
}
