/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The first 256 MiB of memory, and the DMA mask of a device that reaches little more; and what
 * reaches so little that the kernel itself leaves less than 64 MiB of it. QEMU's arm64 machine
 * has no memory below 1 GiB.
 */
#ifndef TEST_LOW_H
#define TEST_LOW_H

#ifdef __aarch64__
#define T_LOW_LAST	0x4fffffffUL
#define T_LOW_BITS	31
#define T_LOW_BITS_TEXT	"31"
#define T_TIGHT_LAST	0x43ffffffUL
#define T_TIGHT_BITS	31
#else
#define T_LOW_LAST	0xfffffffUL
#define T_LOW_BITS	28
#define T_LOW_BITS_TEXT	"28"
#define T_TIGHT_LAST	0xffffffUL
#define T_TIGHT_BITS	24
#endif
#define T_LOW_MASK	((1ULL << T_LOW_BITS) - 1)

#endif
