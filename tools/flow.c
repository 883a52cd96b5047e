// SPDX-License-Identifier: GPL-2.0
/* What streams and links share: being stopped, progress, and the account at the end. */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cenctl.h"
#include "flow.h"

#define NS	1000000000ULL

static volatile sig_atomic_t stopped;
static int failed;
static char failure[4096];	/* a refusal with its reasons is long */

/* The second one kills, whichever it is. */
static void on_signal(int sig)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	stopped = sig;
}

void flow_catch_signals(void)
{
	/* no SA_RESTART: what blocks is to notice */
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

int flow_stopped(void)
{
	return stopped;
}

/* The signals are let in while it waits only: none comes between the look and the wait. */
int flow_await_input(int fd)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };
	sigset_t held, let;
	int stop;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigprocmask(SIG_BLOCK, &held, &let);
	while (!stopped && ppoll(&input, 1, NULL, &let) < 0 && errno == EINTR)
		;
	stop = stopped;
	sigprocmask(SIG_SETMASK, &let, NULL);
	return stop ? -1 : 0;
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * NS + (uint64_t)t.tv_nsec;
}

uint64_t flow_now(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t flow_cpu(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

void flow_error(int error, const char *fmt, ...)
{
	va_list args;

	if (failed)
		return;
	failed = error ?: EIO;
	va_start(args, fmt);
	vsnprintf(failure, sizeof(failure), fmt, args);
	va_end(args);
}

int flow_failed(void)
{
	return failed;
}

const char *flow_why(void)
{
	return failure;
}

void flow_begin(struct flow *flow)
{
	flow->began = flow_now();
	flow->began_cpu = flow_cpu();
	flow->shown = flow->began;
	flow->progress = isatty(STDERR_FILENO);
}

/* The bucket of a latency, as a link counts: 2^n … 2^(n+1) - 1 µs. */
static unsigned int bucket_of(uint64_t ns)
{
	uint64_t us = ns / 1000 ?: 1;
	unsigned int bucket = 63U - (unsigned int)__builtin_clzll(us);

	return bucket < CEN_LINK_BUCKETS ? bucket : CEN_LINK_BUCKETS - 1;
}

void flow_count(struct flow *flow, uint64_t bytes, uint64_t filled, uint64_t emptied)
{
	uint64_t ns = emptied > filled ? emptied - filled : 0;

	flow->stats.blocks++;
	flow->stats.bytes += bytes;
	flow->stats.latency_ns_total += ns;
	flow->stats.latency[bucket_of(ns)]++;
}

static double rate_of(uint64_t bytes, uint64_t ns)
{
	return ns ? (double)bytes * (double)NS / (double)ns : 0;
}

void flow_progress(struct flow *flow)
{
	uint64_t now = flow_now();
	char bytes[32], rate[32];

	if (!flow->progress || now - flow->shown < NS)
		return;
	cen_size_format(flow->stats.bytes, bytes, sizeof(bytes));
	snprintf(rate, sizeof(rate), "%.1f MiB/s",
		 rate_of(flow->stats.bytes - flow->shown_bytes, now - flow->shown) / (1 << 20));
	fprintf(stderr, "\r%llu blocks", (unsigned long long)flow->stats.blocks);
	if (flow->wanted)
		fprintf(stderr, " of %llu", (unsigned long long)flow->wanted);
	fprintf(stderr, ", %.1f MiB, %s, CPU %.1f %%, %llu overruns\033[K",
		(double)flow->stats.bytes / (1 << 20), rate,
		100.0 * (double)(flow_cpu() - flow->began_cpu) / (double)(now - flow->began),
		(unsigned long long)flow->stats.overruns);
	flow->shown = now;
	flow->shown_bytes = flow->stats.bytes;
}

static void print_json_account(FILE *out, const struct flow *flow, uint64_t wall, uint64_t cpu)
{
	const struct cen_link_stats *stats = &flow->stats;
	struct json_object *json = json_object_new_object();
	struct json_object *to = json_object_new_array();
	struct json_object *latency = json_object_new_array();
	unsigned int last = 0;

	for (unsigned int i = 0; i < flow->to_count; i++)
		json_object_array_add(to, json_object_new_string(flow->to[i]));
	for (unsigned int i = 0; i < CEN_LINK_BUCKETS; i++)
		if (stats->latency[i])
			last = i + 1;
	for (unsigned int i = 0; i < last; i++)
		json_object_array_add(latency, json_object_new_uint64(stats->latency[i]));
	json_add_string(json, "mode", flow->mode);
	json_add_string(json, "from", flow->from);
	json_object_object_add(json, "to", to);
	json_add_u64(json, "block_size", flow->size);
	json_add_u64(json, "buffers", flow->buffers);
	json_add_u64(json, "blocks", stats->blocks);
	json_add_u64(json, "bytes", stats->bytes);
	json_object_object_add(json, "seconds", json_object_new_double((double)wall / (double)NS));
	json_object_object_add(json, "bytes_per_second",
			       json_object_new_double(rate_of(stats->bytes, wall)));
	json_object_object_add(json, "cpu_seconds", json_object_new_double((double)cpu / (double)NS));
	json_add_u64(json, "overruns", stats->overruns);
	json_add_u64(json, "dropped", stats->dropped);
	json_add_u64(json, "lost_bytes", flow->lost);
	json_add_u64(json, "latency_ns", stats->blocks ? stats->latency_ns_total / stats->blocks : 0);
	json_object_object_add(json, "latency", latency);
	json_add_bool(json, "interrupted", stopped != 0);
	json_add_string(json, "errno", failed ? strerrorname_np(failed) : NULL);
	print_json_to(out, json);
}

static void print_histogram(FILE *to, const struct cen_link_stats *stats)
{
	uint64_t most = 1;

	for (unsigned int i = 0; i < CEN_LINK_BUCKETS; i++)
		if (stats->latency[i] > most)
			most = stats->latency[i];
	for (unsigned int i = 0; i < CEN_LINK_BUCKETS; i++) {
		if (!stats->latency[i])
			continue;
		fprintf(to, "  %8llu us ... %8llu  ", i ? 1ULL << i : 0, (2ULL << i) - 1);
		for (uint64_t bar = (stats->latency[i] * 40 + most - 1) / most; bar; bar--)
			fputc('#', to);
		fprintf(to, " %llu\n", (unsigned long long)stats->latency[i]);
	}
}

static void print_account(FILE *to, const struct flow *flow, uint64_t wall, uint64_t cpu)
{
	const struct cen_link_stats *stats = &flow->stats;
	char size[32];

	cen_size_format(flow->size, size, sizeof(size));
	fprintf(to, "%s: %llu blocks of %s, %.1f MiB in %.3f s: %.1f MiB/s, CPU %.1f %%\n",
		flow->mode, (unsigned long long)stats->blocks, size,
		(double)stats->bytes / (1 << 20), (double)wall / (double)NS,
		rate_of(stats->bytes, wall) / (1 << 20),
		wall ? 100.0 * (double)cpu / (double)wall : 0);
	fprintf(to, "  overruns %llu, dropped %llu\n", (unsigned long long)stats->overruns,
		(unsigned long long)stats->dropped);
	if (flow->lost)
		fprintf(to, "  the last %llu bytes are no whole sample and were left out\n",
			(unsigned long long)flow->lost);
	if (stats->blocks)
		fprintf(to, "  latency, from filled to emptied: mean %llu us\n",
			(unsigned long long)(stats->latency_ns_total / stats->blocks / 1000));
	print_histogram(to, stats);
}

/* Is standard output taken by the data? */
static bool stdout_is_data(const struct flow *flow)
{
	for (unsigned int i = 0; i < flow->to_count; i++)
		if (!strcmp(flow->to[i], "file:-"))
			return true;
	return false;
}

int flow_end(struct flow *flow, bool json)
{
	uint64_t wall = flow_now() - flow->began, cpu = flow_cpu() - flow->began_cpu;
	FILE *out = stdout_is_data(flow) ? stderr : stdout;

	if (flow->progress && flow->shown != flow->began)
		fputs("\r\033[K", stderr);
	if (json)
		print_json_account(out, flow, wall, cpu);
	else
		print_account(out, flow, wall, cpu);
	if (failed) {
		warnx("%s", failure);
		return EXIT_TROUBLE;
	}
	return stopped ? 128 + stopped : EXIT_OK;
}
