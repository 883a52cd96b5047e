/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * libcen: ports and links, data from device to device in cen_buffers.
 *
 *	struct cen_port *rx = cen_port_open("sdr0-rx"), *tx = cen_port_open("sdr0-tx");
 *	struct cen_port *both[] = { rx, tx };
 *	struct cen_buffer *bufs[8];
 *
 *	for (int i = 0; i < 8; i++)
 *		bufs[i] = cen_port_buffer_new(ctx, both, 2, 1 << 20);
 *
 * By hand, block by block:
 *
 *	cen_port_enqueue(rx, bufs[0], 0, 1 << 20, 0);
 *	if (cen_port_wait(rx, &done, 1, -1) == 1 && !done.status)
 *		cen_port_enqueue(tx, bufs[0], 0, done.actual, 0);
 *
 * Or inside the kernel, without a system call per block:
 *
 *	struct cen_link *link = cen_link_new(rx, &tx, 1, bufs, 8, 1 << 20, 0, 0);
 *
 * Errors, ownership and threads are as in <cen.h>. Buffers may be freed while they are
 * attached: the port keeps their memory until they are detached or it is closed.
 */
#ifndef _CEN_PORT_H
#define _CEN_PORT_H

#include <cen.h>
#include <linux/cen_port.h>

#ifdef __cplusplus
extern "C" {
#endif

struct cen_port;
struct cen_link;
struct cen_link_list;
struct cen_port_list;

/* ------------------------------------------------------------------- ports */

/*
 * Open the port @name: "sdr0-rx", or a path ("/dev/cen/sdr0-rx").
 *
 * ENOENT: no such port; cen_error() names a near one. EACCES: its group may open it. ENOTTY:
 * @name is a file, but no port.
 */
CEN_API struct cen_port *cen_port_open(const char *name);
/* Ends what is queued, detaches all buffers. Links that use the port go on. NULL is fine. */
CEN_API void cen_port_close(struct cen_port *port);

/* Its fd, borrowed: readable when there are completions, for poll() and ioctls of one's own. */
CEN_API int cen_port_fd(const struct cen_port *port);
/* As it was when opened; borrowed. Counters: cen_port_get_info(). */
CEN_API const char *cen_port_name(const struct cen_port *port);
CEN_API bool cen_port_is_sink(const struct cen_port *port);

/* What the port is and did until now. ENODEV never: what is gone still tells. */
CEN_API int cen_port_get_info(struct cen_port *port, struct cen_port_info *info);

/* ----------------------------------------------------------------- buffers */

/*
 * A new buffer of at least @size bytes that all @count @ports reach: declared for their
 * devices, committed and attached to each.
 *
 * EINVAL: @count 0, or the devices contradict each other; ENODEV: no heap would do. Of both
 * cen_error() has the explanation. Other errors: cen_buffer_new(), cen_buffer_commit(),
 * cen_port_attach().
 */
CEN_API struct cen_buffer *cen_port_buffer_new(struct cen_ctx *ctx, struct cen_port *const *ports,
					       size_t count, uint64_t size);

/*
 * Attach @buf and map it for the port's device until it is detached. EBUSY: attached already,
 * maybe by another program. EPERM: policy "enforce". ENODEV: the device is gone. EINVAL:
 * the device cannot reach it, explained by cen_error().
 */
CEN_API int cen_port_attach(struct cen_port *port, struct cen_buffer *buf);
/* The same for any dma-buf. */
CEN_API int cen_port_attach_fd(struct cen_port *port, int fd);
/* Waits for transfers that run, cancels those that wait. EBUSY: a link has it. ENOENT. */
CEN_API int cen_port_detach(struct cen_port *port, struct cen_buffer *buf);
CEN_API int cen_port_detach_fd(struct cen_port *port, int fd);

/* --------------------------------------------------------------- transfers */

/*
 * Queue a transfer of @length bytes at @offset; @user_data comes back in its completion. Does
 * not block, also when another device still has the buffer.
 *
 * EINVAL: outside the buffer, or no multiple of the port's granule. ENOENT: not attached.
 * EBUSY: a link has the buffer. EAGAIN: the queue is full. ENODEV: the device is gone.
 */
CEN_API int cen_port_enqueue(struct cen_port *port, struct cen_buffer *buf, uint64_t offset,
			     uint64_t length, uint64_t user_data);
/* The same with all there is: fences, cyclic, quiet. @arg as the kernel takes and returns it. */
CEN_API int cen_port_enqueue_with(struct cen_port *port, struct cen_port_enqueue *arg);

/*
 * Up to @count completions; waits @timeout milliseconds for the first (-1: as long as it takes).
 * Returns how many. ETIMEDOUT, EINTR; ENODEV: the device is gone and all were read.
 */
CEN_API int cen_port_wait(struct cen_port *port, struct cen_completion *done, size_t count,
			  int timeout);

/* End the transfers with @user_data, or all of this file; returns how many were told to. */
CEN_API int cen_port_cancel(struct cen_port *port, uint64_t user_data);
CEN_API int cen_port_cancel_all(struct cen_port *port);

/* ------------------------------------------------------------------- links */

/*
 * Circulate @buffer_count @buffers between @source and @sink_count @sinks, in blocks of @length
 * bytes, until @blocks were begun (0: until stopped). All buffers must be attached to all
 * ports and belong to the link while it lives. @flags: CEN_LINK_DROP.
 *
 * EINVAL: directions, counts or length. ENOENT: a buffer is not attached. EBUSY: another link
 * has it.
 */
CEN_API struct cen_link *cen_link_new(struct cen_port *source, struct cen_port *const *sinks,
				      size_t sink_count, struct cen_buffer *const *buffers,
				      size_t buffer_count, uint64_t length, uint64_t blocks,
				      uint32_t flags);
/* Stops it at once, if it runs. NULL is fine. */
CEN_API void cen_link_free(struct cen_link *link);
/* Its fd, borrowed: readable when the link has ended. */
CEN_API int cen_link_fd(const struct cen_link *link);
CEN_API int cen_link_get_stats(struct cen_link *link, struct cen_link_stats *stats);
/* End it and wait for that: CEN_LINK_STOP_NOW, or CEN_LINK_STOP_DRAIN. EINTR. */
CEN_API int cen_link_stop(struct cen_link *link, uint32_t mode);
/* Wait until it has ended, @timeout milliseconds at most (-1). ETIMEDOUT, EINTR. */
CEN_API int cen_link_wait(struct cen_link *link, int timeout);

/* ---------------------------------------------------------- what there is */

/*
 * All ports, by name, as sysfs tells: their limits are not among it. No port need be opened. An
 * empty list without the module.
 */
CEN_API struct cen_port_list *cen_port_list_new(void);
CEN_API void cen_port_list_free(struct cen_port_list *list);
CEN_API size_t cen_port_list_count(const struct cen_port_list *list);
CEN_API const struct cen_port_info *cen_port_list_get(const struct cen_port_list *list,
						      size_t index);

/* A link that a process holds. */
struct cen_link_entry {
	pid_t pid;
	char comm[16];
	char source[CEN_PORT_NAME_LEN];
	char sinks[CEN_LINK_MAX_SINKS * CEN_PORT_NAME_LEN];	/* separated by a space */
	uint64_t length;
	uint32_t buffers;
	struct cen_link_stats stats;
};

/*
 * The links of all processes whose /proc entries the caller may read. @hidden (may be NULL) is
 * set to the number of processes it may not.
 */
CEN_API struct cen_link_list *cen_link_list_new(size_t *hidden);
CEN_API void cen_link_list_free(struct cen_link_list *list);
CEN_API size_t cen_link_list_count(const struct cen_link_list *list);
CEN_API const struct cen_link_entry *cen_link_list_get(const struct cen_link_list *list,
						       size_t index);

#ifdef __cplusplus
}
#endif

#endif /* _CEN_PORT_H */
