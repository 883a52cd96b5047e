// SPDX-License-Identifier: GPL-2.0
/*
 * What a receiver hears: patterns that can be verified byte by byte.
 */
#include <linux/bug.h>
#include <linux/fixp-arith.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "sdr.h"

void cen_sdr_source_reset(struct cen_sdr_source *source, enum cen_sdr_pattern pattern)
{
	source->pattern = pattern;
	source->counter = 0;
	source->lfsr = 1;
}

/* x^32 + x^22 + x^2 + x + 1, Galois form: period 2^32 - 1 */
static u32 cen_sdr_prbs(u32 lfsr)
{
	return (lfsr >> 1) ^ (-(lfsr & 1) & 0x80200003);
}

/* A complex tone, 360 samples a turn, the second channel a quarter turn behind. */
static u32 cen_sdr_tone(u32 counter)
{
	u32 degrees = (counter >> 1) % 360 + (counter & 1 ? 270 : 0);
	u16 i = fixp_cos16(degrees % 360) >> 1;
	u16 q = fixp_sin16(degrees % 360) >> 1;

	return i | (u32)q << 16;
}

size_t cen_sdr_source_moved(const struct cen_sdr_source *source, size_t length)
{
	return source->pattern == CEN_SDR_STAMP ? min(length, sizeof(u32)) : length;
}

void cen_sdr_source_fill(struct cen_sdr_source *source, void *buf, size_t length)
{
	__le32 *word = buf, *end = buf + length;

	switch (source->pattern) {
	case CEN_SDR_RAMP:
	case CEN_SDR_STAMP:
		while (word < end)
			*word++ = cpu_to_le32(source->counter++);
		break;
	case CEN_SDR_PRBS:
		while (word < end) {
			*word++ = cpu_to_le32(source->lfsr);
			source->lfsr = cen_sdr_prbs(source->lfsr);
		}
		break;
	case CEN_SDR_TONE:
		while (word < end)
			*word++ = cpu_to_le32(cen_sdr_tone(source->counter++));
		break;
	}
}
