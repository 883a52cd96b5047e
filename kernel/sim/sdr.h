/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_SIM_SDR_H
#define _CEN_SIM_SDR_H

#include <linux/cen_port.h>
#include <linux/irq_work.h>
#include <linux/list.h>
#include <linux/platform_device.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

/*
 * A sample is I and Q of two channels, 16 bits each, little endian: 8 bytes. Pattern "ramp"
 * makes the stream a 32-bit counter, so that a lost, repeated or swapped block shows. Pattern
 * "stamp" puts one such counter in front of each page and leaves the rest alone: hardware
 * moves data without a CPU, this does so nearly. For measurements.
 */
#define CEN_SDR_SAMPLE		8

enum cen_sdr_pattern {
	CEN_SDR_RAMP,
	CEN_SDR_PRBS,
	CEN_SDR_TONE,
	CEN_SDR_STAMP,
};

struct cen_sdr_job;
struct iio_buffer;
struct iio_dev;

/* State of a pattern generator. */
struct cen_sdr_source {
	enum cen_sdr_pattern pattern;
	u32 counter;
	u32 lfsr;
};

void cen_sdr_source_reset(struct cen_sdr_source *source, enum cen_sdr_pattern pattern);
/* Bytes of a page's worth that are really moved. */
size_t cen_sdr_source_moved(const struct cen_sdr_source *source, size_t length);
/* The next @length bytes, a multiple of 4. */
void cen_sdr_source_fill(struct cen_sdr_source *source, void *buf, size_t length);

/*
 * struct cen_sdr_channel - the DMA engine of one direction
 * @queue: transfers from the port, in order; P: lock
 * @ended: those to report from interrupt context; P: lock
 * @current_job: the one it is at; P: lock
 * @source: what a receiver delivers, and what a transmitter expects
 * @work: buffer between "air" and bus
 * @rate: samples per second, 0: as fast as it can
 * @irq, @ipi: the interrupt, on the hardware's own CPU or on irq_cpu
 * @ipis: those on their way
 * @fail: so many transfers end with -EIO
 * @hang: nothing ends while it is set
 * @overruns: times a receiver with a rate had nowhere to put samples
 * @mismatches: transmitter: words that were not what the pattern says
 */
struct cen_sdr_channel {
	struct device *dev;
	struct cen_port *port;
	struct task_struct *thread;
	spinlock_t lock;
	struct list_head queue;
	struct list_head ended;
	struct cen_sdr_job *current_job;
	wait_queue_head_t wait;
	struct irq_work irq;
	call_single_data_t ipi;
	atomic_t ipis;
	struct cen_sdr_source source;
	void *work;
	bool transmit;
	u32 rate;
	u32 fail;
	bool hang;
	u64 overruns;
	u64 mismatches;
	u64 bytes;
	u64 next_due;
	struct iio_dev *iio;
	struct iio_buffer *iio_buffer;
};

int cen_sdr_channel_start(struct cen_sdr_channel *channel, struct device *dev, const char *name,
			  bool transmit, u32 policy);
void cen_sdr_channel_stop(struct cen_sdr_channel *channel);
void cen_sdr_channel_poke(struct cen_sdr_channel *channel);

/* sdr_iio.c; @name must stay */
int cen_sdr_iio_start(struct cen_sdr_channel *channel, const char *name);
void cen_sdr_iio_stop(struct cen_sdr_channel *channel);

#endif /* _CEN_SIM_SDR_H */
