// SPDX-License-Identifier: GPL-2.0
/*
 * The words that statements of rules are made of, each with a message of its own
 * for what can be wrong with it.
 */
#include <linux/bits.h>
#include <linux/ctype.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/string.h>

#include "parse.h"

int cen_uio_wrong(struct cen_uio_parser *p, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(p->problem->text, sizeof(p->problem->text), fmt, args);
	va_end(args);
	p->problem->line = p->line;
	return -EINVAL;
}

const char *cen_uio_word(struct cen_uio_parser *p)
{
	p->rest = skip_spaces(p->rest);
	if (!*p->rest)
		return NULL;
	p->word = p->rest;
	while (*p->rest && !isspace(*p->rest))
		p->rest++;
	if (*p->rest)
		*p->rest++ = '\0';
	return p->word;
}

int cen_uio_number(struct cen_uio_parser *p, const char *what, u64 min, u64 max, u64 *value)
{
	const char *word = cen_uio_word(p);

	if (!word)
		return cen_uio_wrong(p, "%s: a number is missing", what);
	if (kstrtou64(word, 0, value))
		return cen_uio_wrong(p, "%s: \"%.32s\" is no number", what, word);
	if (*value < min || *value > max)
		return cen_uio_wrong(p, "%s: %s is not between 0x%llx and 0x%llx", what, word,
				     min, max);
	return 0;
}

int cen_uio_power_of_two(struct cen_uio_parser *p, const char *what, u64 *value)
{
	int ret = cen_uio_number(p, what, 1, U64_MAX, value);

	if (!ret && !is_power_of_2(*value))
		ret = cen_uio_wrong(p, "%s: %s is no power of two", what, p->word);
	return ret;
}

int cen_uio_pair(struct cen_uio_parser *p, const char *what, char between,
			u64 *first, u64 *second)
{
	const char *word = cen_uio_word(p);
	char *middle = word ? strchr(word, between) : NULL;
	int ret;

	if (!middle)
		return cen_uio_wrong(p, "%s: expected NUMBER%cNUMBER, not \"%.32s\"", what,
				     between, word ?: "");
	*middle = '\0';
	ret = kstrtou64(word, 0, first) ?: kstrtou64(middle + 1, 0, second);
	*middle = between;
	return ret ? cen_uio_wrong(p, "%s: \"%.40s\" is not NUMBER%cNUMBER", what, word, between) :
		     0;
}

int cen_uio_place(struct cen_uio_parser *p, const char *what, u32 *region, u64 *offset)
{
	u64 number;
	int ret;

	ret = cen_uio_pair(p, what, ':', &number, offset);
	if (ret)
		return ret;
	if (number >= CEN_UIO_MAX_REGIONS)
		return cen_uio_wrong(p, "%s: regions are 0 to %u", what, CEN_UIO_MAX_REGIONS - 1);
	/* far beyond any resource, and sums cannot overflow */
	if (*offset > S64_MAX)
		return cen_uio_wrong(p, "%s: offset out of range", what);
	*region = number;
	return 0;
}

int cen_uio_known(struct cen_uio_parser *p, const char *what, unsigned long kinds, u8 *index)
{
	u32 region;
	u64 offset;
	int ret;

	ret = cen_uio_place(p, what, &region, &offset);
	if (ret)
		return ret;
	*index = cen_uio_rules_find(p->rules, region, offset);
	if (*index == CEN_UIO_NO_REG)
		return cen_uio_wrong(p, "%s: no reg line for %.40s before this one", what, p->word);
	if (!(kinds & BIT(p->rules->regs[*index].kind)))
		return cen_uio_wrong(p, "%s: %.40s is not that kind of register", what, p->word);
	return 0;
}

int cen_uio_mask_value(struct cen_uio_parser *p, const struct cen_uio_reg *reg,
			      u64 *mask, u64 *value)
{
	u64 max = GENMASK_ULL(reg->width - 1, 0);
	const char *key;
	int ret;

	key = cen_uio_word(p);
	if (!key || strcmp(key, "mask"))
		return cen_uio_wrong(p, "\"mask\" is missing");
	ret = cen_uio_number(p, "mask", 1, max, mask);
	if (ret)
		return ret;
	key = cen_uio_word(p);
	if (!key || strcmp(key, "value"))
		return cen_uio_wrong(p, "\"value\" is missing");
	ret = cen_uio_number(p, "value", 0, max, value);
	if (!ret && *value & ~*mask)
		ret = cen_uio_wrong(p, "value: has bits that are not in mask");
	return ret;
}
