// SPDX-License-Identifier: GPL-2.0
/*
 * A list of register writes: every one is checked against the rules and against
 * what the registers will hold by then, before the first is carried out.
 */
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "trace.h"
#include "uio.h"

/**
 * struct cen_uio_step - a checked write
 * @value: what goes into the register: never leaves the kernel
 * @reg: index of the register
 */
struct cen_uio_step {
	u64 value;
	u8 reg;
};

/**
 * struct cen_uio_check - a list being checked
 * @file: the owner, @dev its device, @rules the device's
 * @dev: see @file
 * @rules: see @file
 * @reason: filled when a write is refused
 * @next: what registers will hold
 * @transfer: registers of a transfer are written
 * @start: the transfer that the list starts, or NULL
 */
struct cen_uio_check {
	struct cen_uio_file *file;
	struct cen_uio *dev;
	const struct cen_uio_rules *rules;
	struct cen_uio_reason *reason;
	struct cen_uio_state *next;
	bool transfer;
	const struct cen_uio_start *start;
};

/* The write belongs to a transfer: what comes behind a start would meet a device at work. */
static int cen_uio_check_order(struct cen_uio_check *c, u8 reg)
{
	if (c->start)
		return cen_uio_refuse(c->reason, -EPERM, CEN_UIO_WHY_ORDER,
				      c->rules->regs[reg].offset, 0);
	c->transfer = true;
	return 0;
}

/* Does [addr, addr + length) fit the register? */
static int cen_uio_check_address(struct cen_uio_check *c, const struct cen_uio_reg *rule,
				 u64 addr, u64 length)
{
	u32 bits = rule->high ? 64 : rule->width;
	u64 last = addr + length - 1;

	bits = min(bits, c->rules->dma_bits);
	if (fls64(last) > bits)
		return cen_uio_refuse(c->reason, -ERANGE, CEN_UIO_WHY_BITS, fls64(last), bits);
	if (addr & (rule->align - 1))
		return cen_uio_refuse(c->reason, -ERANGE, CEN_UIO_WHY_ALIGN, rule->align, 0);
	if (rule->boundary && (addr ^ last) & ~(rule->boundary - 1))
		return cen_uio_refuse(c->reason, -ERANGE, CEN_UIO_WHY_BOUNDARY, rule->boundary,
				      0);
	return 0;
}

/* "bus address of (handle + offset)" */
static int cen_uio_check_buffer(struct cen_uio_check *c, const struct cen_uio_write *write,
				const struct cen_uio_reg *rule, u8 reg, u64 *value)
{
	struct cen_uio_handle *handle;
	dma_addr_t addr;
	u64 end, size, whole;
	int ret;

	if (rule->kind != CEN_UIO_REG_ADDRESS)
		return cen_uio_refuse(c->reason, -EPERM, CEN_UIO_WHY_KIND, CEN_UIO_REG_ADDRESS,
				      rule->kind);
	handle = cen_uio_handle_find(c->file, write->handle);
	if (!handle)
		return cen_uio_refuse(c->reason, -ENOENT, CEN_UIO_WHY_HANDLE, write->handle, 0);

	size = handle->attach->dmabuf->size;
	if (check_add_overflow(write->value, write->length, &end))
		end = U64_MAX;
	if (end > size)
		return cen_uio_refuse(c->reason, -ERANGE, CEN_UIO_WHY_BOUNDS, end, size);
	/* An exporter's table may be shorter than its buffer. */
	if (!cen_uio_handle_place(handle, write->value, &addr, &whole))
		whole = 0;
	if (whole < write->length)
		return cen_uio_refuse(c->reason, -ERANGE, CEN_UIO_WHY_SEGMENT, write->length,
				      whole);
	ret = cen_uio_check_address(c, rule, addr, write->length);
	if (ret)
		return ret;

	*value = addr;
	c->next[reg] = (struct cen_uio_state) {
		.holds = CEN_UIO_HOLDS_BUFFER,
		.length = write->length,
		.handle = handle,
	};
	return 0;
}

/* A number for an address register: a place in the device's own memory, or 0. */
static int cen_uio_check_own(struct cen_uio_check *c, const struct cen_uio_reg *rule, u8 reg,
			     u64 value)
{
	if (!value) {
		c->next[reg] = (struct cen_uio_state) { .holds = CEN_UIO_HOLDS_NOTHING };
		return 0;
	}
	if (!rule->own_size)
		return cen_uio_refuse(c->reason, -EPERM, CEN_UIO_WHY_KIND, CEN_UIO_REG_RW,
				      rule->kind);
	if (value < rule->own)
		return cen_uio_refuse(c->reason, -EPERM, CEN_UIO_WHY_VALUE, value, rule->own);
	if (value - rule->own >= rule->own_size)
		return cen_uio_refuse(c->reason, -EPERM, CEN_UIO_WHY_VALUE, value,
				      rule->own + rule->own_size - 1);
	c->next[reg] = (struct cen_uio_state) {
		.holds = CEN_UIO_HOLDS_VALUE,
		.value = value,
		.length = rule->own_size - (value - rule->own),
	};
	return 0;
}

