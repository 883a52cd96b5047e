/* SPDX-License-Identifier: GPL-2.0 */
/*
 * In-kernel interface of cen_port: what a driver does to become a port.
 *
 * A driver registers a port for one direction of one DMA channel and implements
 * ->submit() and ->cancel(). The engine does the rest: attachments, fences, order,
 * completions, links. Exported GPL in the namespace CENALLOC.
 */
#ifndef _LINUX_CEN_PORT_H
#define _LINUX_CEN_PORT_H

#include <linux/scatterlist.h>
#include <linux/types.h>
#include <uapi/linux/cen_port.h>

struct cen_pa;
struct cen_port;
struct cen_port_file;
struct device;
struct dma_buf_attachment;
struct module;

/**
 * struct cen_transfer - one transfer, as a driver sees it
 * @port: the port
 * @sgt: the buffer, mapped for the port's device: walk it with
 *	for_each_sgtable_dma_sg(); NULL with CEN_PORT_VMAP
 * @vaddr: with CEN_PORT_VMAP: the buffer in kernel address space, else NULL
 * @offset: bytes into the buffer
 * @length: bytes
 * @cyclic: to be repeated until cancelled: the driver calls cen_transfer_period()
 *	after each round and cen_transfer_done() once at the end. Only with CEN_PORT_CYCLIC.
 * @drv: the driver's own, kept from submit to done
 */
struct cen_transfer {
	struct cen_port *port;
	struct sg_table *sgt;
	void *vaddr;
	u64 offset;
	u64 length;
	bool cyclic;
	void *drv[4];
};

/**
 * struct cen_port_ops - what a driver implements
 * @submit: give a transfer to the hardware. Called in order, never for more than
 *	@depth_hw transfers at once, in softirq or process context with bottom halves
 *	off; must not sleep, must not take a reservation, must not allocate with
 *	GFP_KERNEL. 0: the driver will call cen_transfer_done() once, later or at once. An
 *	errno: it will not, the transfer ends with that error.
 * @cancel: end @transfer soon: after it, the driver calls cen_transfer_done() (with
 *	-ECANCELED, or what became of it). May sleep. It may race with completion: a driver
 *	that no longer has it does nothing.
 * @ioctl: an ioctl of the port's node that is not the engine's; NULL: there is none. May
 *	sleep. The module stays while it runs; cen_port_hold() before anything else of
 *	the driver's is touched.
 */
struct cen_port_ops {
	int (*submit)(struct cen_port *port, struct cen_transfer *transfer);
	void (*cancel)(struct cen_port *port, struct cen_transfer *transfer);
	long (*ioctl)(struct cen_port *port, struct cen_port_file *file, unsigned int cmd,
		      unsigned long arg);
};

/**
 * struct cen_port_desc - what a driver tells when it registers
 * @name: unique, becomes /dev/cen/NAME
 * @dev: device that does the DMA
 * @ops: see above
 * @owner: module of @ops
 * @priv: for cen_port_priv()
 * @granule: transfers are multiples of it, >= 1
 * @length_max: 0: no limit
 * @direction: CEN_PORT_SOURCE or CEN_PORT_SINK
 * @flags: CEN_PORT_CYCLIC, CEN_PORT_VMAP
 * @policy: enum cen_port_policy
 * @depth_hw: transfers the hardware takes at once, >= 1
 */
struct cen_port_desc {
	const char *name;
	struct device *dev;
	const struct cen_port_ops *ops;
	struct module *owner;
	void *priv;
	u64 granule;
	u64 length_max;
	u32 direction;
	u32 flags;
	u32 policy;
	u32 depth_hw;
};

struct cen_port *cen_port_register(const struct cen_port_desc *desc);
void cen_port_unregister(struct cen_port *port);
void *cen_port_priv(const struct cen_port *port);

/* Context: any. @actual: bytes the device moved. */
void cen_transfer_done(struct cen_transfer *transfer, int status, u64 actual);
void cen_transfer_period(struct cen_transfer *transfer, u64 actual);

/* A second language on a port's node (kernel/port/front.c) */

bool cen_port_hold(struct cen_port *port);
void cen_port_unhold(struct cen_port *port);
int cen_port_file_attach(struct cen_port_file *file, int fd);
int cen_port_file_detach(struct cen_port_file *file, int fd);
int cen_port_file_enqueue(struct cen_port_file *file, struct cen_port_enqueue *arg);

/* Ports for other kernel code (kernel/port/client.c) */

struct device *cen_port_device(struct cen_port *port);
const char *cen_port_name(const struct cen_port *port);
bool cen_port_is_sink(const struct cen_port *port);
struct cen_pa *cen_port_buffer_add(struct cen_port *port, struct dma_buf_attachment *attach,
				   struct sg_table *sgt);
struct cen_pa *cen_port_buffer_get(struct cen_pa *pa);
void cen_port_buffer_put(struct cen_pa *pa);
void cen_port_buffer_set_map(struct cen_pa *pa, struct sg_table *sgt);
bool cen_port_buffer_busy(struct cen_pa *pa);
void cen_port_buffer_wait(struct cen_pa *pa);
int cen_port_buffer_submit(struct cen_pa *pa, u64 offset, u64 length, bool cyclic,
			   void (*done)(void *ctx, int status, u64 actual), void *ctx);
void cen_port_buffer_cancel(struct cen_pa *pa);

#endif /* _LINUX_CEN_PORT_H */
