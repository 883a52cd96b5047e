/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cen_kapi_test: a driver that uses every function of <linux/cenalloc.h> and says
 * in TAP what came of it.
 *
 *	main.c		debugfs: run, results, hold
 *	results.c	TAP
 *	devices.c	platform devices of our own, with a driver
 *	exporter.c	a foreign dma-buf
 *	test_*.c	one file per part of the interface
 */
#ifndef _CEN_KAPI_H
#define _CEN_KAPI_H

#include <linux/cenalloc.h>
#include <linux/device.h>
#include <linux/dma-buf.h>
#include <linux/sizes.h>

/* results.c; all of it P: the lock of main.c */
void kapi_results_reset(void);
void kapi_results_plan(void);
void kapi_results_free(void);
const char *kapi_results(void);

__printf(2, 3) bool kapi_ok(bool good, const char *what, ...);
bool kapi_equal(u64 got, u64 want, const char *what);
bool kapi_errno(long got, long want, const char *what);
/* For a pointer that should be an error. */
#define kapi_errptr(ptr, want, what)	kapi_errno(PTR_ERR_OR_ZERO(ptr), want, what)

/* devices.c */
enum kapi_device {
	KAPI_SILENT,	/* 32 bits, and its driver says nothing else */
	KAPI_NARROW,	/* 32 bits, segments of 4 MiB */
	KAPI_WIDE,	/* 64 bits, segments of 4 MiB */
	KAPI_FIRMWARE,	/* limits in cenalloc,* properties */
	KAPI_MALFORMED,	/* a property that makes no sense */
	KAPI_RANGES,	/* a bus whose addresses are not memory's */
	KAPI_DEVICES
};

int kapi_devices_init(void);
void kapi_devices_exit(void);
struct device *kapi_dev(enum kapi_device which);

/* exporter.c: a dma-buf of one page that is not cenalloc's; @dynamic: it has pin ops */
struct dma_buf *kapi_foreign(bool dynamic);

/*
 * Drop the last reference to a dma-buf and wait until it is gone. Plain
 * dma_buf_put() would leave the release to the return to user space.
 */
void kapi_release(struct dma_buf *dmabuf);

/* test_heaps.c: a heap whose memory is bank 9 */
#define KAPI_BANK	BIT_ULL(9)
int kapi_heap_add(void);
void kapi_heap_remove(void);
u32 kapi_heap_index(void);

void kapi_test_limits(void);
void kapi_test_firmware(void);
void kapi_test_ranges(void);
void kapi_test_buffers(void);
void kapi_test_access(void);
void kapi_test_pages(void);
void kapi_test_heaps(void);

#endif /* _CEN_KAPI_H */
