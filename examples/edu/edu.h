/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_EDU_DRIVER_H
#define _CEN_EDU_DRIVER_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include "cen_edu.h"

struct dma_buf;
struct dma_buf_attachment;
struct pci_dev;
struct sg_table;

/**
 * struct cen_edu - one edu device
 * @refs: one for the bound driver, one for every open file
 * @pdev: the device; its registers and mappings may be used while !@gone
 * @regs: BAR 0
 * @done: completed by the interrupt at the end of a DMA
 * @lock: one transfer at a time; protects the fields marked E. Taken before a
 *	dma-buf's reservation lock
 * @files: E: open files, struct cen_edu_file.link
 * @gone: E: the driver has been unbound
 * @stuck: E: a DMA never ended, bus mastering is off
 * @misc: /dev/cen_eduN
 * @id: N
 */
struct cen_edu {
	struct kref refs;
	struct pci_dev *pdev;
	void __iomem *regs;
	struct completion done;
	struct mutex lock;
	struct list_head files;
	bool gone;
	bool stuck;
	struct miscdevice misc;
	int id;
};

/**
 * struct cen_edu_file - an open file of a device
 * @edu: the device, counted
 * @link: in cen_edu.files; E
 * @buffers: handle → struct cen_edu_buffer; E
 */
struct cen_edu_file {
	struct cen_edu *edu;
	struct list_head link;
	struct xarray buffers;
};

/**
 * struct cen_edu_buffer - an imported dma-buf
 * @attach: its attachment; @attach->dmabuf is counted
 * @sgt: mapped for as long as the buffer is attached
 */
struct cen_edu_buffer {
	struct dma_buf_attachment *attach;
	struct sg_table *sgt;
};

/* edu_engine.c: registers, interrupt, one DMA at a time */
int cen_edu_engine_init(struct cen_edu *edu);
bool cen_edu_engine_reaches(struct cen_edu *edu, dma_addr_t addr, size_t length);
int cen_edu_engine_run(struct cen_edu *edu, dma_addr_t addr, u32 device_offset,
		       u32 length, enum cen_edu_direction direction);

/* edu_buffer.c: dma-bufs */
int cen_edu_buffer_attach(struct cen_edu_file *file, struct cen_edu_attach *arg);
int cen_edu_buffer_detach(struct cen_edu_file *file, const struct cen_edu_detach *arg);
int cen_edu_buffer_transfer(struct cen_edu_file *file, struct cen_edu_transfer *arg);
void cen_edu_buffer_detach_all(struct cen_edu_file *file);

#endif /* _CEN_EDU_DRIVER_H */
