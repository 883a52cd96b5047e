// SPDX-License-Identifier: GPL-2.0
/*
 * Statements that describe registers: "reg" and "start".
 */
#include <linux/bits.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/string.h>

#include "parse.h"

static const char * const cen_uio_kinds[] = {
	[CEN_UIO_REG_RO] = "ro",
	[CEN_UIO_REG_WO] = "wo",
	[CEN_UIO_REG_RW] = "rw",
	[CEN_UIO_REG_ADDRESS] = "address",
	[CEN_UIO_REG_LENGTH] = "length",
	[CEN_UIO_REG_COMMAND] = "command",
};

static int cen_uio_reg_option(struct cen_uio_parser *p, struct cen_uio_reg *reg, const char *key)
{
	u64 max = GENMASK_ULL(reg->width - 1, 0);
	bool address = reg->kind == CEN_UIO_REG_ADDRESS;
	u32 region;
	int ret;

	if (!strcmp(key, "min") && !address)
		return cen_uio_number(p, key, 0, max, &reg->min);
	if (!strcmp(key, "max") && !address)
		return cen_uio_number(p, key, 0, max, &reg->max);
	if (!strcmp(key, "allow") && !address)
		return cen_uio_number(p, key, 0, max, &reg->allow);
	if (!strcmp(key, "unit") && reg->kind == CEN_UIO_REG_LENGTH)
		return cen_uio_number(p, key, 1, U32_MAX, &reg->unit);
	if (!strcmp(key, "align") && address)
		return cen_uio_power_of_two(p, key, &reg->align);
	if (!strcmp(key, "boundary") && address)
		return cen_uio_power_of_two(p, key, &reg->boundary);
	if (!strcmp(key, "own") && address) {
		ret = cen_uio_pair(p, key, '+', &reg->own, &reg->own_size);
		if (!ret && (!reg->own_size || reg->own_size > U64_MAX - reg->own))
			ret = cen_uio_wrong(p, "own: \"%.40s\" is empty or too large", p->word);
		return ret;
	}
	if (!strcmp(key, "high") && address && reg->width == 32) {
		ret = cen_uio_place(p, key, &region, &reg->high);
		if (!ret && (region != reg->region || reg->high % 4 ||
			     reg->high == reg->offset || !reg->high))
			ret = cen_uio_wrong(p, "high: %.40s cannot be the upper half", p->word);
		return ret;
	}
	return cen_uio_wrong(p, "reg: \"%.32s\" is no option of such a register", key);
}

/* reg REGION:OFFSET width BITS KIND [OPTION VALUE]... */
int cen_uio_parse_reg(struct cen_uio_parser *p)
{
	struct cen_uio_reg *reg = &p->rules->regs[p->rules->nr_regs];
	const char *key;
	int ret, kind;
	u64 width;

	if (p->rules->nr_regs == CEN_UIO_MAX_REGS)
		return cen_uio_wrong(p, "more than %u registers", CEN_UIO_MAX_REGS);
	memset(reg, 0, sizeof(*reg));
	ret = cen_uio_place(p, "reg", &reg->region, &reg->offset);
	if (ret)
		return ret;

	key = cen_uio_word(p);
	if (!key || strcmp(key, "width"))
		return cen_uio_wrong(p, "reg: \"width\" is missing");
	ret = cen_uio_number(p, "width", 8, 64, &width);
	if (ret)
		return ret;
	if (!is_power_of_2(width))
		return cen_uio_wrong(p, "width: 8, 16, 32 or 64, not %.32s", p->word);
	if (reg->offset % (width / 8))
		return cen_uio_wrong(p, "reg: not aligned to its width");
	reg->width = width;

	key = cen_uio_word(p);
	kind = key ? match_string(cen_uio_kinds, ARRAY_SIZE(cen_uio_kinds), key) : -EINVAL;
	if (kind < 0)
		return cen_uio_wrong(p, "reg: \"%.32s\" is no kind of register", key ?: "");
	reg->kind = kind;
	reg->max = GENMASK_ULL(width - 1, 0);
	reg->allow = reg->max;
	reg->unit = kind == CEN_UIO_REG_LENGTH;
	reg->align = kind == CEN_UIO_REG_ADDRESS;
	if (kind == CEN_UIO_REG_ADDRESS && width < 32)
		return cen_uio_wrong(p, "reg: an address wants a width of 32 or 64");

	while ((key = cen_uio_word(p))) {
		ret = cen_uio_reg_option(p, reg, key);
		if (ret)
			return ret;
	}
	if (reg->min > reg->max)
		return cen_uio_wrong(p, "reg: min is above max");
	p->rules->dma |= kind == CEN_UIO_REG_ADDRESS;
	p->rules->nr_regs++;
	return 0;
}

static int cen_uio_start_option(struct cen_uio_parser *p, struct cen_uio_start *start,
				const char *key)
{
	static const char * const uses[] = {
		[CEN_UIO_USE_READS] = "reads",
		[CEN_UIO_USE_WRITES] = "writes",
		[CEN_UIO_USE_OWN] = "own",
	};
	int ret, kind;
	u8 reg;

	if (!strcmp(key, "length"))
		return cen_uio_known(p, key, BIT(CEN_UIO_REG_LENGTH), &start->length);
	if (!strcmp(key, "bytes"))
		return cen_uio_number(p, key, 1, U32_MAX, &start->bytes);

	kind = match_string(uses, ARRAY_SIZE(uses), key);
	if (kind < 0)
		return cen_uio_wrong(p, "start: \"%.32s\" is no option of a start", key);
	if (start->nr_uses == CEN_UIO_MAX_USES)
		return cen_uio_wrong(p, "start: more than %u address registers", CEN_UIO_MAX_USES);
	ret = cen_uio_known(p, key, BIT(CEN_UIO_REG_ADDRESS), &reg);
	if (ret)
		return ret;
	if (kind == CEN_UIO_USE_OWN && !p->rules->regs[reg].own_size)
		return cen_uio_wrong(p, "own: %.40s says nothing of the device's own memory",
				     p->word);
	start->uses[start->nr_uses].reg = reg;
	start->uses[start->nr_uses++].kind = kind;
	return 0;
}

/* start REGION:OFFSET mask M value V [length REG | bytes N] [reads|writes|own REG]... */
int cen_uio_parse_start(struct cen_uio_parser *p)
{
	struct cen_uio_start *start = &p->rules->starts[p->rules->nr_starts];
	const char *key;
	int ret;

	if (p->rules->nr_starts == CEN_UIO_MAX_STARTS)
		return cen_uio_wrong(p, "more than %u start lines", CEN_UIO_MAX_STARTS);
	memset(start, 0, sizeof(*start));
	start->length = CEN_UIO_NO_REG;
	ret = cen_uio_known(p, "start", BIT(CEN_UIO_REG_COMMAND), &start->reg);
	if (ret)
		return ret;
	ret = cen_uio_mask_value(p, &p->rules->regs[start->reg], &start->mask, &start->value);
	if (ret)
		return ret;
	while ((key = cen_uio_word(p))) {
		ret = cen_uio_start_option(p, start, key);
		if (ret)
			return ret;
	}
	if (start->length != CEN_UIO_NO_REG && start->bytes)
		return cen_uio_wrong(p, "start: length or bytes, not both");
	if (start->nr_uses && start->length == CEN_UIO_NO_REG && !start->bytes)
		return cen_uio_wrong(p, "start: how long is the transfer? (length, bytes)");
	p->rules->nr_starts++;
	return 0;
}
