// SPDX-License-Identifier: GPL-2.0
/*
 * The radio as IIO devices: an ADC with an input buffer, a DAC with an output buffer.
 */
#include <linux/cen_iio.h>
#include <linux/err.h>
#include <linux/iio/buffer.h>
#include <linux/iio/buffer_impl.h>
#include <linux/iio/iio.h>

#include "sdr.h"

#define CEN_SDR_CHANNEL(_output, _channel, _modifier, _index) {	\
	.type = IIO_VOLTAGE,						\
	.indexed = 1,							\
	.modified = 1,							\
	.output = (_output),						\
	.channel = (_channel),						\
	.channel2 = (_modifier),					\
	.info_mask_shared_by_all = BIT(IIO_CHAN_INFO_SAMP_FREQ),	\
	.scan_index = (_index),						\
	.scan_type = {							\
		.sign = 's',						\
		.realbits = 16,						\
		.storagebits = 16,					\
		.endianness = IIO_LE,					\
	},								\
}

static const struct iio_chan_spec cen_sdr_adc_channels[] = {
	CEN_SDR_CHANNEL(0, 0, IIO_MOD_I, 0),
	CEN_SDR_CHANNEL(0, 0, IIO_MOD_Q, 1),
	CEN_SDR_CHANNEL(0, 1, IIO_MOD_I, 2),
	CEN_SDR_CHANNEL(0, 1, IIO_MOD_Q, 3),
};

static const struct iio_chan_spec cen_sdr_dac_channels[] = {
	CEN_SDR_CHANNEL(1, 0, IIO_MOD_I, 0),
	CEN_SDR_CHANNEL(1, 0, IIO_MOD_Q, 1),
	CEN_SDR_CHANNEL(1, 1, IIO_MOD_I, 2),
	CEN_SDR_CHANNEL(1, 1, IIO_MOD_Q, 3),
};

/* The converter always delivers all four. */
static const unsigned long cen_sdr_scan_masks[] = { 0xf, 0 };

struct cen_sdr_iio {
	struct cen_sdr_channel *channel;
};

static int cen_sdr_read_raw(struct iio_dev *iio, const struct iio_chan_spec *chan, int *val,
			    int *val2, long mask)
{
	struct cen_sdr_iio *state = iio_priv(iio);

	if (mask != IIO_CHAN_INFO_SAMP_FREQ)
		return -EINVAL;
	*val = READ_ONCE(state->channel->rate);
	return IIO_VAL_INT;
}

static int cen_sdr_write_raw(struct iio_dev *iio, const struct iio_chan_spec *chan, int val,
			     int val2, long mask)
{
	struct cen_sdr_iio *state = iio_priv(iio);

	if (mask != IIO_CHAN_INFO_SAMP_FREQ || val < 0)
		return -EINVAL;
	WRITE_ONCE(state->channel->rate, val);
	return 0;
}

static const struct iio_info cen_sdr_iio_info = {
	.read_raw = cen_sdr_read_raw,
	.write_raw = cen_sdr_write_raw,
};

int cen_sdr_iio_start(struct cen_sdr_channel *channel, const char *name)
{
	struct cen_sdr_iio *state;
	struct iio_buffer *buffer;
	struct iio_dev *iio;
	int ret;

	iio = iio_device_alloc(channel->dev, sizeof(*state));
	if (!iio)
		return -ENOMEM;
	state = iio_priv(iio);
	state->channel = channel;
	iio->name = name;
	iio->info = &cen_sdr_iio_info;
	iio->modes = INDIO_BUFFER_HARDWARE;
	iio->channels = channel->transmit ? cen_sdr_dac_channels : cen_sdr_adc_channels;
	iio->num_channels = ARRAY_SIZE(cen_sdr_adc_channels);
	iio->available_scan_masks = cen_sdr_scan_masks;

	buffer = cen_iio_buffer_new(channel->port);
	if (IS_ERR(buffer)) {
		/* on an old kernel, which has said so: the ports are there all the same */
		ret = PTR_ERR(buffer) == -EOPNOTSUPP ? 0 : PTR_ERR(buffer);
		goto err_free;
	}
	/* takes a reference of its own; ours lasts until stop */
	ret = iio_device_attach_buffer(iio, buffer);
	if (ret)
		goto err_put;
	ret = iio_device_register(iio);
	if (ret)
		goto err_put;
	channel->iio = iio;
	channel->iio_buffer = buffer;
	return 0;

err_put:
	iio_buffer_put(buffer);
err_free:
	iio_device_free(iio);
	return ret;
}

void cen_sdr_iio_stop(struct cen_sdr_channel *channel)
{
	if (!channel->iio)
		return;
	iio_device_unregister(channel->iio);
	cen_iio_buffer_unplug(channel->iio_buffer);
	iio_buffer_put(channel->iio_buffer);
	iio_device_free(channel->iio);
}
