/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_PORT_INTERNAL_H
#define _CEN_PORT_INTERNAL_H

#include <linux/cdev.h>
#include <linux/cen_port.h>
#include <linux/device.h>
#include <linux/dma-buf.h>
#include <linux/dma-fence.h>
#include <linux/interrupt.h>
#include <linux/iosys-map.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

struct seq_file;
struct sync_file;

/**
 * DOC: Ports: objects and locks
 *
 *	port ----< file ----< attachment
 *	  \          \            |
 *	   +--< xfer >+-----------+
 *	link: owns its xfers, one per buffer and port
 *
 * A transfer (struct cen_xfer) is QUEUED on its port, RUNNING in the hardware, then
 * DONE: on its file's list until read() takes it, or back in its link's hands.
 *
 * Locks, outermost first:
 *
 *	port->mutex	attach, detach, unregister, start and stop of links; sleeps
 *	  dmabuf->resv	enqueue
 *	    port->lock	queue, running, gone; hardirq-safe spinlock
 *	      file->lock  completions; hardirq-safe spinlock
 *	link->lock	hardirq-safe; outside of port->lock: completions report with no lock held
 *
 * A transfer enters the queue and its fence enters the reservation object while both
 * dmabuf->resv and port->lock are held: so "must wait for" between transfers follows one
 * order in time over all ports and buffers, and can have no cycle.
 *
 * Everything from submit to signal is in the fence signalling section: no allocation, no
 * reservation, no mutex there.
 */

#define CEN_PORT_DEPTH		1024	/* queued and unread, per file */

struct cen_port {
	struct kref ref;
	struct device node;		/* class device, /dev/cen/NAME */
	struct cdev cdev;
	int minor;
	char name[CEN_PORT_NAME_LEN];
	struct cen_port_desc desc;
	struct device *dev;		/* that does the DMA; NULL once gone; P: mutex */
	char device[CEN_NAME_LEN];
	struct cen_limits limits;
	enum dma_data_direction dir;

	struct mutex mutex;
	struct list_head attachments;	/* P: mutex */
	struct rhashtable by_dmabuf;
	u32 nr_attached;		/* P: mutex */
	u32 nr_links;			/* P: lock */
	struct list_head files;		/* P: lock */

	spinlock_t lock;
	struct list_head queue;		/* P: lock; in order */
	struct list_head running;	/* P: lock */
	u32 nr_queued;			/* P: lock */
	u32 nr_running;			/* P: lock */
	bool gone;			/* P: lock */
	bool submitting;		/* a CPU is handing transfers to the driver; P: lock */
	struct tasklet_struct kick;
	wait_queue_head_t idle;		/* something ended */

	u64 blocks, bytes, errors;	/* P: lock */
	struct list_head all;		/* P: cen_ports_mutex */
};

/*
 * struct cen_port_file - an open /dev/cen/NAME
 * @done: transfers to be read; P: lock
 * @used: transfers queued, running or unread
 * @links: links that use this file; P: port->mutex
 */
struct cen_port_file {
	struct kref ref;
	struct cen_port *port;
	struct list_head node;		/* in port->files; P: port->lock */
	spinlock_t lock;
	struct list_head done;
	atomic_t used;
	wait_queue_head_t wait;
	struct mutex read_mutex;
};

/*
 * struct cen_pa - a buffer attached to a port
 * @busy: transfers that use it; P: port->lock
 * @closing: no new ones; P: port->lock
 * @link: the link it belongs to, or NULL; P: port->lock
 * @sgt, @map: mapped for the device, or by the CPU (CEN_PORT_VMAP)
 */
struct cen_pa {
	struct rhash_head hash;
	struct list_head node;		/* P: port->mutex */
	struct dma_buf *dmabuf;
	struct cen_port *port;
	struct cen_port_file *file;	/* identity only */
	struct dma_buf_attachment *attach;
	struct sg_table *sgt;
	struct iosys_map map;
	u32 busy;
	bool closing;
	bool sync;			/* begin/end access around transfers */
	void *link;
	struct kref ref;		/* client.c */
	struct rcu_head rcu;
};

enum cen_xfer_state {
	CEN_XFER_IDLE,			/* a link's, between two rounds */
	CEN_XFER_QUEUED,
	CEN_XFER_RUNNING,
	CEN_XFER_DONE,
};

struct cen_dep {
	struct dma_fence_cb cb;
	struct dma_fence *fence;
	struct cen_xfer *xfer;
};

