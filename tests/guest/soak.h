/* SPDX-License-Identifier: GPL-2.0 */
/* What long runs share: dice, workers that get killed, and what must hold after each round. */
#ifndef TEST_SOAK_H
#define TEST_SOAK_H

#include <sys/types.h>

#include "port.h"

#define SOAK_ROUND_SECONDS	4

/**
 * struct soak - a run
 * @ports: ports that are idle after a round
 * @count: of them
 * @workers: processes that are killed at its end
 * @work: what each does, for ever; nothing in it asserts
 * @misbehave: what devices do meanwhile, for SOAK_ROUND_SECONDS
 * @behave: devices work again
 * @whole: asserts that everything still works, all workers gone
 * @report: what happened so far
 */
struct soak {
	const char * const *ports;
	unsigned int count;
	unsigned int workers;
	void (*work)(uint64_t random);
	void (*misbehave)(uint64_t *random, uint64_t end);
	void (*behave)(uint64_t *random);
	void (*whole)(void);
	void (*report)(void);
};

/* Rounds for CEN_SOAK_SECONDS of the environment, or some. */
void soak_run(const struct soak *soak, uint64_t seed);

uint32_t soak_dice(uint64_t *state, uint32_t sides);
uint64_t soak_seconds(void);
/* What is closed while others use it is the point. */
void soak_close_in_any_order(uint64_t *random, int *fds, unsigned int count);
/* A buffer of P_BLOCK bytes that @devices reach, or less than that. */
int soak_buffer(const char * const devices[], unsigned int count);
/* A link of so many blocks, which all arrive. */
void soak_link(const char *source, const char *sink, const char * const devices[],
	       unsigned int count, uint64_t blocks);

#endif
