/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Scenes of what happens in the middle of a transfer, and what the device wrote by then.
 */
#ifndef TEST_UIO_SCENE_H
#define TEST_UIO_SCENE_H

#include "uio_common.h"

extern int u_buffer;	/* 64 KiB for edu */

void must_fill_buffer(uint8_t byte);	/* makes it */
size_t u_written(uint8_t byte);		/* bytes of it that are something else */
bool u_masters_the_bus(void);
void u_nap(unsigned int ms);
/*
 * Plays a scene until it was in time, as it tells. Each time the buffer is filled anew, and
 * edu's own memory with bytes that all differ from it.
 */
void u_again(bool (*scene)(void));
/*
 * edu, which was to fill the first EDU_MAX bytes of the buffer, has been cut off from it. true:
 * in time, there is nothing of it, and by the end of the transfer there still was not.
 */
bool u_cut_off(void);
/* An open device moves data both ways; the buffer is detached then. */
void must_work(int handle);
/* Binds the device and opens it: it works again. */
void must_work_again(const char *rules_file);

/*
 * The device goes away for a while: all that is the same whichever way it goes. The tests
 * call @u_away, which returns when the device is back.
 */
extern void (*u_away)(void);
void u_away_in_transfer(void **state);
void u_away_without_idle_rule(void **state);
void u_away_at_rest(void **state);
void u_away_wakes(void **state);
void u_away_with_messages(void **state);
void u_away_unowned(void **state);
#define U_AWAY_TESTS								\
	u_test_open(u_away_in_transfer), u_test_open(u_away_at_rest),		\
	u_test_open(u_away_wakes), u_test(u_away_unowned),			\
	u_test(u_away_without_idle_rule), u_test(u_away_with_messages)

/* A child that sleeps in read() or poll() of /dev/uioN, and how that ended: its result or -errno. */
pid_t u_sleeper(bool polls);
int u_slept(pid_t sleeper);

#endif
