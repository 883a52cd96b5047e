// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once, for long: programs stream, link, cancel and get killed, while the host
 * unplugs, suspends, halts, reconfigures, the gadget is unbound and the controller reloaded. After
 * each round nothing is left, and links move every byte in order, both ways.
 *
 * CEN_SOAK_SECONDS of the environment says how long, CEN_SEED which one.
 */
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "usb.h"

#define WORKERS		4
#define BUFFERS		6
#define ROUND_SECONDS	4
#define BLOCKS		100

static const char * const ports[] = { "sdr0-rx", "usb-t-in0", "usb-t-out0", "sdr0-tx" };
#define PORTS		4

static uint64_t seed;
static uint64_t totals[3];	/* rounds, unbinds, reloads */

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
	int ports[PORTS];
	int fds[BUFFERS];
};

static bool set_up(struct worker *w)
{
	const char *names[] = { P_DEVICE, "platform:" G_SIM };
	bool all = true;
	char path[64];

	for (int i = 0; i < PORTS; i++) {
		snprintf(path, sizeof(path), "/dev/cen/%s", ports[i]);
		w->ports[i] = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		all = all && w->ports[i] >= 0;
	}
	for (int i = 0; i < BUFFERS; i++) {
		w->fds[i] = t_create(P_BLOCK, 0, 0, 0);
		for (int j = 0; j < 2; j++) {
			struct cen_device device = t_device(names[j]);

			t_declare(w->fds[i], &device, 1);
		}
		for (int j = 0; j < PORTS; j++)
			p_attach(w->ports[j], w->fds[i]);
	}
	return all;
}

/* In any order: what is closed while others use it is the point. */
static void tear_down(struct worker *w)
{
	int all[BUFFERS + PORTS];
	int count = 0;

	for (int i = 0; i < BUFFERS; i++)
		all[count++] = w->fds[i];
	for (int i = 0; i < PORTS; i++)
		all[count++] = w->ports[i];
	while (count) {
		int i = (int)dice(&w->random, (uint32_t)count);

		if (all[i] >= 0)
			close(all[i]);
		all[i] = all[--count];
	}
}

static void transfer(struct worker *w)
{
	uint64_t offset = 8 * dice(&w->random, P_BLOCK / 8);
	struct cen_port_enqueue arg = {
		.fd = w->fds[dice(&w->random, BUFFERS)], .offset = offset,
		.length = 8 * (1 + dice(&w->random, (P_BLOCK - offset) / 8)),
		.user_data = dice(&w->random, 4),
	};
	int port = w->ports[1 + dice(&w->random, 2)];

	if (dice(&w->random, 4)) {
		p_enqueue_full(port, &arg);
	} else {
		/* as a program for FunctionFS does */
		struct { int fd; uint32_t flags; uint64_t length; } __attribute__((packed)) ffs = {
			.fd = arg.fd, .length = arg.length,
		};

		t_ioctl(port, _IOW('g', 133, ffs), &ffs);
	}
}

static void link_for_a_while(struct worker *w)
{
	int way = 2 * dice(&w->random, 2);
	int32_t sinks[] = { w->ports[way + 1] };
	struct cen_port_link arg = {
		.buffers = (uintptr_t)w->fds, .buffer_count = 2 + dice(&w->random, BUFFERS - 1),
		.sinks = (uintptr_t)sinks, .sink_count = 1, .length = P_BLOCK,
		.flags = dice(&w->random, 2) ? CEN_LINK_DROP : 0,
	};
	struct pollfd fd;

	if (t_ioctl(w->ports[way], CEN_PORT_IOC_LINK, &arg))
		return;
	fd = (struct pollfd) { .fd = arg.fd, .events = POLLIN };
	poll(&fd, 1, (int)dice(&w->random, 200));
	close(arg.fd);
}

static void step(struct worker *w)
{
	struct cen_completion done[8];
	int port = w->ports[1 + dice(&w->random, 2)];

	switch (dice(&w->random, 16)) {
	case 0:
		p_cancel(port, dice(&w->random, 4), 0);
		break;
	case 1:
		p_cancel(port, 0, CEN_CANCEL_ALL);
		break;
	case 2:
		p_detach(port, w->fds[dice(&w->random, BUFFERS)]);
		break;
	case 3:
		p_attach(port, w->fds[dice(&w->random, BUFFERS)]);
		break;
	case 4:
		for (int i = 0; i < PORTS; i++)
			p_cancel(w->ports[i], 0, CEN_CANCEL_ALL);
		link_for_a_while(w);
		break;
	case 5:
		while (read(port, done, sizeof(done)) == sizeof(done))
			;
		break;
	case 6:
		t_ioctl(port, _IO('g', 3), NULL);	/* FUNCTIONFS_CLEAR_HALT */
		break;
	default:
		transfer(w);
	}
}

static void worker(uint64_t random)
{
	struct worker w = { .random = random };

	for (;;) {
		if (!set_up(&w))
			usleep(2000);
		for (unsigned int n = dice(&w.random, 200); n; n--)
			step(&w);
		tear_down(&w);
	}
}

/* --- the host ------------------------------------------------------------------------- */

static void host_streams(bool check)
{
	g_set("ep1in/check", check ? "1" : "0");
	g_set("ep1in/stream", "1");
	g_set("ep1out/stream", "1");
}

static void host_behaves(void)
{
	g_set("ep1in/hang", "0");
	g_set("ep1out/hang", "0");
	g_set("ep1in/fail", "0");
	g_set("ep1out/fail", "0");
	g_set("suspend", "0");
	g_set("plug", "1");
	g_wait_state("enabled");
}

