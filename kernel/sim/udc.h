/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_SIM_UDC_H
#define _CEN_SIM_UDC_H

#include <linux/irq_work.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/usb/gadget.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

/**
 * DOC: A USB device controller that is not there, and the host at the other end of its cable
 *
 *	gadget driver --requests--> endpoint ==bus==> host: URBs of a file in debugfs, or a
 *	                                              stream that the host makes by itself
 *
 * A thread is the controller and the cable (udc_bus.c): it moves packets between requests and
 * the host. Memory it reaches only by the bus addresses of the requests. irq_work is its
 * interrupt. The host's side of control transfers and of the cable is udc_host.c.
 *
 * Locks, outermost first:
 *
 *	bus		what a host does one after the other: control transfers, plugging,
 *			suspend; held across the gadget driver's callbacks. Sleeps
 *	  lock		requests, URBs, state; held while packets move. irq-safe
 */

#define CEN_UDC_EPS	15	/* per direction */

struct cen_udc;

/*
 * struct cen_udc_req - a request of the gadget driver
 * @node: in endpoint->queue or udc->ended; P: lock
 * @sg, @sg_done: where in its table request.actual is
 */
struct cen_udc_req {
	struct usb_request request;
	struct list_head node;
	struct scatterlist *sg;
	u32 sg_done;
};

/* struct cen_udc_urb - what the host asks of an endpoint; P: lock */
struct cen_udc_urb {
	struct list_head node;
	void *data;
	size_t length;
	size_t actual;
	int status;
	bool done;
};

/*
 * struct cen_udc_ep - an endpoint, and the host's end of it
 * @queue: requests, in order; P: lock
 * @urbs: the host's, in order; P: lock
 * @stream: the host reads or writes by itself, without an end
 * @check: compare what a stream reads with the ramp (IN)
 * @rate: bytes per second of a stream, 0: as fast as it goes
 * @counter: of the ramp
 * @due: when the stream may go on, ns
 * @fail: so many requests end with -EIO
 * @hang: nothing moves while it is set
 * @mismatches: words of a stream that were not the ramp's
 */
struct cen_udc_ep {
	struct usb_ep ep;
	struct cen_udc *udc;
	char name[16];
	bool in;
	bool enabled;
	bool halted;
	bool wedged;
	struct list_head queue;
	struct list_head urbs;
	bool stream;
	bool check;
	bool hang;
	u32 rate;
	u32 fail;
	u32 counter;
	u64 due;
	u64 bytes;
	u64 requests;
	u64 mismatches;
};

struct cen_udc {
	struct usb_gadget gadget;
	struct platform_device *pdev;
	struct dentry *debugfs;
	struct cen_udc_ep ep0;
	struct cen_udc_ep in[CEN_UDC_EPS];
	struct cen_udc_ep out[CEN_UDC_EPS];

	struct mutex bus;
	spinlock_t lock;
	struct usb_gadget_driver *driver;	/* P: lock */
	bool callbacks;			/* the driver may be called; P: lock */
	bool pullup;			/* the gadget wants to be seen; P: lock */
	bool plugged;			/* the cable; P: bus and lock */
	bool configured;		/* by the host; P: bus and lock */
	bool configuring;		/* the host is at it; P: bus and lock */
	bool suspended;			/* P: bus and lock */
	bool gone;			/* P: lock */
	enum usb_device_speed speed;	/* highest both want */

	struct task_struct *thread;
	bool kicked;
	void *work;			/* a stream's memory between host and bus */
	struct irq_work irq;		/* the interrupt, on the thread's CPU ... */
	call_single_data_t ipi;		/* ... or on irq_cpu */
	atomic_t ipis;			/* those on their way */
	struct list_head ended;		/* requests to give back; P: lock */
	struct work_struct attach;
	wait_queue_head_t wait;		/* URBs, and requests of ep0 */
	u64 refused;			/* requests beyond its limits */
	u32 max_segs;
	u32 seg_size;
};

static inline struct cen_udc *cen_udc_from(struct usb_gadget *gadget)
{
	return container_of(gadget, struct cen_udc, gadget);
}

static inline struct cen_udc_ep *cen_udc_ep_from(struct usb_ep *ep)
{
	return container_of(ep, struct cen_udc_ep, ep);
}

static inline struct cen_udc_req *cen_udc_req_from(struct usb_request *request)
{
	return container_of(request, struct cen_udc_req, request);
}

#define cen_udc_for_each_ep(_udc, _ep)							\
	for ((_ep) = (_udc)->in; (_ep) < (_udc)->out + CEN_UDC_EPS;			\
	     (_ep) = (_ep) + 1 == (_udc)->in + CEN_UDC_EPS ? (_udc)->out : (_ep) + 1)

/* udc_gadget.c: what the gadget core sees */
void cen_udc_gadget_init(struct cen_udc *udc, enum usb_device_speed speed, bool sg);
void cen_udc_giveback(struct cen_udc_ep *ep, struct cen_udc_req *req);
/* All requests of @ep end with @status. */
void cen_udc_nuke(struct cen_udc_ep *ep, int status);

/* udc_bus.c: packets */
int cen_udc_bus_start(struct cen_udc *udc);
void cen_udc_bus_stop(struct cen_udc *udc);
void cen_udc_kick(struct cen_udc *udc);
/* No interrupt is on its way any more, and none runs. Sleeps. */
void cen_udc_irq_sync(struct cen_udc *udc);
/* Between @host and the next @length bytes of @req. P: lock */
int cen_udc_move(struct cen_udc_ep *ep, struct cen_udc_req *req, void *host, size_t length);

/* udc_host.c: the other end of the cable */
void cen_udc_attach_work(struct work_struct *work);
/* A control transfer: bytes of its data stage or -errno, -EPIPE: stall. P: bus */
int cen_udc_control(struct cen_udc *udc, const struct usb_ctrlrequest *setup, void *data);
void cen_udc_plug(struct cen_udc *udc, bool plug);
void cen_udc_sleep(struct cen_udc *udc, bool sleep);
/* The host gives up all it has asked for: @ep's, or with NULL everything. P: lock */
void cen_udc_end_urbs_locked(struct cen_udc *udc, struct cen_udc_ep *ep, int status);

/* udc_files.c: debugfs */
void cen_udc_files_add(struct cen_udc *udc, struct dentry *parent);

#endif /* _CEN_SIM_UDC_H */
