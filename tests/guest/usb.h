/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of USB share: a gadget "t" whose endpoints are ports, on one of two
 * controllers.
 *
 *	cen_sim_udc	scatter-gather, and a host that is driven through debugfs:
 *
 *		port usb-t-in0  --> request --> ep1in  --> g_host_read()
 *		port usb-t-out0 <-- request <-- ep1out <-- g_host_write()
 *
 *	dummy_hcd	no scatter-gather; Linux itself is the host (usb_libusb.c)
 */
#ifndef TEST_USB_H
#define TEST_USB_H

#include "port.h"

#define G_SIM		"cen_sim_udc.0"
#define G_DUMMY		"dummy_udc.0"

/* Load a controller and what a gadget needs, or skip the program. */
void g_load(const char *module, const char *options);
void g_unload(const char *module);

/* The gadget: "in=1 out=1" …, bound to @udc, and configured by the host when this returns. */
void g_gadget(const char *udc, const char *attributes);
void g_gadget_remove(void);
void g_bind(const char *udc);
void g_unbind(void);
/* Attributes of the function: "depth", "halt" … */
int g_write(const char *attribute, const char *value);
void g_read(const char *attribute, char *to, size_t size);
/* Until the function is in that state; asserts. */
void g_wait_state(const char *state);

/* A buffer of @size bytes for the device @udc, attached to @port (-1: not). */
int g_buffer(uint64_t size, const char *udc, int port);
int g_enqueue(int port, int fd, uint64_t offset, uint64_t length, uint64_t user_data);

/* The virtual host. -errno, or bytes. */
int g_host_open(const char *ep);	/* "ep1in": asserts */
ssize_t g_host_read(const char *ep, void *to, size_t size);
ssize_t g_host_write(const char *ep, const void *from, size_t size);
/* A read or write in a child, for what has to wait. */
pid_t g_host_read_later(const char *ep, size_t size);
/* What it read, and that it has ended: bytes or -errno. */
int g_host_done(pid_t pid);
int g_control(uint8_t type, uint8_t request, uint16_t value, uint16_t index, uint16_t length,
	      void *data);
void g_set(const char *file, const char *value);	/* "plug", "ep1in/hang" … */
uint64_t g_get(const char *file);

#endif
