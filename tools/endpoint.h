/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ends of a stream: what fills blocks and what empties them.
 *
 *	port:NAME	a port of cen_port(4)
 *	usb:NAME	port usb-NAME, or the first of gadget function NAME in this direction
 *	iio:DEVICE	an IIO device, by name, iio:deviceN or node, through mainline's uAPI
 *	file:PATH	a file or pipe; "-" is standard input or output
 */
#ifndef _CENCTL_ENDPOINT_H
#define _CENCTL_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <cen-port.h>

#define SINKS_MAX	CEN_LINK_MAX_SINKS
#define DEPTH_MAX	1024

/**
 * struct block - a buffer that goes round
 * @map: for files; NULL when no file is involved
 * @length: bytes in it
 * @filled: when the source was done, CLOCK_MONOTONIC ns
 * @emptied: when the last file had it
 * @pending: sinks that still have it
 * @failed: a sink did not get it
 */
struct block {
	struct cen_buffer *buf;
	struct cen_map *map;
	uint64_t length;
	uint64_t filled;
	uint64_t emptied;
	unsigned int pending;
	bool failed;
	unsigned int index;
};

/* A block that an end is done with. */
struct ended {
	unsigned int index;
	int status;		/* 0 or -errno */
	uint64_t actual;
	uint64_t time;		/* CLOCK_MONOTONIC ns */
};

struct endpoint;

/**
 * struct endpoint_ops - what a device can do; files have none
 * @attach: make @block known; -1 and cen_error()
 * @start: all blocks are attached
 * @enqueue: hand over a block; -1 and cen_error()
 * @poll_fd: what to wait for to be readable; -1: nothing queued
 * @reap: blocks that have ended, @room at most, 0: none; -1 and cen_error()
 * @cancel: end what is queued soon
 * @close: and everything else
 */
struct endpoint_ops {
	int (*attach)(struct endpoint *end, struct block *block);
	int (*start)(struct endpoint *end);
	int (*enqueue)(struct endpoint *end, struct block *block, uint64_t length);
	int (*poll_fd)(struct endpoint *end);
	int (*reap)(struct endpoint *end, struct ended *list, unsigned int room);
	void (*cancel)(struct endpoint *end);
	void (*close)(struct endpoint *end);
};

struct iio_end;

/**
 * struct endpoint - one end
 * @device: to declare
 * @granule: what goes in and out are multiples of it, >= 1
 * @fd: of a file; of an IIO buffer
 * @broken: a sink lost a block: nothing is sent behind the gap
 */
struct endpoint {
	const char *spec;
	const struct endpoint_ops *ops;		/* NULL: a file */
	bool sink;
	char device[CEN_NAME_LEN];
	uint64_t granule;
	struct cen_port *port;
	struct iio_end *iio;
	int fd;
	bool broken;
};

/* Is @spec an end, and of a device? Nothing is opened. Complains and returns an exit code. */
int endpoint_check(const char *spec, bool *device);
/*
 * Open the end @spec names. Complains and returns an exit code; 0: open. A file that is a sink
 * keeps what is in it until file_empty().
 */
int endpoint_open(struct endpoint *end, const char *spec, bool sink);
/* The same for a link: always a port, also behind an IIO device. */
int endpoint_open_port(struct endpoint *end, const char *spec, bool sink);
void endpoint_close(struct endpoint *end);

/* Forget what is in a regular file. Complains and returns an exit code. */
int file_empty(struct endpoint *end);
/* Close it before endpoint_close() does, to know what the file system says: 0 or -errno. */
int file_close(struct endpoint *end);
/* Are both the same regular file? */
bool file_is_same(const struct endpoint *a, const struct endpoint *b);
/* Whole blocks to and from files. Bytes; less at the end of the file; -errno. */
ssize_t read_all(const struct endpoint *end, void *data, size_t length);
ssize_t write_all(const struct endpoint *end, const void *data, size_t length);

/* endpoint_iio.c */
int iio_end_open(struct endpoint *end, const char *name);
/* /sys directory of the IIO device called @name in any of its ways; -errno. */
int iio_find(const char *name, char *dir, size_t room);
/* The port behind its buffer; -errno. */
int iio_port(const char *name, char port[CEN_PORT_NAME_LEN]);
/* For read() and write(): enable it with room for @size bytes. -1 and errno. */
int iio_end_enable(struct endpoint *end, uint64_t size);

#endif /* _CENCTL_ENDPOINT_H */
