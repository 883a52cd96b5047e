// SPDX-License-Identifier: GPL-2.0
/*
 * Rules from text: statements, one per line or separated by ";"; "#" begins a
 * comment. cen_uio(4) describes the language.
 */
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "parse.h"

#define KINDS_READABLE	(BIT(CEN_UIO_REG_RO) | BIT(CEN_UIO_REG_RW) | \
			 BIT(CEN_UIO_REG_LENGTH) | BIT(CEN_UIO_REG_COMMAND))
#define KINDS_FIXED	(BIT(CEN_UIO_REG_WO) | BIT(CEN_UIO_REG_RW) | BIT(CEN_UIO_REG_COMMAND))

/* idle REGION:OFFSET mask M value V [within MS] */
static int cen_uio_parse_idle(struct cen_uio_parser *p)
{
	struct cen_uio_idle *idle = &p->rules->idle;
	const char *key;
	u64 ms = 1000;
	int ret;

	if (idle->reg != CEN_UIO_NO_REG)
		return cen_uio_wrong(p, "a second idle line");
	ret = cen_uio_known(p, "idle", KINDS_READABLE, &idle->reg);
	if (ret)
		return ret;
	ret = cen_uio_mask_value(p, &p->rules->regs[idle->reg], &idle->mask, &idle->value);
	if (ret)
		return ret;
	key = cen_uio_word(p);
	if (key) {
		if (strcmp(key, "within"))
			return cen_uio_wrong(p, "idle: \"%.32s\" is not within", key);
		ret = cen_uio_number(p, key, 1, 60000, &ms);
	}
	idle->within_ms = ms;
	return ret;
}

static int cen_uio_parse_fixed(struct cen_uio_parser *p, struct cen_uio_fixed *writes, u32 *count)
{
	const char *key;
	int ret;

	if (*count == CEN_UIO_MAX_FIXED)
		return cen_uio_wrong(p, "more than %u of these", CEN_UIO_MAX_FIXED);
	ret = cen_uio_known(p, "write", KINDS_FIXED, &writes[*count].reg);
	if (ret)
		return ret;
	key = cen_uio_word(p);
	if (!key || strcmp(key, "value"))
		return cen_uio_wrong(p, "\"value\" is missing");
	ret = cen_uio_number(p, "value", 0,
			     GENMASK_ULL(p->rules->regs[writes[*count].reg].width - 1, 0),
			     &writes[*count].value);
	if (!ret)
		(*count)++;
	return ret;
}

static int cen_uio_parse_at_open(struct cen_uio_parser *p)
{
	return cen_uio_parse_fixed(p, p->rules->at_open, &p->rules->nr_at_open);
}

static int cen_uio_parse_at_close(struct cen_uio_parser *p)
{
	return cen_uio_parse_fixed(p, p->rules->at_close, &p->rules->nr_at_close);
}

/* protect REGION:OFFSET+SIZE */
static int cen_uio_parse_protect(struct cen_uio_parser *p)
{
	struct cen_uio_range *range = &p->rules->protects[p->rules->nr_protects];
	u64 region, size;
	char *colon;
	int ret;

	if (p->rules->nr_protects == CEN_UIO_MAX_PROTECTS)
		return cen_uio_wrong(p, "more than %u protect lines", CEN_UIO_MAX_PROTECTS);
	p->rest = skip_spaces(p->rest);
	colon = strchr(p->rest, ':');
	if (!colon)
		return cen_uio_wrong(p, "protect: expected REGION:OFFSET+SIZE");
	*colon = ' ';
	ret = cen_uio_number(p, "protect", 0, CEN_UIO_MAX_REGIONS - 1, &region);
	if (ret)
		return ret;
	ret = cen_uio_pair(p, "protect", '+', &range->offset, &size);
	if (ret)
		return ret;
	if (!size || range->offset > S64_MAX || size > S64_MAX)
		return cen_uio_wrong(p, "protect: \"%.40s\" is empty or too large", p->word);
	range->region = region;
	range->size = size;
	p->rules->nr_protects++;
	return 0;
}

/* acknowledge REGION:STATUS mask M by REGION:OFFSET */
static int cen_uio_parse_acknowledge(struct cen_uio_parser *p)
{
	struct cen_uio_cause *cause = &p->rules->cause;
	const char *key;
	int ret;

	if (cause->status != CEN_UIO_NO_REG)
		return cen_uio_wrong(p, "a second acknowledge line");
	ret = cen_uio_known(p, "acknowledge", KINDS_READABLE, &cause->status);
	if (ret)
		return ret;
	key = cen_uio_word(p);
	if (!key || strcmp(key, "mask"))
		return cen_uio_wrong(p, "\"mask\" is missing");
	ret = cen_uio_number(p, "mask", 1,
			     GENMASK_ULL(p->rules->regs[cause->status].width - 1, 0),
			     &cause->mask);
	if (ret)
		return ret;
	key = cen_uio_word(p);
	if (!key || strcmp(key, "by"))
		return cen_uio_wrong(p, "\"by\" is missing");
	return cen_uio_known(p, "by", BIT(CEN_UIO_REG_WO) | BIT(CEN_UIO_REG_RW), &cause->ack);
}

