/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * libcen: FPGA images out of cen_buffers, and slots that keep them ready.
 *
 *	struct cen_fpga *fpga = cen_fpga_open("region0");
 *	if (!fpga || cen_fpga_load(fpga, buf, 0, 0, CEN_FPGA_PARTIAL, NULL))
 *		errx(1, "%s", cen_error());
 *
 * or, with an image that stays in memory:
 *
 *	cen_fpga_slot_add("region0", "filter");
 *	cen_fpga_slot_set_flags("region0", "filter", CEN_FPGA_PARTIAL);
 *	cen_fpga_slot_set_firmware("region0", "filter", "filter.bin");
 *	...
 *	cen_fpga_switch("region0", "filter");
 *
 * Conventions are those of <cen.h>; what the kernel does, and which errno means what, stands
 * in <linux/cen_fpga.h> and cen_fpga(4). Loading and slots want root.
 */
#ifndef _CEN_FPGA_H
#define _CEN_FPGA_H

#include <cen.h>
#include <linux/cen_fpga.h>

#ifdef __cplusplus
extern "C" {
#endif

struct cen_fpga;
struct cen_fpga_list;
struct cen_fpga_slot_list;

/* ------------------------------------------------------ regions and managers */

/*
 * Open the region or manager @name ("region0", "fpga0", or /dev/cen_fpga/NAME). ENOENT: there is
 * none, or the module cen_fpga is not loaded; EACCES.
 */
CEN_API struct cen_fpga *cen_fpga_open(const char *name);
CEN_API void cen_fpga_close(struct cen_fpga *fpga);
CEN_API int cen_fpga_fd(const struct cen_fpga *fpga);

/* What it is and what became of the last load. ENODEV: it is gone. Works while it is loading. */
CEN_API int cen_fpga_get_info(struct cen_fpga *fpga, struct cen_fpga_info *info);

/*
 * Program @length bytes at @offset of @buf (@length 0: to its end); @flags: CEN_FPGA_PARTIAL and so
 * on. Returns when it is done. @result may be NULL; cen_error() tells the failing step, too.
 */
CEN_API int cen_fpga_load(struct cen_fpga *fpga, struct cen_buffer *buf, uint64_t offset,
			  uint64_t length, uint32_t flags, struct cen_fpga_result *result);
/* The same out of any dma-buf. */
CEN_API int cen_fpga_load_fd(struct cen_fpga *fpga, int fd, uint64_t offset, uint64_t length,
			     uint32_t flags, struct cen_fpga_result *result);

/* All there are, sorted by name. ENOENT: the module is not loaded. */
CEN_API struct cen_fpga_list *cen_fpga_list_new(void);
CEN_API void cen_fpga_list_free(struct cen_fpga_list *list);
CEN_API size_t cen_fpga_list_count(const struct cen_fpga_list *list);
CEN_API const struct cen_fpga_info *cen_fpga_list_get(const struct cen_fpga_list *list,
						      size_t index);

/* enum cen_fpga_state, enum cen_fpga_step as words; never NULL. */
CEN_API const char *cen_fpga_state_text(uint32_t state);
CEN_API const char *cen_fpga_step_text(uint32_t step);

/* "partial,encrypted,compressed,lsb-first", or with blanks, to CEN_FPGA_*. EINVAL. */
CEN_API int cen_fpga_flags_parse(uint32_t *flags, const char *text);
/* And back, with @separator in between. Returns as snprintf(). */
CEN_API int cen_fpga_flags_format(uint32_t flags, char separator, char *text, size_t room);

/* -------------------------------------------------------------------- slots */

/* A snapshot of a slot. */
struct cen_fpga_slot {
	char name[CEN_FPGA_NAME_LEN];
	char state[16];		/* empty, ready, active, failed */
	char firmware[256];	/* the file it was filled from, or "" */
	uint64_t size;		/* of the image, bytes */
	uint64_t switches;	/* how often it was switched to */
	uint64_t last_switch_ns; /* how long that took the last time */
	uint32_t flags;		/* CEN_FPGA_* */
};

/*
 * The slots of @region, sorted by name; none when it has no directory. ENOENT: no such region,
 * no module, or configfs is not mounted.
 */
CEN_API struct cen_fpga_slot_list *cen_fpga_slot_list_new(const char *region);
CEN_API void cen_fpga_slot_list_free(struct cen_fpga_slot_list *list);
CEN_API size_t cen_fpga_slot_list_count(const struct cen_fpga_slot_list *list);
CEN_API const struct cen_fpga_slot *cen_fpga_slot_list_get(const struct cen_fpga_slot_list *list,
							   size_t index);

/* An empty slot. ENODEV: no such region; EEXIST: there is one of that name. */
CEN_API int cen_fpga_slot_add(const char *region, const char *image);
/* Forget it, and the region's directory with the last one. The design stays in the FPGA. */
CEN_API int cen_fpga_slot_remove(const char *region, const char *image);
CEN_API int cen_fpga_slot_set_flags(const char *region, const char *image, uint32_t flags);
/* Fill it with a file below /lib/firmware, read straight into a buffer of its own. */
CEN_API int cen_fpga_slot_set_firmware(const char *region, const char *image, const char *name);
/* Fill it with a part of @buf, which it keeps alive; arguments as of cen_fpga_load(). */
CEN_API int cen_fpga_slot_set_buffer(const char *region, const char *image,
				     struct cen_buffer *buf, uint64_t offset, uint64_t length);
/* File with a device-tree overlay to be applied with it. EOPNOTSUPP: not by this kernel. */
CEN_API int cen_fpga_slot_set_overlay(const char *region, const char *image, const char *name);

/* Program the slot. ENODATA: it is empty; cen_error() tells the step that failed. */
CEN_API int cen_fpga_switch(const char *region, const char *image);

#ifdef __cplusplus
}
#endif

#endif /* _CEN_FPGA_H */
