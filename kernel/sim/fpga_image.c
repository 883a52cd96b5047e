// SPDX-License-Identifier: GPL-2.0
/*
 * Images of the simulated FPGA: is this one, is it whole, is it for this region?
 */
#include <linux/crc32.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "fpga.h"

static u32 cen_sim_crc(u32 crc, const void *data, size_t length)
{
	return crc32_le(crc, data, length);
}

int cen_sim_header_check(const struct cen_sim_fpga_header *header, u32 region)
{
	size_t length = offsetof(struct cen_sim_fpga_header, header_crc);
	u32 made_for = le32_to_cpu(header->region);

	if (memcmp(header->magic, CEN_SIM_FPGA_MAGIC, sizeof(header->magic)))
		return -EINVAL;
	if (le32_to_cpu(header->size) != sizeof(*header) || memchr_inv(header->pad, 0, sizeof(header->pad)))
		return -EINVAL;
	if (~cen_sim_crc(~0, header, length) != le32_to_cpu(header->header_crc))
		return -EBADMSG;
	if (made_for != CEN_SIM_FPGA_ANY && made_for != region)
		return -EXDEV;
	return 0;
}

void cen_sim_stream_start(struct cen_sim_stream *stream)
{
	memset(stream, 0, sizeof(*stream));
	stream->crc = ~0;
}

int cen_sim_stream_feed(struct cen_sim_mgr *sim, const void *data, size_t length)
{
	struct cen_sim_stream *stream = &sim->stream;
	size_t piece = min(length, sizeof(stream->header) - stream->have);

	if (piece) {
		memcpy((void *)&stream->header + stream->have, data, piece);
		stream->have += piece;
		data += piece;
		length -= piece;
	}
	if (sim->check)
		stream->crc = cen_sim_crc(stream->crc, data, length);
	stream->data += length;
	return 0;
}

/* The padding at the end of a buffer is no image; less than an image is none, either. */
int cen_sim_stream_end(struct cen_sim_mgr *sim)
{
	const struct cen_sim_stream *stream = &sim->stream;

	if (stream->have < sizeof(stream->header) ||
	    stream->data != le64_to_cpu(stream->header.data_size)) {
		sim->status |= FPGA_MGR_STATUS_INCOMPATIBLE_IMAGE_ERR;
		return -EINVAL;
	}
	if (sim->check && ~stream->crc != le32_to_cpu(stream->header.data_crc)) {
		sim->status |= FPGA_MGR_STATUS_CRC_ERR;
		return -EBADMSG;
	}
	return 0;
}
