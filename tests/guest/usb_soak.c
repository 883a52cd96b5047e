// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once, for long: programs stream, link, cancel and get killed, while the host
 * unplugs, suspends, halts, reconfigures, the gadget is unbound and the controller reloaded. After
 * each round nothing is left, and links move every byte in order, both ways.
 *
 * CEN_SOAK_SECONDS of the environment says how long, CEN_SEED which one.
 */
#include <poll.h>

#include "soak.h"
#include "usb.h"

#define BUFFERS		6
#define BLOCKS		100

static const char * const devices[] = { P_DEVICE, "platform:" G_SIM };

static const char * const ports[] = { "sdr0-rx", "usb-t-in0", "usb-t-out0", "sdr0-tx" };
#define PORTS		4

static uint64_t unbinds, reloads;

/* --- workers: nothing here asserts, for anything may fail at any time ------------------ */

struct worker {
	uint64_t random;
	int ports[PORTS];
	int fds[BUFFERS];
};

static bool set_up(struct worker *w)
{
	bool all = true;
	char path[64];

	for (int i = 0; i < PORTS; i++) {
		snprintf(path, sizeof(path), "/dev/cen/%s", ports[i]);
		w->ports[i] = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		all = all && w->ports[i] >= 0;
	}
	for (int i = 0; i < BUFFERS; i++) {
		w->fds[i] = soak_buffer(devices, ARRAY_SIZE(devices));
		for (int j = 0; j < PORTS; j++)
			p_attach(w->ports[j], w->fds[i]);
	}
	return all;
}

static void tear_down(struct worker *w)
{
	int all[BUFFERS + PORTS];

	memcpy(all, w->ports, sizeof(w->ports));
	memcpy(all + PORTS, w->fds, sizeof(w->fds));
	soak_close_in_any_order(&w->random, all, ARRAY_SIZE(all));
}

static void transfer(struct worker *w)
{
	uint64_t offset = 8 * soak_dice(&w->random, P_BLOCK / 8);
	struct cen_port_enqueue arg = {
		.fd = w->fds[soak_dice(&w->random, BUFFERS)], .offset = offset,
		.length = 8 * (1 + soak_dice(&w->random, (P_BLOCK - offset) / 8)),
		.user_data = soak_dice(&w->random, 4),
	};
	int port = w->ports[1 + soak_dice(&w->random, 2)];

	if (soak_dice(&w->random, 4)) {
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
	int way = 2 * soak_dice(&w->random, 2);
	int32_t sinks[] = { w->ports[way + 1] };
	struct cen_port_link arg = {
		.buffers = (uintptr_t)w->fds, .buffer_count = 2 + soak_dice(&w->random, BUFFERS - 1),
		.sinks = (uintptr_t)sinks, .sink_count = 1, .length = P_BLOCK,
		.flags = soak_dice(&w->random, 2) ? CEN_LINK_DROP : 0,
	};
	struct pollfd fd;

	if (t_ioctl(w->ports[way], CEN_PORT_IOC_LINK, &arg))
		return;
	fd = (struct pollfd) { .fd = arg.fd, .events = POLLIN };
	poll(&fd, 1, (int)soak_dice(&w->random, 200));
	close(arg.fd);
}

static void step(struct worker *w)
{
	struct cen_completion done[8];
	int port = w->ports[1 + soak_dice(&w->random, 2)];

	switch (soak_dice(&w->random, 16)) {
	case 0:
		p_cancel(port, soak_dice(&w->random, 4), 0);
		break;
	case 1:
		p_cancel(port, 0, CEN_CANCEL_ALL);
		break;
	case 2:
		p_detach(port, w->fds[soak_dice(&w->random, BUFFERS)]);
		break;
	case 3:
		p_attach(port, w->fds[soak_dice(&w->random, BUFFERS)]);
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
		for (unsigned int n = soak_dice(&w.random, 200); n; n--)
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
	reloads++;
}

static void misbehave(uint64_t *random, uint64_t end)
{
	static const char * const hang[] = { "ep1in/hang", "ep1out/hang" };
	static const char * const fail[] = { "ep1in/fail", "ep1out/fail" };
	uint32_t side;

	while (soak_seconds() < end) {
		side = soak_dice(random, 2);
		switch (soak_dice(random, 10)) {
		case 0:
			g_set(hang[side], "1");
			usleep(1000 * soak_dice(random, 50));
			g_set(hang[side], "0");
			break;
		case 1:
			g_set(fail[side], "3");
			break;
		case 2:
			g_set("plug", "0");
			usleep(1000 * soak_dice(random, 50));
			g_set("plug", "1");
			break;
		case 3:
			g_set("suspend", "1");
			usleep(1000 * soak_dice(random, 50));
			g_set("suspend", "0");
			break;
		case 4:	/* SET_INTERFACE */
			g_control(0x01, 0x0b, 1, 0, 0, NULL);
			usleep(1000 * soak_dice(random, 20));
			g_control(0x01, 0x0b, 0, 0, 0, NULL);
			break;
		case 5:	/* SET_ and CLEAR_FEATURE(HALT) */
			g_control(0x02, 0x03, 0, side ? 0x81 : 0x01, 0, NULL);
			usleep(1000 * soak_dice(random, 20));
			g_control(0x02, 0x01, 0, side ? 0x81 : 0x01, 0, NULL);
			break;
		case 6:	/* SET_CONFIGURATION */
			g_control(0x00, 0x09, 0, 0, 0, NULL);
			g_control(0x00, 0x09, 1, 0, 0, NULL);
			break;
		case 7:
			if (soak_dice(random, 4))
				break;
			g_set("plug", "1");
			g_unbind();
			g_bind(G_SIM);
			unbinds++;
			break;
		default:
			usleep(1000 * soak_dice(random, 100));
		}
	}
}

/* --- rounds -------------------------------------------------------------------------- */

static void behave(uint64_t *random)
{
	/* sometimes the controller goes first */
	if (soak_dice(random, 3) == 0)
		reload();
	host_behaves();
	/* nobody is left to check what workers stream */
	host_streams(false);
}

static void whole(void)
{
	for (int way = 0; way < PORTS; way += 2) {
		p_reset();
		host_streams(true);
		soak_link(ports[way], ports[way + 1], devices, ARRAY_SIZE(devices), BLOCKS);
		assert_u64_equal(p_get("tx/mismatches"), 0);
		assert_u64_equal(g_get("ep1in/mismatches"), 0);
	}
	host_streams(false);
}

static void report(void)
{
	printf(", %llu unbinds, %llu reloads\n", (unsigned long long)unbinds,
	       (unsigned long long)reloads);
}

static void everything_at_once(void **state)
{
	const struct soak soak = {
		.ports = ports, .count = PORTS, .workers = 4, .work = worker,
		.misbehave = misbehave, .behave = behave, .whole = whole, .report = report,
	};

	(void)state;
	host_streams(false);
	soak_run(&soak, t_seed(0x5b0a));
}

static const struct CMUnitTest tests[] = {
	t_test(everything_at_once),
};

int main(void)
{
	int ret;

	g_load("cen_sim_udc", "");
	p_load("");
	g_gadget(G_SIM, "in=1 out=1");
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	g_gadget_remove();
	g_unload("cen_sim_udc");
	return p_unload() || ret;
}
