/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_UIO_PARSE_H
#define _CEN_UIO_PARSE_H

#include "rules.h"

/**
 * struct cen_uio_parser - where we are
 * @rules: what was understood so far
 * @problem: for the first mistake
 * @rest: of the statement, whose words are cut off one by one
 * @word: the last word taken, for messages
 * @line: of the text
 */
struct cen_uio_parser {
	struct cen_uio_rules *rules;
	struct cen_uio_problem *problem;
	char *rest;
	const char *word;
	u32 line;
};

/* words.c: -EINVAL, and @problem says what is wrong with the word */
int cen_uio_wrong(struct cen_uio_parser *p, const char *fmt, ...) __printf(2, 3);
/* The next word, or NULL at the end of the statement. */
const char *cen_uio_word(struct cen_uio_parser *p);
int cen_uio_number(struct cen_uio_parser *p, const char *what, u64 min, u64 max, u64 *value);
int cen_uio_power_of_two(struct cen_uio_parser *p, const char *what, u64 *value);
/* "A<between>B", two numbers in one word. */
int cen_uio_pair(struct cen_uio_parser *p, const char *what, char between, u64 *first, u64 *second);
/* REGION:OFFSET */
int cen_uio_place(struct cen_uio_parser *p, const char *what, u32 *region, u64 *offset);
/* REGION:OFFSET of a register named before, of one of the @kinds (a mask). */
int cen_uio_known(struct cen_uio_parser *p, const char *what, unsigned long kinds, u8 *index);
/* "mask M value V" for a register */
int cen_uio_mask_value(struct cen_uio_parser *p, const struct cen_uio_reg *reg, u64 *mask,
		       u64 *value);

/* parse_reg.c: the statements that describe registers */
int cen_uio_parse_reg(struct cen_uio_parser *p);
int cen_uio_parse_start(struct cen_uio_parser *p);

#endif /* _CEN_UIO_PARSE_H */