/* The controller goes, gadget and all, and comes back. */
static void reload(void)
{
	assert_int_equal(t_sh("rmmod cen_sim_udc && modprobe cen_sim_udc"), 0);
	/* the gadget waits for a controller of that name */
	g_wait_state("enabled");
	host_streams(false);
	totals[2]++;
}

static void misbehave(uint64_t *random, uint64_t end)
{
	static const char * const hang[] = { "ep1in/hang", "ep1out/hang" };
	static const char * const fail[] = { "ep1in/fail", "ep1out/fail" };
	uint32_t side;

	while (seconds() < end) {
		side = dice(random, 2);
		switch (dice(random, 10)) {
		case 0:
			g_set(hang[side], "1");
			usleep(1000 * dice(random, 50));
			g_set(hang[side], "0");
			break;
		case 1:
			g_set(fail[side], "3");
			break;
		case 2:
			g_set("plug", "0");
			usleep(1000 * dice(random, 50));
			g_set("plug", "1");
			break;
		case 3:
			g_set("suspend", "1");
			usleep(1000 * dice(random, 50));
			g_set("suspend", "0");
			break;
		case 4:	/* SET_INTERFACE */
			g_control(0x01, 0x0b, 1, 0, 0, NULL);
			usleep(1000 * dice(random, 20));
			g_control(0x01, 0x0b, 0, 0, 0, NULL);
			break;
		case 5:	/* SET_ and CLEAR_FEATURE(HALT) */
			g_control(0x02, 0x03, 0, side ? 0x81 : 0x01, 0, NULL);
			usleep(1000 * dice(random, 20));
			g_control(0x02, 0x01, 0, side ? 0x81 : 0x01, 0, NULL);
			break;
		case 6:	/* SET_CONFIGURATION */
			g_control(0x00, 0x09, 0, 0, 0, NULL);
			g_control(0x00, 0x09, 1, 0, 0, NULL);
			break;
		case 7:
			if (dice(random, 4))
				break;
			g_set("plug", "1");
			g_unbind();
			g_bind(G_SIM);
			totals[1]++;
			break;
		default:
			usleep(1000 * dice(random, 100));
		}
	}
}

/* --- rounds -------------------------------------------------------------------------- */

/* A process that died is not through the door yet. */
static void settled(void)
{
	for (int i = 0; i < PORTS; i++) {
		int port = p_open(ports[i]);
		struct cen_port_info info = p_info(port);

		for (unsigned int n = 0; n < 500 * t_slow(); n++) {
			info = p_info(port);
			if (!info.attached && !info.queued && !info.links)
				break;
			usleep(20000);
		}
		assert_int_equal(info.attached, 0);
		assert_int_equal(info.queued, 0);
		assert_int_equal(info.links, 0);
		close(port);
	}
	t_leaves_nothing(NULL);
}

static void a_link_is_whole(int way)
{
	int source = p_open(ports[way]), sink = p_open(ports[way + 1]);
	const char *names[] = { P_DEVICE, "platform:" G_SIM };
	int32_t sinks[] = { sink };
	int fds[BUFFERS];
	struct cen_port_link arg = {
		.buffers = (uintptr_t)fds, .buffer_count = BUFFERS, .sinks = (uintptr_t)sinks,
		.sink_count = 1, .length = P_BLOCK, .blocks = BLOCKS,
	};
	struct cen_link_stats stats;

	for (int i = 0; i < BUFFERS; i++) {
		fds[i] = must_create(P_BLOCK);
		for (int j = 0; j < 2; j++) {
			struct cen_device device = t_device(names[j]);

			assert_ok(t_declare(fds[i], &device, 1));
		}
		assert_ok(p_attach(source, fds[i]));
		assert_ok(p_attach(sink, fds[i]));
	}
	p_reset();
	host_streams(true);
	assert_ok(t_ioctl(source, CEN_PORT_IOC_LINK, &arg));
	assert_true(p_poll(arg.fd, POLLIN, 30000) & POLLHUP);
	assert_ok(t_ioctl(arg.fd, CEN_LINK_IOC_STATS, &stats));
	assert_u64_equal(stats.blocks, BLOCKS);
	assert_int_equal(stats.status, 0);
	assert_u64_equal(p_get("tx/mismatches"), 0);
	assert_u64_equal(g_get("ep1in/mismatches"), 0);
	close(arg.fd);
	for (int i = 0; i < BUFFERS; i++)
		close(fds[i]);
	close(source);
	close(sink);
}

static void one_round(uint64_t *random)
{
	pid_t pids[WORKERS];

	host_streams(false);
	for (unsigned int i = 0; i < WORKERS; i++) {
		pids[i] = fork();
		if (!pids[i])
			worker(t_random(random) + i);
		/* each child has numbers of its own */
		t_random(random);
	}
	misbehave(random, seconds() + ROUND_SECONDS);
	/* sometimes the controller goes first */
	if (dice(random, 3) == 0)
		reload();
	host_behaves();
	for (unsigned int i = 0; i < WORKERS; i++) {
		kill(pids[i], SIGKILL);
		assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
	}
	settled();
	a_link_is_whole(0);
	a_link_is_whole(2);
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
		printf("# %llu s: %llu rounds, %llu unbinds, %llu reloads\n",
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

	g_load("cen_sim_udc", "");
	p_load("");
	g_gadget(G_SIM, "in=1 out=1");
	seed = t_seed(0x5b0a);
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	g_gadget_remove();
	g_unload("cen_sim_udc");
	return p_unload() || ret;
}
