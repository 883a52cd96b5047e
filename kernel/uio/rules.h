/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CEN_UIO_RULES_H
#define _CEN_UIO_RULES_H

#include <linux/cen_uio.h>
#include <linux/kref.h>
#include <linux/types.h>

#define CEN_UIO_MAX_REGIONS	6
#define CEN_UIO_MAX_STARTS	16
#define CEN_UIO_MAX_USES	4
#define CEN_UIO_MAX_FIXED	16	/* writes at open, and at close */
#define CEN_UIO_MAX_PROTECTS	16
#define CEN_UIO_NO_REG		0xff

/* How a transfer uses an address register */
enum cen_uio_use_kind {
	CEN_UIO_USE_READS,	/* the device reads memory there */
	CEN_UIO_USE_WRITES,	/* the device writes memory there */
	CEN_UIO_USE_OWN,	/* a place in the device's own memory */
};

/**
 * struct cen_uio_start - a command, and the transfer it starts
 * @mask: with @value: a write @w to register @reg is this command if (w & @mask) == @value
 * @value: see @mask
 * @bytes: fixed length of the transfer, when @length is CEN_UIO_NO_REG
 * @reg: the command register
 * @length: register that holds the transfer's length
 * @nr_uses: address registers that take part; 0: no memory is used
 * @uses: which, and how
 */
struct cen_uio_start {
	u64 mask;
	u64 value;
	u64 bytes;
	u8 reg;
	u8 length;
	u8 nr_uses;
	struct {
		u8 reg;
		u8 kind;
	} uses[CEN_UIO_MAX_USES];
};

/**
 * struct cen_uio_idle - how the device tells that it is not at work
 * @mask: (register & @mask) == @value
 * @value: see @mask
 * @within_ms: it is broken when it takes longer than this
 * @reg: the register; CEN_UIO_NO_REG: it cannot tell
 */
struct cen_uio_idle {
	u64 mask;
	u64 value;
	u32 within_ms;
	u8 reg;
};

/**
 * struct cen_uio_cause - where the device tells why it interrupts
 * @mask: causes that the kernel acknowledges
 * @status: register of the causes; CEN_UIO_NO_REG: nobody said
 * @ack: takes the causes that were seen to
 */
struct cen_uio_cause {
	u64 mask;
	u8 status;
	u8 ack;
};

struct cen_uio_fixed {
	u64 value;
	u8 reg;
};

struct cen_uio_range {
	u64 offset;
	u64 size;
	u32 region;
};

enum cen_uio_irq_choice {
	CEN_UIO_CHOOSE_IRQ,
	CEN_UIO_WANT_INTX,
	CEN_UIO_WANT_MSI,
	CEN_UIO_WANT_NONE,
};

/**
 * struct cen_uio_rules - what the administrator says about a device
 *
 * Parsed and checked once, constant from then on.
 *
 * @refs: the table of rules, and every device bound with them
 * @stated: false: nobody said anything (all else is empty)
 * @dma: there are address registers
 * @dma_bits: address bits of the device, 0: not said
 * @max_segs: for cenalloc, as are @seg_size and @align; 0: not said
 * @seg_size: see @max_segs
 * @align: see @max_segs
 * @settle_ms: see @settles
 * @settles: @settle_ms after it was cut off it has stopped
 * @irq: which kind of interrupt is wanted
 * @idle: how it tells that it has stopped
 * @cause: how it tells why it interrupts
 * @nr_regs: of @regs
 * @nr_starts: of @starts
 * @nr_at_open: of @at_open
 * @nr_at_close: of @at_close
 * @nr_protects: of @protects
 * @regs: all registers there are for anybody; others speak of them by index
 * @starts: all commands there are
 * @at_open: writes for a new owner
 * @at_close: writes when the owner goes
 * @protects: further places that are not mapped
 */
struct cen_uio_rules {
	struct kref refs;
	bool stated;
	bool dma;
	u32 dma_bits;
	u32 max_segs;
	u64 seg_size;
	u64 align;
	u32 settle_ms;
	bool settles;
	enum cen_uio_irq_choice irq;
	struct cen_uio_idle idle;
	struct cen_uio_cause cause;
	u32 nr_regs;
	u32 nr_starts;
	u32 nr_at_open;
	u32 nr_at_close;
	u32 nr_protects;
	struct cen_uio_reg regs[CEN_UIO_MAX_REGS];
	struct cen_uio_start starts[CEN_UIO_MAX_STARTS];
	struct cen_uio_fixed at_open[CEN_UIO_MAX_FIXED];
	struct cen_uio_fixed at_close[CEN_UIO_MAX_FIXED];
	struct cen_uio_range protects[CEN_UIO_MAX_PROTECTS];
};

/**
 * struct cen_uio_problem - what is wrong with a text of rules
 * @line: counted from 1, 0: with all of it
 * @text: in words
 */
struct cen_uio_problem {
	u32 line;
	char text[120];
};

/* parse.c: -EINVAL and @problem; -ENOMEM. @line: number of the text's first line. */
struct cen_uio_rules *cen_uio_rules_parse(const char *text, u32 line,
					  struct cen_uio_problem *problem);

/* rules.c */
struct cen_uio_rules *cen_uio_rules_alloc(void);
void cen_uio_rules_put(struct cen_uio_rules *rules);
/* Checks that need all of the rules. -EINVAL and @problem. */
int cen_uio_rules_check(const struct cen_uio_rules *rules, struct cen_uio_problem *problem);
/* Index of a register, or CEN_UIO_NO_REG. */
u8 cen_uio_rules_find(const struct cen_uio_rules *rules, u32 region, u64 offset);
/* Bytes of a region that a register occupies, from its first to behind its last. */
void cen_uio_reg_span(const struct cen_uio_reg *reg, u64 *first, u64 *end);
/* Must writes to it be checked? Then its page is not mapped to user space. */
bool cen_uio_reg_guarded(const struct cen_uio_reg *reg);

/* table.c: the rules of all devices, by name */
int cen_uio_table_init(void);
void cen_uio_table_exit(void);
/*
 * Rules of @name, or else of @model (may be NULL), counted. A device nobody spoke of gets an empty
 * set. ERR_PTR(-ENOMEM).
 */
struct cen_uio_rules *cen_uio_table_get(const char *name, const char *model);
/* configfs.c gives them and takes them back; @rules may be NULL. */
struct cen_uio_entry;
struct cen_uio_entry *cen_uio_table_add(const char *name);
void cen_uio_table_set(struct cen_uio_entry *entry, struct cen_uio_rules *rules);
void cen_uio_table_remove(struct cen_uio_entry *entry);
bool cen_uio_name_valid(const char *name);

/* configfs.c */
int cen_uio_configfs_init(void);
void cen_uio_configfs_exit(void);

#endif /* _CEN_UIO_RULES_H */
