/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of cen_uio share: QEMU's edu bound to it, its two nodes, and
 * the registers by their names.
 */
#ifndef TEST_UIO_COMMON_H
#define TEST_UIO_COMMON_H

#include <cen-uio.h>

#include "common.h"

#define EDU_ID		0x00
#define EDU_LIVENESS	0x04
#define EDU_FACTORIAL	0x08
#define EDU_STATUS	0x20
#define EDU_IRQ_STATUS	0x24
#define  EDU_IRQ_DMA	0x100
#define EDU_IRQ_RAISE	0x60
#define EDU_IRQ_ACK	0x64
#define EDU_SOURCE	0x80
#define EDU_DEST	0x88
#define EDU_COUNT	0x90
#define EDU_COMMAND	0x98
#define  EDU_RUN	1
#define  EDU_TO_MEMORY	2
#define  EDU_WANT_IRQ	4
#define EDU_OWN		0x40000
#define EDU_MAX		0xfffU

#define U_RULES		"/cen/bin/edu.rules"
#define U_CONFIGFS	"/sys/kernel/config/cen_uio"
#define U_PCI		"/sys/bus/pci/devices"

/* Of the running program. */
extern char u_pci[32];		/* "0000:00:04.0" */
extern char u_name[64];		/* "pci:0000:00:04.0" */
/* Open after u_open(), closed with the test; -1 otherwise. */
extern int u_node, u_uio;
extern struct cen_uio_reason u_reason;	/* of the last refusal */

/* Finds edu and loads the module; the program is skipped when there is no edu. */
void u_begin(void);
void u_end(void);	/* edu is given back, with no rules left */

/* A test that begins with nothing open, and one that begins with u_open(). */
#define u_test(f)	cmocka_unit_test_setup_teardown(f, t_setup, u_teardown)
#define u_test_open(f)	cmocka_unit_test_setup_teardown(f, u_setup, u_teardown)
int u_setup(void **state);
int u_teardown(void **state);

void must_bind(const char *rules_file);
/* Rules as text, NULL: none at all. 0 or -errno of the write; binds when it is 0. */
int u_bind_text(const char *rules);
int u_store_rules(const char *rules);	/* without binding */
bool u_bound(void);
void must_unbind(void);		/* from its driver, the rules stay */
bool u_confined(void);		/* by an IOMMU */

int u_try_open(void);		/* the node's fd, or -errno */
void u_open(void);		/* both nodes */
void u_close(void);

int u_call(unsigned long cmd, void *arg);	/* on u_node */
int u_attach(int fd, uint32_t direction);	/* the handle */
int u_attach_arg(struct cen_uio_attach *arg);
int u_detach(int handle);
int u_sync(int handle, uint32_t flags);
int u_read(uint64_t reg, uint32_t width, uint64_t *value);
int u_write(uint64_t reg, uint32_t width, uint64_t value);
/* Widths are filled in; @u_reason tells why not. */
int u_program(struct cen_uio_write *writes, uint32_t count);
#define u_run(...)								\
	u_program((struct cen_uio_write[]){ __VA_ARGS__ },			\
		  sizeof((struct cen_uio_write[]){ __VA_ARGS__ }) /		\
		  sizeof(struct cen_uio_write))
#define u_value(reg, value)			cen_uio_value(0, reg, value)
#define u_address(reg, handle, offset, length)	cen_uio_address(0, reg, handle, offset, length)

/* Interrupts since /dev/uioN was opened; waits for one. -ETIMEDOUT. */
int u_wait(int timeout);
/* Acknowledge and let the next one through. */
void u_ack(void);

/*
 * edu takes 100 ms for a transfer, and counts on while a busy machine lets the guest wait. A
 * test of what happens in the middle of one finds out afterwards whether that was in time, best
 * by what edu did; when it was not, it says nothing and is done again.
 */
bool u_in_time(void);		/* since the last u_start_*(): it surely counts still */
#define U_TRIES	100

/* Start a transfer between a buffer and edu's memory; -errno of the program. */
int u_start_in(int handle, uint64_t offset, uint64_t own, uint64_t length);
int u_start_out(int handle, uint64_t offset, uint64_t own, uint64_t length);
/* The same, and wait for its end. */
void must_in(int handle, uint64_t offset, uint64_t own, uint64_t length);
void must_out(int handle, uint64_t offset, uint64_t own, uint64_t length);
void must_idle(void);

/* A buffer of cenalloc for edu. */
int must_edu_buffer(uint64_t size);
/* One of the system heap, which knows nothing of edu; -1: there is none. */
int u_system_heap(uint64_t size);

#endif
