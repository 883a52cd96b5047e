/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_LINK_H
#define _CEN_LINK_H

#include <linux/workqueue.h>

#include "port.h"

struct cen_link;

/* A buffer in a link. */
struct cen_block {
	struct cen_link *link;
	struct cen_xfer *source;	/* its transfer at the source */
	struct cen_xfer *sinks[CEN_LINK_MAX_SINKS];
	u32 pending;			/* sinks that still have it; P: link->lock */
	u64 filled;			/* when the source was done, ns */
	u64 bytes;			/* the source's actual count */
};

/* A running or ended link. */
struct cen_link {
	spinlock_t lock;
	struct cen_port_file *files[CEN_LINK_MAX_SINKS + 1];	/* source first */
	struct file *filps[CEN_LINK_MAX_SINKS + 1];		/* keep them open */
	u32 nr_sinks;
	u32 nr_blocks;
	u32 flags;
	u64 length;
	struct cen_block *blocks;
	u64 left;		/* blocks the source may still start; P: lock */
	u32 active;		/* transfers queued or running, + 1 while starting; P: lock */
	u32 at_source;		/* those of the source among them; P: lock */
	bool stopping;		/* no block goes round again; P: lock */
	bool draining;		/* but what is filled is still delivered; P: lock */
	wait_queue_head_t wait;
	struct work_struct ending;	/* of an error: takes back what the source has */
	struct cen_link_stats stats;	/* P: lock */
	struct list_head all;		/* P: cen_links_mutex */
};

/* link.c: the engine */
void cen_link_init(struct cen_link *link);
void cen_link_start(struct cen_link *link);
void cen_link_stop(struct cen_link *link, bool drain);
bool cen_link_over(struct cen_link *link);
/* Ends of a link's transfers. Context: any. */
void cen_link_filled(struct cen_xfer *xfer);
void cen_link_emptied(struct cen_xfer *xfer);

/* link_make.c */
/* Attachments back to their files, files released, everything freed. Nothing runs any more. */
void cen_link_free(struct cen_link *link);

/* link_file.c */
/* An open link; putting the file stops and frees it. On error it is still the caller's. */
struct file *cen_link_file(struct cen_link *link);

#endif /* _CEN_LINK_H */
