// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once, for long: programs stream, link, cancel, are late and get killed, while the
 * radio fails, hangs, recovers and is reloaded. After each round nothing is left, and a
 * link moves every byte in order.
 *
 * CEN_SOAK_SECONDS of the environment says how long (make soak: ten minutes), CEN_SEED which one.
 */
#include <poll.h>

#include "soak.h"

#define BUFFERS		8

static const char * const devices[] = { P_DEVICE };
static uint64_t blocks, reloads;

/* --- workers: nothing here asserts, for anything may fail at any time ------------------ */

struct worker {
	uint64_t random;
	int rx, tx;
	int fds[BUFFERS];
};

static bool set_up(struct worker *w)
{
	w->rx = open("/dev/cen/sdr0-rx", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	w->tx = open("/dev/cen/sdr0-tx", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	for (int i = 0; i < BUFFERS; i++) {
		w->fds[i] = soak_buffer(devices, 1);
		p_attach(w->rx, w->fds[i]);
		p_attach(w->tx, w->fds[i]);
	}
	return w->rx >= 0 && w->tx >= 0;
}

static void tear_down(struct worker *w)
{
	int all[BUFFERS + 2] = { w->rx, w->tx };

	memcpy(all + 2, w->fds, sizeof(w->fds));
	soak_close_in_any_order(&w->random, all, ARRAY_SIZE(all));
}

static void read_some(int port)
{
	struct cen_completion done[8];

	while (read(port, done, sizeof(done)) == sizeof(done))
		;
}

static void transfer(struct worker *w)
{
	int fd = w->fds[soak_dice(&w->random, BUFFERS)];
	struct cen_port_enqueue arg = {
		.fd = fd, .length = 8 * (1 + soak_dice(&w->random, P_BLOCK / 8)),
		.user_data = soak_dice(&w->random, 4),
	};
	int port = soak_dice(&w->random, 2) ? w->rx : w->tx, fence = -1;

	if (soak_dice(&w->random, 4) == 0) {
		arg.flags = CEN_ENQUEUE_OUT_FENCE;
		if (p_enqueue_full(port, &arg))
			return;
		fence = arg.out_fence;
		arg = (struct cen_port_enqueue) { .fd = fd, .length = 8, .in_fence = fence,
						  .flags = CEN_ENQUEUE_IN_FENCE };
		port = port == w->rx ? w->tx : w->rx;
	} else if (soak_dice(&w->random, 8) == 0) {
		arg.flags = CEN_ENQUEUE_QUIET;
	} else if (soak_dice(&w->random, 32) == 0) {
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
		.buffers = (uintptr_t)w->fds, .buffer_count = 2 + soak_dice(&w->random, BUFFERS - 1),
		.sinks = (uintptr_t)sinks, .sink_count = 1, .length = P_BLOCK,
		.blocks = soak_dice(&w->random, 3) ? 0 : 1 + soak_dice(&w->random, 50),
		.flags = soak_dice(&w->random, 2) ? CEN_LINK_DROP : 0,
	};
	struct cen_link_stop stop = { .mode = soak_dice(&w->random, 2) };
	struct cen_link_stats stats;
	struct pollfd fd;

	if (t_ioctl(w->rx, CEN_PORT_IOC_LINK, &arg))
		return;
	fd = (struct pollfd) { .fd = arg.fd, .events = POLLIN };
	poll(&fd, 1, (int)soak_dice(&w->random, 100));
	t_ioctl(arg.fd, CEN_LINK_IOC_STATS, &stats);
	/* a drain waits for a device that may hang: only now and then */
	if (soak_dice(&w->random, 4) == 0)
		t_ioctl(arg.fd, CEN_LINK_IOC_STOP, &stop);
	close(arg.fd);
}

static void worker(uint64_t random)
{
	struct worker w = { .random = random };

	for (;;) {
		if (!set_up(&w))
			usleep(2000);
		for (unsigned int n = soak_dice(&w.random, 200); n; n--) {
			switch (soak_dice(&w.random, 16)) {
			case 0:
				p_cancel(soak_dice(&w.random, 2) ? w.rx : w.tx, soak_dice(&w.random, 4), 0);
				break;
			case 1:
				p_cancel(soak_dice(&w.random, 2) ? w.rx : w.tx, 0, CEN_CANCEL_ALL);
				break;
			case 2:
				p_detach(w.rx, w.fds[soak_dice(&w.random, BUFFERS)]);
				break;
			case 3:
				p_attach(w.rx, w.fds[soak_dice(&w.random, BUFFERS)]);
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

	while (soak_seconds() < end) {
		uint32_t side = soak_dice(random, 2);

		switch (soak_dice(random, 4)) {
		case 0:
			p_set(hang[side], "1");
			usleep(1000 * soak_dice(random, 50));
			p_set(hang[side], "0");
			break;
		case 1:
			p_set(fail[side], "3");
			break;
		case 2:
			p_set("rx/rate", rates[soak_dice(random, ARRAY_SIZE(rates))]);
			break;
		default:
			usleep(1000 * soak_dice(random, 100));
		}
	}
	p_set("rx/fail", "0");
	p_set("tx/fail", "0");
}

static void behave(uint64_t *random)
{
	/* sometimes the radio goes first */
	if (soak_dice(random, 4))
		return;
	assert_int_equal(p_unload(), 0);
	p_load("");
	reloads++;
}

static void whole(void)
{
	int tx = p_open("sdr0-tx");

	p_reset();
	soak_link("sdr0-rx", "sdr0-tx", devices, 1, 200);
	assert_u64_equal(p_get("tx/mismatches"), 0);
	blocks += p_info(tx).blocks;
	close(tx);
}

static void report(void)
{
	printf(", %llu blocks, %llu reloads\n", (unsigned long long)blocks,
	       (unsigned long long)reloads);
}

static void everything_at_once(void **state)
{
	static const char * const ports[] = { "sdr0-rx", "sdr0-tx" };
	const struct soak soak = {
		.ports = ports, .count = ARRAY_SIZE(ports), .workers = 5, .work = worker,
		.misbehave = misbehave, .behave = behave, .whole = whole, .report = report,
	};

	(void)state;
	soak_run(&soak, t_seed(0x50a4));
}

static const struct CMUnitTest tests[] = {
	t_test(everything_at_once),
};

int main(void)
{
	int ret;

	p_load("");
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	return p_unload() || ret;
}