static int cen_uio_parse_irq(struct cen_uio_parser *p)
{
	static const char * const choices[] = {
		[CEN_UIO_WANT_INTX] = "intx",
		[CEN_UIO_WANT_MSI] = "msi",
		[CEN_UIO_WANT_NONE] = "none",
		[CEN_UIO_CHOOSE_IRQ] = "any",
	};
	const char *word = cen_uio_word(p);
	int choice = word ? match_string(choices, ARRAY_SIZE(choices), word) : -EINVAL;

	if (choice < 0)
		return cen_uio_wrong(p, "irq: intx, msi, none or any, not \"%.32s\"", word ?: "");
	p->rules->irq = choice;
	return 0;
}

static int cen_uio_parse_dma_bits(struct cen_uio_parser *p)
{
	u64 value;
	int ret = cen_uio_number(p, "dma-bits", 1, 64, &value);

	if (!ret)
		p->rules->dma_bits = value;
	return ret;
}

static int cen_uio_parse_max_segments(struct cen_uio_parser *p)
{
	u64 value;
	int ret = cen_uio_number(p, "max-segments", 1, U32_MAX, &value);

	if (!ret)
		p->rules->max_segs = value;
	return ret;
}

static int cen_uio_parse_segment_size(struct cen_uio_parser *p)
{
	return cen_uio_number(p, "segment-size", 1, U32_MAX, &p->rules->seg_size);
}

static int cen_uio_parse_alignment(struct cen_uio_parser *p)
{
	return cen_uio_power_of_two(p, "alignment", &p->rules->align);
}

static int cen_uio_parse_settle(struct cen_uio_parser *p)
{
	u64 value;
	int ret = cen_uio_number(p, "settle", 0, 60000, &value);

	if (!ret) {
		p->rules->settle_ms = value;
		p->rules->settles = true;
	}
	return ret;
}

static const struct {
	const char *name;
	int (*parse)(struct cen_uio_parser *p);
} cen_uio_statements[] = {
	{ "reg", cen_uio_parse_reg },
	{ "start", cen_uio_parse_start },
	{ "idle", cen_uio_parse_idle },
	{ "settle", cen_uio_parse_settle },
	{ "dma-bits", cen_uio_parse_dma_bits },
	{ "max-segments", cen_uio_parse_max_segments },
	{ "segment-size", cen_uio_parse_segment_size },
	{ "alignment", cen_uio_parse_alignment },
	{ "at-open", cen_uio_parse_at_open },
	{ "at-close", cen_uio_parse_at_close },
	{ "protect", cen_uio_parse_protect },
	{ "irq", cen_uio_parse_irq },
	{ "acknowledge", cen_uio_parse_acknowledge },
};

static int cen_uio_parse_statement(struct cen_uio_parser *p, char *text)
{
	const char *name;
	u32 i;
	int ret;

	p->rest = text;
	name = cen_uio_word(p);
	if (!name)
		return 0;
	for (i = 0; i < ARRAY_SIZE(cen_uio_statements); i++) {
		if (strcmp(cen_uio_statements[i].name, name))
			continue;
		ret = cen_uio_statements[i].parse(p);
		if (!ret && cen_uio_word(p))
			ret = cen_uio_wrong(p, "%s: what is \"%.32s\"?", name, p->word);
		return ret;
	}
	return cen_uio_wrong(p, "\"%.32s\" is no rule", name);
}

static int cen_uio_parse_text(struct cen_uio_parser *p, char *text)
{
	char *line, *statement, *comment;
	int ret;

	for (; (line = strsep(&text, "\n")); p->line++) {
		comment = strchr(line, '#');
		if (comment)
			*comment = '\0';
		while ((statement = strsep(&line, ";"))) {
			ret = cen_uio_parse_statement(p, statement);
			if (ret)
				return ret;
		}
	}
	return 0;
}

struct cen_uio_rules *cen_uio_rules_parse(const char *text, u32 line,
					  struct cen_uio_problem *problem)
{
	struct cen_uio_parser parser = { .problem = problem, .line = line };
	char *copy = kstrdup(text, GFP_KERNEL);
	int ret = -ENOMEM;

	memset(problem, 0, sizeof(*problem));
	parser.rules = cen_uio_rules_alloc();
	if (copy && parser.rules) {
		ret = cen_uio_parse_text(&parser, copy);
		if (!ret)
			ret = cen_uio_rules_check(parser.rules, problem);
	}
	kfree(copy);
	if (ret) {
		cen_uio_rules_put(parser.rules);
		return ERR_PTR(ret);
	}
	parser.rules->stated = true;
	return parser.rules;
}
