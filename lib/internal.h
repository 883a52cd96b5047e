/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the files of libcen share.
 *
 * Inside the library functions return 0 or -errno and leave the text for people
 * with cen_say(); the public functions turn that into -1 or NULL with errno by
 * cen_ret() and cen_ret_null().
 */
#ifndef _CEN_INTERNAL_H
#define _CEN_INTERNAL_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cen.h>

#define CEN_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define CEN_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* ------------------------------------------------------------------- error.c */

/* Bytes of cen_error(): who keeps it while something else may fail needs as many. */
#define CEN_ERROR_TEXT 4096
/* Keep the reason of a failure for cen_error(); returns @error (-errno). */
int cen_say(int error, const char *fmt, ...) CEN_PRINTF(2, 3);
/* The same, appended to what is there, on a line of its own. */
int cen_say_more(int error, const char *fmt, ...) CEN_PRINTF(2, 3);
/* -errno (or >= 0) to the public convention. */
int cen_ret(int error);
void *cen_ret_null(int error);

/* ----------------------------------------------------------------- backends */

/**
 * struct cen_backend_ops - what differs between the module and the fall-back
 * @close: end of the context
 * @heap_info: fill @info for @info->index; -ENOENT: none there
 * @device_info: fill @info for @info->name
 * @explain: CEN_IOC_EXPLAIN; @buf is NULL for a mere size
 * @create: make @buf, whose size it rounds
 * @declare: all or nothing; *@failed is the entry at fault
 * @commit: allocate, tell the plan
 * @release: end of the buffer, apart from its fd
 */
struct cen_backend_ops {
	void (*close)(struct cen_ctx *ctx);
	int (*heap_info)(struct cen_ctx *ctx, struct cen_heap_info *info);
	int (*device_info)(struct cen_ctx *ctx, struct cen_device_info *info);
	int (*explain)(struct cen_ctx *ctx, struct cen_buffer *buf, struct cen_explain *arg);
	int (*create)(struct cen_buffer *buf, uint64_t align, uint32_t heap_mask,
		      uint32_t flags);
	int (*declare)(struct cen_buffer *buf, const struct cen_device_set *set,
		       uint32_t *failed);
	int (*commit)(struct cen_buffer *buf, struct cen_plan *plan);
	void (*release)(struct cen_buffer *buf);
};

/* Where the machine is looked at; the tests look elsewhere. */
struct cen_roots {
	const char *dev;
	const char *sys;
	const char *proc;
	const char *rules;
};
extern const struct cen_roots cen_roots_default;

struct cen_fallback;

struct cen_ctx {
	const struct cen_backend_ops *ops;
	struct cen_roots roots;
	struct cen_fallback *fallback;	/* NULL with the module */
	int fd;				/* /dev/cenalloc, or -1 */
};

struct cen_fallback_buffer;

struct cen_buffer {
	struct cen_ctx *ctx;
	struct cen_fallback_buffer *fallback;	/* NULL with the module, and for imports */
	uint64_t size;
	struct cen_plan plan;
	bool planned;
	bool native;		/* the module's own */
	int fd;			/* -1: not made yet (fall-back only) */
};

struct cen_device_set {
	struct cen_device entries[CEN_MAX_DEVICES];
	size_t count;
};

/* ctx.c */
struct cen_ctx *cen_ctx_open_at(unsigned int flags, const struct cen_roots *roots);

/* module.c */
extern const struct cen_backend_ops cen_module_ops;

/* fallback.c */
extern const struct cen_backend_ops cen_fallback_ops;
int cen_fallback_open(struct cen_ctx *ctx);
/* Do the declared devices' limits come from something that knows them? */
bool cen_fallback_placed(const struct cen_buffer *buf);

/* An ioctl on @fd, restarted when a signal interrupts it. 0 or -errno. */
int cen_ioctl(int fd, unsigned long request, void *arg);

/* device_node.c */
int cen_node_resolve(const struct cen_roots *roots, const char *path,
		     char name[CEN_NAME_LEN]);
int cen_sysfs_owner(const char *path, char name[CEN_NAME_LEN]);
/* Buses whose devices master memory and are found by name; ends with NULL. */
extern const char * const cen_dma_buses[];
bool cen_bus_known(const char *bus);
/* "bus:name" to its directory in sysfs. -EINVAL, -ENOENT. */
int cen_sysfs_device(const struct cen_roots *roots, const char *name, char *path,
		     size_t room);
/* First line of @dir/@file without its newline. -errno. */
int cen_sysfs_read(const char *dir, const char *file, char *text, size_t room);
/* Last component of the link @dir/@file. -errno. */
int cen_sysfs_link(const char *dir, const char *file, char *text, size_t room);

/* device_list.c: say which device of @set the kernel does not know. */
int cen_say_unknown_device(struct cen_ctx *ctx, const struct cen_device *entries,
			   size_t count);

/* nearest.c: how unlike two names are; 0: the same. */
unsigned int cen_name_distance(const char *a, const char *b);

/* limits.c */
int cen_limits_set(struct cen_limits *limits, const char *key, const char *value);

/* explanation.c, explanation_text.c */
struct cen_explanation {
	int error;		/* 0 or the positive errno */
	struct cen_plan plan;
	struct cen_reason *reasons;
	uint32_t reason_count;
	char (*names)[CEN_NAME_LEN];
	uint32_t *sources;	/* CEN_FROM_* of each name, 0 when it cannot be asked */
	uint32_t name_count;
	struct cen_heap_list *heaps;
	bool fallback;
	char **sentences;	/* per reason; made with the object */
	char **helps;		/* per reason; entries may be NULL */
	char *text;
};
/* Make the texts. -ENOMEM. */
int cen_explanation_write(struct cen_explanation *exp);

/* A refusal just happened: append its explanation to cen_error(). Keeps @error. */
int cen_say_refusal(struct cen_ctx *ctx, struct cen_buffer *buf,
		    const struct cen_device_set *set, int error);

#endif /* _CEN_INTERNAL_H */
