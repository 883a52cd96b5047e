/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * "Do these bytes contain an address of that buffer?" - asked by a test, which does
 * not know the address and is not told.
 *
 * An address is a number that is, as the CPU or as a device sees it, within the
 * buffer. It is looked for at every byte as a little-endian number of 8 and of 4 bytes, and
 * in every run of digits as a hexadecimal and as a decimal number.
 */
#ifndef _CEN_UIO_ORACLE_H
#define _CEN_UIO_ORACLE_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* In what form an address was found, or is to be planted before the search. */
enum cuo_form {
	CUO_NONE,
	CUO_LE64,
	CUO_LE32,
	CUO_HEX,
	CUO_DECIMAL,
};

/**
 * struct cuo_search - CUO_IOC_SEARCH
 * @data: user pointer to @length bytes, up to 4 MiB
 * @length: see @data
 * @offset: out: where the first address was found
 * @fd: the buffer, a dma-buf
 * @plant: enum cuo_form: write an address into the bytes before they are searched,
 *	at byte @plant_at, to see that it is found. The caller's bytes stay what they are.
 * @plant_at: see @plant
 * @found: out: how many addresses were found
 * @form: out: enum cuo_form of the first
 * @translated: out: the device's addresses are others than the CPU's
 * @device: name of a PCI device that has the buffer mapped
 */
struct cuo_search {
	__aligned_u64 data;
	__aligned_u64 length;
	__aligned_u64 offset;
	__s32 fd;
	__u32 plant;
	__u32 plant_at;
	__u32 found;
	__u32 form;
	__u32 translated;
	char device[64];
};

#define CUO_IOC_SEARCH	_IOWR(0xfd, 0x10, struct cuo_search)

#endif /* _CEN_UIO_ORACLE_H */
