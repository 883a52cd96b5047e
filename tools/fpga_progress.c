// SPDX-License-Identifier: GPL-2.0
/* What the FPGA is doing, told while somebody waits for it. */
#include <err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fpga.h"

#define PERIOD_MS	250

struct fpga_progress {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool end;		/* P: lock */
	bool told;		/* of the thread */
	struct cen_fpga *fpga;
};

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void *progress_thread(void *data)
{
	struct fpga_progress *progress = data;
	double begun = seconds_now();
	struct cen_fpga_info info;
	struct timespec until;

	pthread_mutex_lock(&progress->lock);
	while (!progress->end) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += PERIOD_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000L;
		until.tv_nsec %= 1000000000L;
		pthread_cond_timedwait(&progress->wake, &progress->lock, &until);
		if (progress->end || cen_fpga_get_info(progress->fpga, &info))
			continue;
		fprintf(stderr, "\r%s: %s, %.1f s ", info.name, cen_fpga_state_text(info.last.state),
			seconds_now() - begun);
		progress->told = true;
	}
	pthread_mutex_unlock(&progress->lock);
	return NULL;
}

/* NULL when it cannot: nothing depends on it. */
struct fpga_progress *fpga_progress_begin(const char *region)
{
	struct fpga_progress *progress = calloc(1, sizeof(*progress));

	if (!progress)
		return NULL;
	pthread_mutex_init(&progress->lock, NULL);
	pthread_cond_init(&progress->wake, NULL);
	progress->fpga = cen_fpga_open(region);
	if (!progress->fpga ||
	    pthread_create(&progress->thread, NULL, progress_thread, progress)) {
		cen_fpga_close(progress->fpga);
		free(progress);
		return NULL;
	}
	return progress;
}

void fpga_progress_end(struct fpga_progress *progress)
{
	if (!progress)
		return;
	pthread_mutex_lock(&progress->lock);
	progress->end = true;
	pthread_cond_signal(&progress->wake);
	pthread_mutex_unlock(&progress->lock);
	pthread_join(progress->thread, NULL);
	if (progress->told)
		fputc('\n', stderr);
	cen_fpga_close(progress->fpga);
	free(progress);
}

void fpga_progress_bytes(const char *what, uint64_t done, uint64_t all)
{
	fprintf(stderr, "\r%s: %3u %%%s", what, all ? (unsigned int)(done * 100 / all) : 100,
		done == all ? "\n" : "");
}