/* One address register of a transfer of @bytes. */
static int cen_uio_check_use(struct cen_uio_check *c, u8 reg, enum cen_uio_use_kind kind, u64 bytes)
{
	static const struct {
		enum cen_uio_holds holds;
		u32 direction;
	} want[] = {
		[CEN_UIO_USE_READS] = { CEN_UIO_HOLDS_BUFFER, CEN_UIO_TO_DEVICE },
		[CEN_UIO_USE_WRITES] = { CEN_UIO_HOLDS_BUFFER, CEN_UIO_FROM_DEVICE },
		[CEN_UIO_USE_OWN] = { CEN_UIO_HOLDS_VALUE, 0 },
	};
	const struct cen_uio_state *state = &c->next[reg];

	if (state->holds != want[kind].holds)
		return cen_uio_refuse(c->reason, -EPERM, CEN_UIO_WHY_ADDRESS,
				      c->rules->regs[reg].offset, 0);
	if (state->holds == CEN_UIO_HOLDS_BUFFER) {
		u32 have = state->handle->directions;

		if (want[kind].direction & ~have)
			return cen_uio_refuse(c->reason, -EACCES, CEN_UIO_WHY_DIRECTION,
					      want[kind].direction, have);
	}
	if (bytes > state->length)
		return cen_uio_refuse(c->reason, -ERANGE, CEN_UIO_WHY_LENGTH, bytes,
				      state->length);
	return 0;
}

/* A command: one the rules name, and everything its transfer uses is in place. */
static int cen_uio_check_command(struct cen_uio_check *c, u8 reg, u64 value)
{
	const struct cen_uio_start *start = NULL;
	u64 bytes;
	u32 i;
	int ret;

	for (i = 0; i < c->rules->nr_starts && !start; i++)
		if (c->rules->starts[i].reg == reg &&
		    (value & c->rules->starts[i].mask) == c->rules->starts[i].value)
			start = &c->rules->starts[i];
	if (!start)
		return cen_uio_refuse(c->reason, -EPERM, CEN_UIO_WHY_COMMAND, value, 0);
	/* One that uses no memory, to stop for instance, is welcome at any time. */
	if (!start->nr_uses)
		return 0;
	ret = cen_uio_check_order(c, reg);
	if (ret)
		return ret;

	bytes = start->bytes;
	if (start->length != CEN_UIO_NO_REG) {
		/* What nobody wrote yet may be anything. */
		if (c->next[start->length].holds != CEN_UIO_HOLDS_VALUE)
			return cen_uio_refuse(c->reason, -EPERM, CEN_UIO_WHY_ADDRESS,
					      c->rules->regs[start->length].offset, 0);
		if (check_mul_overflow(c->next[start->length].value,
				       c->rules->regs[start->length].unit, &bytes))
			bytes = U64_MAX;
	}
	for (i = 0; i < start->nr_uses; i++) {
		ret = cen_uio_check_use(c, start->uses[i].reg, start->uses[i].kind, bytes);
		if (ret)
			return ret;
	}
	c->start = start;
	return 0;
}

static int cen_uio_check_value(struct cen_uio_check *c, const struct cen_uio_write *write,
			       const struct cen_uio_reg *rule, u8 reg)
{
	u64 value = write->value;

	if (rule->kind == CEN_UIO_REG_RO)
		return cen_uio_refuse(c->reason, -EPERM, CEN_UIO_WHY_KIND, CEN_UIO_REG_RW,
				      rule->kind);
	if (rule->kind == CEN_UIO_REG_ADDRESS)
		return cen_uio_check_own(c, rule, reg, value);
	if (value < rule->min)
		return cen_uio_refuse(c->reason, -EPERM, CEN_UIO_WHY_VALUE, value, rule->min);
	if (value > rule->max)
		return cen_uio_refuse(c->reason, -EPERM, CEN_UIO_WHY_VALUE, value, rule->max);
	if (value & ~rule->allow)
		return cen_uio_refuse(c->reason, -EPERM, CEN_UIO_WHY_VALUE, value, rule->allow);
	if (rule->kind == CEN_UIO_REG_COMMAND)
		return cen_uio_check_command(c, reg, value);
	if (rule->kind == CEN_UIO_REG_LENGTH)
		c->next[reg] = (struct cen_uio_state) {
			.holds = CEN_UIO_HOLDS_VALUE,
			.value = value,
		};
	return 0;
}

static int cen_uio_check_write(struct cen_uio_check *c, const struct cen_uio_write *write,
			       struct cen_uio_step *step)
{
	const struct cen_uio_reg *rule;
	int ret;

	if (write->type > CEN_UIO_WRITE_ADDRESS)
		return -EINVAL;
	if (write->type == CEN_UIO_WRITE_VALUE ? write->length || write->handle : !write->length)
		return -EINVAL;

