// SPDX-License-Identifier: GPL-2.0
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "soak.h"

#define WORKERS_MAX	8
#define LINK_BUFFERS	8

uint32_t soak_dice(uint64_t *state, uint32_t sides)
{
	return (uint32_t)(t_random(state) >> 33) % sides;
}

uint64_t soak_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

void soak_close_in_any_order(uint64_t *random, int *fds, unsigned int count)
{
	while (count) {
		uint32_t i = soak_dice(random, count);

		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = fds[--count];
	}
}

int soak_buffer(const char * const devices[], unsigned int count)
{
	int fd = t_create(P_BLOCK, 0, 0, 0);

	for (unsigned int i = 0; fd >= 0 && i < count; i++) {
		struct cen_device device = t_device(devices[i]);

		t_declare(fd, &device, 1);
	}
	return fd;
}

void soak_link(const char *source, const char *sink, const char * const devices[],
	       unsigned int count, uint64_t blocks)
{
	int from = p_open(source), to = p_open(sink), fds[LINK_BUFFERS];
	int32_t sinks[] = { to };
	struct cen_port_link arg = {
		.buffers = (uintptr_t)fds, .buffer_count = LINK_BUFFERS,
		.sinks = (uintptr_t)sinks, .sink_count = 1, .length = P_BLOCK, .blocks = blocks,
	};
	struct cen_link_stats stats;

	for (int i = 0; i < LINK_BUFFERS; i++) {
		fds[i] = soak_buffer(devices, count);
		assert_ok(p_attach(from, fds[i]));
		assert_ok(p_attach(to, fds[i]));
	}
	assert_ok(t_ioctl(from, CEN_PORT_IOC_LINK, &arg));
	assert_true(p_poll(arg.fd, POLLIN, 30000) & POLLHUP);
	assert_ok(t_ioctl(arg.fd, CEN_LINK_IOC_STATS, &stats));
	assert_u64_equal(stats.blocks, blocks);
	assert_int_equal(stats.status, 0);
	close(arg.fd);
	for (int i = 0; i < LINK_BUFFERS; i++)
		close(fds[i]);
	close(from);
	close(to);
}

/* A process that died is not through the door yet. */
static void settled(const char *name)
{
	int port = p_open(name);
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

static void one_round(const struct soak *soak, uint64_t *random)
{
	pid_t pids[WORKERS_MAX];

	for (unsigned int i = 0; i < soak->workers; i++) {
		pids[i] = fork();
		if (!pids[i])
			soak->work(t_random(random) + i);
		/* each child has numbers of its own */
		t_random(random);
	}
	soak->misbehave(random, soak_seconds() + SOAK_ROUND_SECONDS);
	soak->behave(random);
	for (unsigned int i = 0; i < soak->workers; i++) {
		kill(pids[i], SIGKILL);
		assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
	}
	for (unsigned int i = 0; i < soak->count; i++)
		settled(soak->ports[i]);
	t_leaves_nothing(NULL);
	soak->whole();
}

void soak_run(const struct soak *soak, uint64_t seed)
{
	const char *text = getenv("CEN_SOAK_SECONDS");
	uint64_t start = soak_seconds(), end = start + (text ? strtoull(text, NULL, 0) : 12);
	unsigned int rounds = 0;

	assert_true(soak->workers <= WORKERS_MAX);
	do {
		one_round(soak, &seed);
		printf("# %llu s: %u rounds", (unsigned long long)(soak_seconds() - start), ++rounds);
		soak->report();
	} while (soak_seconds() < end);
}
