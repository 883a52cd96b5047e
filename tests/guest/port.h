/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of ports share: the virtual radio, its ports and its faults.
 *
 *	rx (source) --> buffers --> tx (sink), which compares what it gets with what rx sent
 */
#ifndef TEST_PORT_H
#define TEST_PORT_H

#include <linux/cen_port.h>

#include "common.h"

#define P_DEVICE	"platform:cen_sim_sdr.0"
#define P_BLOCK		(64 * KIB)

/* Load the radio with these module options, or skip the program. Unloading asserts. */
void p_load(const char *options);
int p_unload(void);

int p_open(const char *name);			/* a port; asserts */
int p_attach(int port, int fd);
int p_detach(int port, int fd);
int p_enqueue(int port, int fd, uint64_t user_data);
int p_enqueue_full(int port, struct cen_port_enqueue *arg);
int p_cancel(int port, uint64_t user_data, uint32_t flags);	/* how many */
struct cen_port_info p_info(int port);
/* Test device 0 snoops the caches if the port's device does not, and the other way round. */
void p_must_limit_other_coherency(int port);
/* A completion within five seconds; asserts that it comes. */
struct cen_completion p_wait(int port);
int p_poll(int fd, short events, int timeout_ms);	/* revents */
/* A buffer of @size bytes for the radio, attached to both ports (-1: not). */
int p_buffer(uint64_t size, int rx, int tx);
/* debugfs of the radio: "rx/hang" … */
void p_set(const char *file, const char *value);
uint64_t p_get(const char *file);
/* Both ends start the ramp anew. */
void p_reset(void);
/* Words that are not the ramp's, from *counter on, which advances. */
unsigned int p_wrong(int fd, uint64_t size, uint32_t *counter);

#endif
