/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_SIM_FPGA_INTERNAL_H
#define _CEN_SIM_FPGA_INTERNAL_H

#include <linux/fpga/fpga-bridge.h>
#include <linux/fpga/fpga-mgr.h>
#include <linux/fpga/fpga-region.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/types.h>

#include "cen_sim_fpga.h"

#define CEN_SIM_REGIONS		2

struct dentry;
struct sg_table;

/**
 * struct cen_sim_stream - an image on its way in
 * @header: of it
 * @have: bytes of @header that have come, when the manager is given them as data
 * @data: bytes of data that have come
 * @crc: of them
 */
struct cen_sim_stream {
	struct cen_sim_fpga_header header;
	size_t have;
	u64 data;
	u32 crc;
};

/* Steps that can be made to fail: the errno, positive; 0: it works */
struct cen_sim_faults {
	u32 header;
	u32 init;
	u32 write;
	u32 complete;
};

/**
 * struct cen_sim_mgr - a manager and its FPGA
 * @pdev: the hardware
 * @mgr: NULL while it is unplugged
 * @stream: the image that is being loaded
 * @region: that it is loaded into, 0: the whole FPGA
 * @designs: that are loaded: of the whole, of its regions
 * @loads: images loaded, failed ones not
 * @status: bits of FPGA_MGR_STATUS_*
 * @faults: see there
 * @check: look at the data, not only at the header
 * @stall_ms: writing takes that much longer
 * @segments: pieces of memory the last image came in, of those that come by DMA
 * @debugfs: its directory
 */
struct cen_sim_mgr {
	struct platform_device *pdev;
	struct fpga_manager *mgr;
	struct cen_sim_stream stream;
	u32 region;
	u32 designs[1 + CEN_SIM_REGIONS];
	u64 loads;
	u64 status;
	struct cen_sim_faults faults;
	bool check;
	u32 stall_ms;
	u32 segments;
	struct dentry *debugfs;
};

/* fpga_image.c */
int cen_sim_header_check(const struct cen_sim_fpga_header *header, u32 region);
void cen_sim_stream_start(struct cen_sim_stream *stream);
/* Data; the header is taken off the front unless it has come already. */
int cen_sim_stream_feed(struct cen_sim_mgr *sim, const void *data, size_t length);
/* Is it complete and intact? 0, -EINVAL: cut short or too long, -EBADMSG: damaged. */
int cen_sim_stream_end(struct cen_sim_mgr *sim);

/* fpga_manager.c */
enum cen_sim_kind {
	CEN_SIM_TABLES,		/* write_sg: reads memory itself, by bus addresses */
	CEN_SIM_STREAMS,	/* write: bytes, header and all */
	CEN_SIM_HEADERS,	/* parse_header, write: data only */
	CEN_SIM_KINDS,
};

struct fpga_manager *cen_sim_mgr_register(struct cen_sim_mgr *sim, enum cen_sim_kind kind);

/**
 * struct cen_sim_region - a region and its bridge
 * @pdev: the bridge's hardware
 * @bridge: NULL while unplugged
 * @region: the same
 * @id: 1 and up
 * @enabled: by the bridge
 * @fail_get: errno, positive, that getting the bridge fails with
 * @fail_disable: the same for disabling it
 * @fail_enable: and for enabling it
 * @disables: how often it was disabled
 */
struct cen_sim_region {
	struct platform_device *pdev;
	struct fpga_bridge *bridge;
	struct fpga_region *region;
	u32 id;
	bool enabled;
	u32 fail_get;
	u32 fail_disable;
	u32 fail_enable;
	u32 disables;
};

/* fpga_region.c */
int cen_sim_region_register(struct cen_sim_region *sim, struct device *parent,
			    struct fpga_manager *mgr);
void cen_sim_region_unregister(struct cen_sim_region *sim);
/* Load a firmware file, as drivers of regions do. */
int cen_sim_region_load(struct cen_sim_region *sim, const char *name, u32 flags);

#endif /* _CEN_SIM_FPGA_INTERNAL_H */