	step->reg = cen_uio_rules_find(c->rules, write->region, write->reg);
	if (step->reg == CEN_UIO_NO_REG)
		return cen_uio_refuse(c->reason, -EPERM, CEN_UIO_WHY_REGISTER, write->reg, 0);
	rule = &c->rules->regs[step->reg];
	if (write->width != rule->width)
		return cen_uio_refuse(c->reason, -EPERM, CEN_UIO_WHY_WIDTH, write->width,
				      rule->width);
	if (rule->kind == CEN_UIO_REG_ADDRESS || rule->kind == CEN_UIO_REG_LENGTH) {
		ret = cen_uio_check_order(c, step->reg);
		if (ret)
			return ret;
	}
	step->value = write->value;
	if (write->type == CEN_UIO_WRITE_ADDRESS)
		return cen_uio_check_buffer(c, write, rule, step->reg, &step->value);
	return cen_uio_check_value(c, write, rule, step->reg);
}

/*
 * Devices count their registers on, so that what a transfer leaves in them is not what was
 * checked: the next one must be programmed anew.
 */
static void cen_uio_use_up(struct cen_uio *dev, const struct cen_uio_start *start)
{
	u32 i;

	if (start->length != CEN_UIO_NO_REG)
		dev->state[start->length].holds = CEN_UIO_HOLDS_NOTHING;
	for (i = 0; i < start->nr_uses; i++) {
		struct cen_uio_state *state = &dev->state[start->uses[i].reg];

		if (state->holds == CEN_UIO_HOLDS_BUFFER) {
			state->holds = CEN_UIO_HOLDS_REST;
			/* Without an idle rule nobody can tell when the device has done with it. */
			if (dev->rules->idle.reg == CEN_UIO_NO_REG)
				state->handle->given = true;
		} else {
			state->holds = CEN_UIO_HOLDS_NOTHING;
		}
	}
}

/* The list is in order, the device is ours and idle: carry it out. */
static void cen_uio_run(struct cen_uio_check *c, const struct cen_uio_step *steps, u32 count)
{
	struct cen_uio *dev = c->dev;
	u32 i;

	if (c->start && !dev->running) {
		dev->bus->go(dev);
		dev->running = true;
	}
	memcpy(dev->state, c->next, sizeof(dev->state));
	for (i = 0; i < count; i++)
		cen_uio_reg_write(dev, steps[i].reg, steps[i].value);
	if (c->start)
		cen_uio_use_up(dev, c->start);
}

static int cen_uio_program_locked(struct cen_uio_check *c, const struct cen_uio_write *writes,
				  struct cen_uio_step *steps, u32 count)
{
	u32 i;
	int ret;

	lockdep_assert_held(&c->dev->lock);
	if (c->dev->gone)
		return -ENODEV;
	if (c->dev->away)
		return cen_uio_refuse(c->reason, -EBUSY, CEN_UIO_WHY_BUSY, 0, 0);
	/* After a system's sleep or a reset. */
	if (c->dev->dirty) {
		ret = cen_uio_prepare(c->dev);
		if (ret)
			return ret;
	}
	memcpy(c->next, c->dev->state, sizeof(c->dev->state));
	for (i = 0; i < count; i++) {
		ret = cen_uio_check_write(c, &writes[i], &steps[i]);
		if (ret) {
			c->reason->index = i;
			return ret;
		}
	}
	if (c->transfer && !cen_uio_idle(c->dev))
		return cen_uio_refuse(c->reason, -EBUSY, CEN_UIO_WHY_BUSY, 0, 0);
	cen_uio_run(c, steps, count);
	return 0;
}

/**
 * cen_uio_program - check a list of register writes and carry it out
 * @file: the owner of the device
 * @writes: the list, in kernel memory
 * @count: of @writes, up to CEN_UIO_MAX_WRITES
 * @reason: filled when a write was refused
 *
 * Context: process context.
 * Return: 0, or an error as <linux/cen_uio.h> has them; nothing was written then.
 */
int cen_uio_program(struct cen_uio_file *file, const struct cen_uio_write *writes, u32 count,
		    struct cen_uio_reason *reason)
{
	struct cen_uio *dev = file->dev;
	struct cen_uio_check check = {
		.file = file,
		.dev = dev,
		.rules = dev->rules,
		.reason = reason,
		.next = dev->next,
	};
	struct cen_uio_step *steps;
	int ret;

	memset(reason, 0, sizeof(*reason));
	reason->index = CEN_UIO_NO_INDEX;
	steps = kcalloc(count, sizeof(*steps), GFP_KERNEL);
	if (!steps)
		return -ENOMEM;
	ret = mutex_lock_interruptible(&dev->lock);
	if (ret)
		goto out_free;
	ret = cen_uio_program_locked(&check, writes, steps, count);
	if (ret)
		trace_cen_uio_refused(dev->name, "program", ret, reason);
	else
		trace_cen_uio_program(dev->name, count, check.start);
	mutex_unlock(&dev->lock);
out_free:
	/* They hold bus addresses. */
	kfree_sensitive(steps);
	return ret;
}
