// SPDX-License-Identifier: GPL-2.0
/*
 * Firmware files, read straight into a buffer.
 *
 * request_firmware() reads into memory of its own, which would be copied. It can read into
 * ours, but does not tell before how much there will be: that is found out by looking where the
 * file ends, in a dozen small reads.
 */
#include <linux/cenalloc.h>
#include <linux/dma-buf.h>
#include <linux/firmware.h>
#include <linux/iosys-map.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "../compat/compat.h"
#include "fpga.h"

#define CEN_FPGA_FIRMWARE_PROBE	SZ_64K
#define CEN_FPGA_FIRMWARE_MAX	SZ_2G	/* more than any FPGA takes, and what the loader can read */

/* Bytes of the file at @offset, as far as @probe has room; 0: it ends before. -errno. */
static int cen_fpga_firmware_probe(struct device *hw, const char *name, u64 offset, void *probe)
{
	const struct firmware *firmware;
	int ret;

	ret = request_partial_firmware_into_buf(&firmware, name, hw, probe,
						CEN_FPGA_FIRMWARE_PROBE, offset);
	/* said of what is behind the end, too */
	if (ret)
		return ret == -ENOENT && offset ? 0 : ret;
	ret = firmware->size;
	release_firmware(firmware);
	return ret;
}

/* Twice as far each time until it is too far, then halfway in between. */
static int cen_fpga_firmware_search(struct device *hw, const char *name, void *probe, u64 *size)
{
	u64 least = 0, most = U64_MAX, offset = 0;	/* the size is in between */

	while (least < most) {
		int ret = cen_fpga_firmware_probe(hw, name, offset, probe);

		if (ret < 0)
			return ret;
		if (ret)
			least = offset + ret;
		if (ret < CEN_FPGA_FIRMWARE_PROBE)
			most = ret ? least : offset;	/* ends here, or earlier */
		if (most == U64_MAX)
			offset = 2 * least;
		else
			offset = least + (most - least) / 2;
		if (offset >= CEN_FPGA_FIRMWARE_MAX)
			return -EFBIG;
	}
	*size = least;
	return least ? 0 : -ENODATA;
}

static int cen_fpga_firmware_size(struct device *hw, const char *name, u64 *size)
{
	void *probe = kvmalloc(CEN_FPGA_FIRMWARE_PROBE, GFP_KERNEL);
	int ret;

	if (!probe)
		return -ENOMEM;
	ret = cen_fpga_firmware_search(hw, name, probe, size);
	kvfree(probe);
	return ret;
}

/* All of the file, at once: so it can be appraised as a whole. */
static int cen_fpga_firmware_fill(struct device *hw, const char *name, struct dma_buf *dmabuf,
				  u64 *length)
{
	const struct firmware *firmware;
	struct iosys_map map;
	int ret;

	ret = dma_buf_vmap_unlocked(dmabuf, &map);
	if (ret)
		return ret;
	ret = request_firmware_into_buf(&firmware, name, hw, map.vaddr, dmabuf->size);
	if (!ret) {
		*length = firmware->size;
		release_firmware(firmware);
	}
	dma_buf_vunmap_unlocked(dmabuf, &map);
	return ret;
}

/**
 * cen_fpga_firmware_read - a firmware file in a buffer of its own
 * @hw: the device that will read it
 * @name: below the kernel's firmware directories
 * @length: bytes it has
 *
 * Compressed files are not found: the loader would unpack them into memory of its own.
 *
 * Context: May sleep.
 * Return: a dma-buf with one reference, or ERR_PTR: -ENOENT: no such file; -ENODATA: it is
 * empty; -EFBIG: too large, or it grew meanwhile; -EINVAL: a bad name; what allocating the
 * buffer says.
 */
struct dma_buf *cen_fpga_firmware_read(struct device *hw, const char *name, u64 *length)
{
	struct dma_buf *dmabuf;
	u64 size;
	int ret;

	ret = cen_fpga_firmware_size(hw, name, &size);
	if (ret)
		return ERR_PTR(ret);
	dmabuf = cen_buffer_create(size, 0, 0);
	if (IS_ERR(dmabuf))
		return dmabuf;
	ret = cen_buffer_declare(dmabuf, hw, NULL);
	if (!ret)
		ret = cen_fpga_firmware_fill(hw, name, dmabuf, length);
	if (ret) {
		dma_buf_put(dmabuf);
		return ERR_PTR(ret);
	}
	return dmabuf;
}
