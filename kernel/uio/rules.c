// SPDX-License-Identifier: GPL-2.0
/*
 * Rules as a whole: whether they make sense together, and questions about registers.
 * The text they come from is parse.c's business, whose they are table.c's.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "rules.h"

struct cen_uio_rules *cen_uio_rules_alloc(void)
{
	struct cen_uio_rules *rules = kzalloc(sizeof(*rules), GFP_KERNEL);

	if (!rules)
		return NULL;
	kref_init(&rules->refs);
	rules->idle.reg = CEN_UIO_NO_REG;
	rules->cause.status = CEN_UIO_NO_REG;
	return rules;
}

static void cen_uio_rules_free(struct kref *refs)
{
	kfree(container_of(refs, struct cen_uio_rules, refs));
}

void cen_uio_rules_put(struct cen_uio_rules *rules)
{
	if (rules)
		kref_put(&rules->refs, cen_uio_rules_free);
}

u8 cen_uio_rules_find(const struct cen_uio_rules *rules, u32 region, u64 offset)
{
	u32 i;

	for (i = 0; i < rules->nr_regs; i++)
		if (rules->regs[i].region == region && rules->regs[i].offset == offset)
			return i;
	return CEN_UIO_NO_REG;
}

void cen_uio_reg_span(const struct cen_uio_reg *reg, u64 *first, u64 *end)
{
	*first = reg->offset;
	*end = reg->offset + reg->width / 8;
	if (reg->high) {
		*first = min(*first, reg->high);
		*end = max(*end, reg->high + reg->width / 8);
	}
}

bool cen_uio_reg_guarded(const struct cen_uio_reg *reg)
{
	return reg->kind == CEN_UIO_REG_ADDRESS || reg->kind == CEN_UIO_REG_LENGTH ||
	       reg->kind == CEN_UIO_REG_COMMAND;
}

static bool cen_uio_halves_overlap(u64 a, u32 a_width, u64 b, u32 b_width)
{
	return a < b + b_width / 8 && b < a + a_width / 8;
}

/* Two names for one register would be a way around the checks of either. */
static bool cen_uio_regs_overlap(const struct cen_uio_reg *a, const struct cen_uio_reg *b)
{
	if (a->region != b->region)
		return false;
	if (cen_uio_halves_overlap(a->offset, a->width, b->offset, b->width))
		return true;
	if (a->high && cen_uio_halves_overlap(a->high, a->width, b->offset, b->width))
		return true;
	if (b->high && cen_uio_halves_overlap(a->offset, a->width, b->high, b->width))
		return true;
	return a->high && b->high &&
	       cen_uio_halves_overlap(a->high, a->width, b->high, b->width);
}

static int cen_uio_say(struct cen_uio_problem *problem, const char *text)
{
	problem->line = 0;
	strscpy(problem->text, text, sizeof(problem->text));
	return -EINVAL;
}

static int cen_uio_check_overlap(const struct cen_uio_rules *rules,
				 struct cen_uio_problem *problem)
{
	u32 i, j;

	for (i = 0; i < rules->nr_regs; i++) {
		for (j = 0; j < i; j++) {
			if (!cen_uio_regs_overlap(&rules->regs[i], &rules->regs[j]))
				continue;
			problem->line = 0;
			snprintf(problem->text, sizeof(problem->text),
				 "registers %u:0x%llx and %u:0x%llx overlap",
				 rules->regs[j].region, rules->regs[j].offset,
				 rules->regs[i].region, rules->regs[i].offset);
			return -EINVAL;
		}
	}
	return 0;
}

/* Two starts that one write could mean: which checks would count? */
static bool cen_uio_starts_clash(const struct cen_uio_start *a, const struct cen_uio_start *b)
{
	return a->reg == b->reg && !((a->value ^ b->value) & a->mask & b->mask);
}

static int cen_uio_check_starts(const struct cen_uio_rules *rules,
				struct cen_uio_problem *problem)
{
	bool transfer = false;
	u32 i, j;

	for (i = 0; i < rules->nr_starts; i++) {
		transfer |= rules->starts[i].nr_uses;
		for (j = 0; j < i; j++)
			if (cen_uio_starts_clash(&rules->starts[i], &rules->starts[j]))
				return cen_uio_say(problem,
						   "two start lines match the same command");
	}
	if (rules->dma && !transfer)
		return cen_uio_say(problem, "address registers, but no start line uses one");
	return 0;
}

int cen_uio_rules_check(const struct cen_uio_rules *rules, struct cen_uio_problem *problem)
{
	int ret;

	ret = cen_uio_check_overlap(rules, problem);
	if (ret)
		return ret;
	ret = cen_uio_check_starts(rules, problem);
	if (ret)
		return ret;
	if (!rules->dma)
		return 0;
	if (!rules->dma_bits)
		return cen_uio_say(problem, "address registers want a dma-bits line");
	/* Memory is taken back only from a device that is known to have stopped. */
	if (rules->idle.reg == CEN_UIO_NO_REG && !rules->settles)
		return cen_uio_say(problem, "address registers want an idle or a settle line");
	return 0;
}