/*
 * struct cen_xfer - a transfer, as the engine sees it
 * @ref: of the engine: one by the queue/running/done list, one by whoever cancels
 * @fence: signals its end; keeps the memory, and nothing else, when all of @ref are gone.
 *	Only what was enqueued by a file has one (@fenced)
 * @node: in port->queue, port->running or file->done
 * @waiting: fences not signalled yet, + 1 while they are being collected
 * @cancel: somebody wants it to end; P: port->lock
 * @submitting: RUNNING, but the driver is only just being told; P: port->lock
 * @done: link: called when it ended, any context; the xfer is the link's again
 */
struct cen_xfer {
	/* written by cen_xfer_add_fence(); everything behind begins as zero */
	struct dma_fence fence;
	spinlock_t fence_lock;
	char fence_name[CEN_PORT_NAME_LEN];

	struct cen_transfer t;
	bool fenced;
	struct kref ref;
	struct list_head node;
	struct cen_port *port;
	struct cen_port_file *file;
	struct cen_pa *pa;
	struct cen_dep *deps;
	u32 nr_deps;
	atomic_t waiting;
	enum cen_xfer_state state;	/* P: port->lock */
	int cancel;			/* errno to end with, 0: none; P: port->lock */
	bool submitting;
	u32 flags;			/* CEN_ENQUEUE_* */
	struct cen_completion result;
	void (*done)(struct cen_xfer *xfer);
	void *done_ctx;
	void (*client_done)(void *ctx, int status, u64 actual);	/* client.c */
};

/* port.c */
extern struct class cen_port_class;
int cen_ports_init(void);
void cen_ports_exit(void);
struct cen_port *cen_port_get_minor(unsigned int minor);
void cen_port_put(struct cen_port *port);
int cen_ports_for_each(int (*fn)(struct cen_port *port, void *data), void *data);

/* attach.c */
int cen_pa_attach(struct cen_port_file *file, int fd);
int cen_pa_detach(struct cen_port_file *file, int fd);
void cen_pa_detach_file(struct cen_port_file *file);
void cen_pa_detach_all(struct cen_port *port);
/* RCU: the attachment of @dmabuf on @file's port, if it is @file's. */
struct cen_pa *cen_pa_find(struct cen_port_file *file, struct dma_buf *dmabuf);
extern const struct rhashtable_params cen_pa_params;

/* fence.c */
void cen_xfer_add_fence(struct cen_xfer *xfer);

/* queue.c */
int cen_xfers_init(void);
void cen_xfers_exit(void);
void cen_xfer_free(struct cen_xfer *xfer);
void cen_queue_init(struct cen_port *port);
void cen_queue_exit(struct cen_port *port);
struct cen_xfer *cen_xfer_new(struct cen_port *port, gfp_t gfp);
/* Which buffer it is of: before it is queued. */
static inline void cen_xfer_use(struct cen_xfer *xfer, struct cen_pa *pa)
{
	xfer->pa = pa;
	xfer->t.sgt = pa->sgt;
	xfer->t.vaddr = pa->map.vaddr;
}

void cen_xfer_put(struct cen_xfer *xfer);
/* No fence it waits for will call back any more. */
void cen_xfer_forget_deps(struct cen_xfer *xfer);
/* Queue; P: port->lock. -ENODEV, -ENOENT (closing). */
int cen_xfer_queue_locked(struct cen_xfer *xfer);
/* Whoever queued kicks when the hardware takes more; otherwise whatever ends there does. P: port->lock */
static inline bool cen_port_has_room_locked(const struct cen_port *port)
{
	return port->nr_running < port->desc.depth_hw;
}

void cen_port_kick(struct cen_port *port);
/* End all transfers that @match says, with @error. How many? May sleep. */
u32 cen_queue_cancel(struct cen_port *port, bool (*match)(struct cen_xfer *xfer, void *data),
		     void *data, int error);

/* enqueue.c */
int cen_port_enqueue(struct cen_port_file *file, struct cen_port_enqueue *arg,
		     struct sync_file **out);

/* front.c */
long cen_port_driver_ioctl(struct cen_port_file *file, unsigned int cmd, unsigned long arg);

/* file.c */
extern const struct file_operations cen_port_fops;
struct cen_port_file *cen_port_file_from_fd(int fd, struct file **filp);
void cen_port_file_put(struct cen_port_file *file);

/* link.c */
int cen_link_create(struct cen_port_file *source, struct file *self, struct cen_port_link *arg,
		    struct file **filp);

/* Of every link there is, oldest first. */
void cen_links_show(struct seq_file *m);

/* sysfs.c */
extern const struct attribute_group *cen_port_groups[];
extern const char * const cen_port_directions[];
extern const char * const cen_port_policies[];

/* debugfs.c */
void cen_port_debugfs_init(void);
void cen_port_debugfs_exit(void);

#endif /* _CEN_PORT_INTERNAL_H */
