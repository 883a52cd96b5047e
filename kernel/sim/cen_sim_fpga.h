/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The images that the simulated FPGA takes, for those who make them. Everything is little
 * endian. The data behind the header is anything.
 */
#ifndef _CEN_SIM_FPGA_H
#define _CEN_SIM_FPGA_H

#include <linux/types.h>

#define CEN_SIM_FPGA_MAGIC	"CENFPGA1"
#define CEN_SIM_FPGA_ANY	0xffffffff	/* fits every region */

/**
 * struct cen_sim_fpga_header - what an image begins with
 * @magic: CEN_SIM_FPGA_MAGIC without its NUL
 * @size: of this header
 * @region: 1, 2: the region it was made for; 0: the whole FPGA
 * @data_size: bytes behind the header
 * @design: what it is: reported once it is loaded
 * @data_crc: CRC-32 (as of zip) of the data
 * @pad: zero
 * @header_crc: the same of everything above
 */
struct cen_sim_fpga_header {
	__u8 magic[8];
	__le32 size;
	__le32 region;
	__le64 data_size;
	__le32 design;
	__le32 data_crc;
	__u8 pad[28];
	__le32 header_crc;
};

#endif /* _CEN_SIM_FPGA_H */
