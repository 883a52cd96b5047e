// SPDX-License-Identifier: GPL-2.0
#include <linux/dma-buf.h>
void cen_probe(struct dma_buf_attach_ops *ops, void (*fn)(struct dma_buf_attachment *));
void cen_probe(struct dma_buf_attach_ops *ops, void (*fn)(struct dma_buf_attachment *))
{
	ops->move_notify = fn;
}
