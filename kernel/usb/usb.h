/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_USB_H
#define _CEN_USB_H

#include <linux/cen_port.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/scatterlist.h>
#include <linux/spinlock.h>
#include <linux/usb/composite.h>
#include <linux/usb/gadget.h>

/**
 * DOC: A USB gadget function whose endpoints are ports
 *
 *	opts (configfs) ---- usb (bound function) ----< endpoint ---- port
 *	                                                   |
 *	                                                   +----< job: a usb_request
 *
 * A transfer that the port hands down becomes a job. It flies while the controller has its
 * request; it is held while the host has not configured the interface, or sleeps: a
 * transfer waits for the host to come as it waits for the host to read.
 *
 * Locks, outermost first:
 *
 *	opts->mutex		configuration, bound function; sleeps
 *	endpoint->lock		giving requests to the controller and taking them back, against
 *				enabling, disabling, suspend; held across usb_ep_queue() and
 *				usb_ep_dequeue(). irq-safe
 *	  endpoint->jobs_lock	lists of jobs. Completions take this one only: a controller may
 *				complete a request from inside either call. irq-safe
 *	    (port->lock)
 */

#define CEN_USB_EPS		15	/* per direction: what USB can address */
#define CEN_USB_DEPTH		64
#define CEN_USB_STRING		64
/* A port is called usb-NAME-out14 at most. */
#define CEN_USB_NAME_LEN	(CEN_PORT_NAME_LEN - (sizeof("usb--out14") - 1))

struct cen_usb;

/*
 * struct cen_usb_job - a transfer and the request it travels in
 * @node: in endpoint->idle, held or flying; P: jobs_lock
 * @transfer: NULL while idle; P: jobs_lock
 * @head: first piece of a table that begins inside a segment, and a link to the rest
 * @bounce, @done: memory a piece is copied through, and bytes done (copy.c)
 * @landed: between two pieces: the controller has none; P: jobs_lock
 * @cancel: no further piece; P: jobs_lock
 */
struct cen_usb_job {
	struct list_head node;
	struct cen_usb_ep *ep;
	struct usb_request *req;
	struct cen_transfer *transfer;
	struct scatterlist head[2];
	void *bounce;
	u64 done;
	bool landed;
	bool cancel;
};

/*
 * struct cen_usb_ep - a bulk endpoint that is a port
 * @sg: the controller takes tables that are mapped already
 * @enabled: by the host's choice of configuration and setting; P: lock
 * @suspended: the bus sleeps; P: lock
 * @copying: the controller does DMA, but neither from a table nor from vmap addresses;
 *	set once; P: lock
 * @copied: bytes copied because of that; P: jobs_lock
 * @fs, @hs, @ss, @comp: descriptors by speed
 */
struct cen_usb_ep {
	struct cen_usb *usb;
	struct usb_ep *ep;
	struct cen_port *port;
	struct cen_usb_job *jobs;
	u32 nr_jobs;
	bool in;
	bool zlp;
	bool sg;

	spinlock_t lock;
	bool enabled;
	bool suspended;
	bool copying;

	spinlock_t jobs_lock;
	struct list_head idle;
	struct list_head held;
	struct list_head flying;
	u64 copied;
	struct tasklet_struct copy;

	struct usb_endpoint_descriptor fs, hs, ss;
	struct usb_ss_ep_comp_descriptor comp;
};

/* struct cen_usb_opts - what configfs says: functions/cen.NAME/ */
struct cen_usb_opts {
	struct usb_function_instance instance;
	struct mutex mutex;
	struct cen_usb *usb;		/* bound, or NULL; P: mutex */
	u32 users;			/* functions made from it; P: mutex */
	char name[CEN_USB_NAME_LEN];
	char string[CEN_USB_STRING];
	u32 in, out;
	u32 depth;
	u32 policy;
	u32 maxburst;
	u32 zlp;
};

/* struct cen_usb - the function */
struct cen_usb {
	struct usb_function function;
	struct cen_usb_opts *opts;
	struct usb_interface_descriptor alt[2];	/* with endpoints, without */
	u8 interface;
	u8 current_alt;
	bool has_idle_alt;
	u32 nr_eps;
	struct cen_usb_ep eps[];
};

static inline struct cen_usb *cen_usb_from(struct usb_function *f)
{
	return container_of(f, struct cen_usb, function);
}

static inline struct cen_usb_opts *cen_usb_opts_from(const struct usb_function_instance *instance)
{
	return container_of(instance, struct cen_usb_opts, instance);
}

/* descriptors.c: fill them in, find endpoints that can do it, hand them to the composite core. */
int cen_usb_describe(struct cen_usb *usb, struct usb_configuration *c);

/* endpoint.c */
int cen_usb_ep_register(struct cen_usb_ep *ep, struct usb_gadget *gadget, const char *name);
void cen_usb_ep_unregister(struct cen_usb_ep *ep);
int cen_usb_ep_enable(struct cen_usb_ep *ep);
void cen_usb_ep_disable(struct cen_usb_ep *ep);
void cen_usb_ep_suspend(struct cen_usb_ep *ep, bool suspend);
int cen_usb_ep_halt(struct cen_usb_ep *ep, bool halt);
/* Give the controller what is held, as much as it may have. P: ep->lock */
void cen_usb_ep_flush_locked(struct cen_usb_ep *ep);
/* @job's request to the controller, @job to the list flying; on error to none. P: ep->lock */
int cen_usb_job_fly(struct cen_usb_job *job);
/* @job's transfer is over. Context: any, ep->lock may be held. */
void cen_usb_job_end(struct cen_usb_job *job, int status, u64 actual);

/* copy.c: for controllers that can reach a buffer in no other way */
void cen_usb_copy_init(struct cen_usb_ep *ep);
/* As cen_usb_job_fly(). P: ep->lock */
int cen_usb_copy_start(struct cen_usb_job *job);
/* A piece was transferred; was it the last? Context: any. */
bool cen_usb_copy_landed(struct cen_usb_job *job, int status, u64 actual);

/* ffs.c */
long cen_usb_ioctl(struct cen_port *port, struct cen_port_file *file, unsigned int cmd,
		   unsigned long arg);

/* configfs.c */
struct usb_function_instance *cen_usb_opts_new(void);

#endif /* _CEN_USB_H */
