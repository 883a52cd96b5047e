/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fault injection by /proc/self/fail-nth: every allocation (and every copy from or to the
 * program) of an operation fails once, one after another.
 */
#ifndef TEST_FAIL_NTH_H
#define TEST_FAIL_NTH_H

/**
 * struct t_op - an operation
 * @name: for people
 * @prepare: makes what @run needs; without faults
 * @run: the operation: >= 0, or -errno, which has to be one that means "no memory" or
 *	"bad pointer"
 * @check: looks at what came of it, @ret is what @run returned; without faults; may be NULL
 * @undo: takes away what there is; without faults
 */
struct t_op {
	const char *name;
	void (*prepare)(void);
	int (*run)(void);
	void (*check)(int ret);
	void (*undo)(void);
};

/* Can this kernel do it? Sets it up. */
int t_fail_nth_init(void);
/* Asserts that each failure is clean and leaves nothing. Tells how many there were. */
unsigned int t_fail_each(const struct t_op *op);

#endif
