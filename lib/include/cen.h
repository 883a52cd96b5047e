/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * libcen: buffers that fit every device that will use them.
 *
 * The main road:
 *
 *	struct cen_ctx *ctx = cen_ctx_open(0);
 *	struct cen_buffer *buf = cen_buffer_new(ctx, 8 << 20);
 *
 *	cen_buffer_declare(buf, "/dev/video0");
 *	cen_buffer_declare(buf, "pci:0000:00:04.0");
 *	if (cen_buffer_commit(buf))
 *		errx(1, "%s", cen_error());
 *	... cen_buffer_fd(buf) is a dma-buf ...
 *	cen_buffer_free(buf);
 *	cen_ctx_close(ctx);
 *
 * Conventions
 * ===========
 *
 * Errors	A function that returns a pointer returns NULL, one that returns an
 *		int returns -1, and errno says why. cen_error() then has the reason as
 *		text. Functions that return void cannot fail and keep errno.
 * Ownership	What a function named _new, _open, _import, _map or _explain returns
 *		belongs to the caller, who gives it to the matching _free, _close or
 *		_unmap (NULL is fine there). Every other pointer is borrowed from the object
 *		that was asked and lives as long as that object, if nothing else is said.
 * Units	Sizes, offsets and alignments are bytes; addresses are never told, only
 *		the number of bits they need.
 * Order	Free what was made from a context before the context is closed; unmap
 *		before freeing the buffer.
 * Threads	An object is used by one thread at a time; different objects, also of one
 *		context, may be used by different threads. cen_error() is per thread.
 *
 * Device specifications
 * =====================
 *
 * Wherever a function takes a @spec, these forms are understood, each optionally
 * followed by limits that tighten what the kernel knows of the device:
 *
 *	pci:0000:00:04.0			bus and name
 *	platform:vivid.0,max-segments=1		the same, with a limit
 *	/dev/video0				a device node: its parent that does the DMA
 *	limits:my-dsp,address-bits=28		no such device: only limits, and a free name
 *
 * Keys are those of cenalloc-devices(5): max-segments, segment-size,
 * segment-boundary, alignment, address-bits, banks, non-coherent. Sizes take the
 * suffixes K, M, G (powers of 1024).
 *
 * Without the module
 * ==================
 *
 * When /dev/cenalloc is missing, the same calls choose between the heaps in
 * /dev/dma_heap and /dev/udmabuf with the same solver. Less can be promised then;
 * cen_buffer_promises() tells what.
 */
#ifndef _CEN_H
#define _CEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/cenalloc.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CEN_API __attribute__((visibility("default")))

struct cen_ctx;
struct cen_buffer;
struct cen_buffer_info;
struct cen_buffer_list;
struct cen_device_list;
struct cen_device_set;
struct cen_explanation;
struct cen_heap_list;
struct cen_holder_list;
struct cen_map;
struct cen_rules;

/* ------------------------------------------------------------------ errors */

/*
 * Why the last libcen call of this thread that failed did so: one or more lines
 * without a newline at the end, at most 4095 bytes. Never NULL; "" when none has
 * failed. Valid until the thread's next libcen call.
 */
CEN_API const char *cen_error(void);

/* Version of the library, for example "0.1.0". */
CEN_API const char *cen_version(void);

/* ----------------------------------------------------------------- context */

#define CEN_CTX_MODULE		(1U << 0) /* /dev/cenalloc or nothing */
#define CEN_CTX_FALLBACK	(1U << 1) /* behave as if /dev/cenalloc were missing */

enum cen_backend {
	CEN_BACKEND_MODULE = 0,		/* cenalloc.ko places the buffers */
	CEN_BACKEND_FALLBACK = 1,	/* dma-heaps and udmabuf, chosen by libcen */
};

/*
 * Open the allocator. With @flags 0 the module is used when /dev/cenalloc exists,
 * otherwise the fall-back.
 *
 * ENOENT: CEN_CTX_MODULE and no module; or neither module nor any heap to fall
 * back to. EACCES: /dev/cenalloc exists but may not be opened (this does not fall
 * back: the promises would silently weaken). EINVAL: unknown or contradicting flags.
 */
CEN_API struct cen_ctx *cen_ctx_open(unsigned int flags);
CEN_API void cen_ctx_close(struct cen_ctx *ctx);

CEN_API enum cen_backend cen_ctx_backend(const struct cen_ctx *ctx);

/* The fd of /dev/cenalloc, borrowed, for ioctls of one's own; -1 in the fall-back. */
CEN_API int cen_ctx_fd(const struct cen_ctx *ctx);

/* ----------------------------------------------------------------- devices */

/* A set of devices, to declare them all or none, or to ask about them. */
CEN_API struct cen_device_set *cen_device_set_new(void);
CEN_API void cen_device_set_free(struct cen_device_set *set);

/*
 * Add the device that @spec names (see the top). Whether it exists is checked by the
 * kernel when the set is used; a device node is resolved here.
 *
 * EINVAL: @spec is malformed, a limit unknown or impossible. ENOENT: no such node.
 * ENODEV: the node's device has no parent on a bus that does DMA.
 * ENAMETOOLONG: the name does not fit CEN_NAME_LEN. E2BIG: more than CEN_MAX_DEVICES.
 */
CEN_API int cen_device_set_add(struct cen_device_set *set, const char *spec);

/*
 * Add device @name ("bus:name") with @limits tightening what the kernel knows of it;
 * @limits may be NULL. Errors as above.
 */
CEN_API int cen_device_set_add_name(struct cen_device_set *set, const char *name,
				    const struct cen_limits *limits);

/* Add what is behind device node @path. @limits may be NULL. Errors as above. */
CEN_API int cen_device_set_add_node(struct cen_device_set *set, const char *path,
				    const struct cen_limits *limits);

/* Add an entry that is only @limits; @name is free text. Errors as above. */
CEN_API int cen_device_set_add_limits(struct cen_device_set *set, const char *name,
				      const struct cen_limits *limits);

CEN_API size_t cen_device_set_count(const struct cen_device_set *set);

/* Entry @index, or NULL when there is none. The array is contiguous from entry 0. */
CEN_API const struct cen_device *cen_device_set_get(const struct cen_device_set *set,
						    size_t index);

/*
 * Resolve a device node to the "bus:name" of the device that does its DMA and write
 * it to @name. ENOENT, ENODEV, ENAMETOOLONG as above; ENOTTY: @path is no device node.
 */
CEN_API int cen_device_resolve(const char *path, char name[CEN_NAME_LEN]);

/*
 * Ask for one device by "bus:name": @info is filled in. In the fall-back this is
 * what sysfs and the rule files tell. ENOENT: no such device; EINVAL: malformed name or
 * a bus that cannot be looked up.
 */
CEN_API int cen_device_get_info(struct cen_ctx *ctx, const char *name,
				struct cen_device_info *info);

/*
 * All devices of this machine that may do DMA (the buses pci and platform), sorted
 * by name. ENOMEM; or what opening sysfs returned.
 */
CEN_API struct cen_device_list *cen_device_list_new(struct cen_ctx *ctx);
CEN_API void cen_device_list_free(struct cen_device_list *list);
CEN_API size_t cen_device_list_count(const struct cen_device_list *list);

/* What is known of device @index; NULL when there is none. */
CEN_API const struct cen_device_info *cen_device_list_get(const struct cen_device_list *list,
							  size_t index);
/* Its device nodes, separated by one space, "" when it has none; NULL: no such index. */
CEN_API const char *cen_device_list_nodes(const struct cen_device_list *list, size_t index);
/* The errno with which the kernel refused to tell about it; 0: cen_device_list_get() is whole. */
CEN_API int cen_device_list_error(const struct cen_device_list *list, size_t index);
/* The listed name that is most like @name, or NULL when none is near: for messages. */
CEN_API const char *cen_device_list_nearest(const struct cen_device_list *list,
					    const char *name);

/* ------------------------------------------------------------------- heaps */

/* The heaps of this machine, by index. ENOMEM, or what the kernel answered. */
CEN_API struct cen_heap_list *cen_heap_list_new(struct cen_ctx *ctx);
CEN_API void cen_heap_list_free(struct cen_heap_list *list);
CEN_API size_t cen_heap_list_count(const struct cen_heap_list *list);
/* Entry @pos (0 … count - 1; its heap index is ->index), or NULL. */
CEN_API const struct cen_heap_info *cen_heap_list_get(const struct cen_heap_list *list,
						      size_t pos);
/* The heap of that name, or NULL. */
CEN_API const struct cen_heap_info *cen_heap_list_find(const struct cen_heap_list *list,
						       const char *name);

/* ------------------------------------------------------------ explanations */

/*
 * What would happen to a buffer of @size bytes, aligned to @align (0: no wish), used by
 * @set (NULL: no device)? Succeeds when it can tell, whether the verdict is a plan or a
 * refusal.
 *
 * EINVAL: @size 0, @align no power of two. ENOENT: a device of the set does not
 * exist; cen_error() names it, and a near name if there is one.
 */
CEN_API struct cen_explanation *cen_ctx_explain(struct cen_ctx *ctx, uint64_t size,
						uint64_t align,
						const struct cen_device_set *set);
/* The same for a buffer as it is, plus @set (NULL: nothing new). */
CEN_API struct cen_explanation *cen_buffer_explain(struct cen_buffer *buf,
						   const struct cen_device_set *set);
/* Why the last declare, commit, attach or map of @buf was refused. ENODATA: none was. */
CEN_API struct cen_explanation *cen_buffer_explain_last(struct cen_buffer *buf);
CEN_API void cen_explanation_free(struct cen_explanation *exp);

/* 0: there is a plan; otherwise the (positive) errno the operation would fail with. */
CEN_API int cen_explanation_error(const struct cen_explanation *exp);
/* The plan, or NULL when it is a refusal. */
CEN_API const struct cen_plan *cen_explanation_plan(const struct cen_explanation *exp);
/* Name of the heap with that index, "any heap" for CEN_NO_INDEX, never NULL. */
CEN_API const char *cen_explanation_heap(const struct cen_explanation *exp, uint32_t index);
/* Name of the device with that index, "no device" for CEN_NO_INDEX, never NULL. */
CEN_API const char *cen_explanation_device(const struct cen_explanation *exp, uint32_t index);
CEN_API size_t cen_explanation_reason_count(const struct cen_explanation *exp);
/* Reason @index as the kernel gave it, or NULL. */
CEN_API const struct cen_reason *
cen_explanation_reason(const struct cen_explanation *exp, size_t index);
/* The same as a sentence, or NULL. */
CEN_API const char *cen_explanation_reason_text(const struct cen_explanation *exp, size_t index);
/* What would help against it, as a sentence, or NULL when nothing is known to. */
CEN_API const char *cen_explanation_reason_help(const struct cen_explanation *exp, size_t index);
/* All of it, several lines each ended by a newline; never NULL. */
CEN_API const char *cen_explanation_text(const struct cen_explanation *exp);

/* ----------------------------------------------------------------- buffers */

/*
 * A new, EMPTY buffer of at least @size bytes (rounded up to pages). It costs no memory
 * before it is committed, mapped or touched.
 *
 * EINVAL: @size 0, @align neither 0 nor a power of two, unknown flag or empty heap.
 * EDQUOT: could never fit the user's quota. EMFILE, ENFILE, ENOMEM.
 */
CEN_API struct cen_buffer *cen_buffer_new(struct cen_ctx *ctx, uint64_t size);
/* The same; @heap_mask: heaps that may serve (0: any), @flags: CEN_CREATE_*. */
CEN_API struct cen_buffer *cen_buffer_new_with(struct cen_ctx *ctx, uint64_t size,
					       uint64_t align, uint32_t heap_mask,
					       uint32_t flags);
/*
 * Use a dma-buf that came from elsewhere (another process, another exporter). @fd is
 * duplicated and stays the caller's. EBADF: no open fd; ENOTTY: not a dma-buf.
 */
CEN_API struct cen_buffer *cen_buffer_import(struct cen_ctx *ctx, int fd);
/* Close the fd and forget the buffer; its memory lives as long as somebody holds it. */
CEN_API void cen_buffer_free(struct cen_buffer *buf);

/*
 * The dma-buf's fd, O_CLOEXEC, borrowed. In the fall-back a dma-buf exists only once it is
 * committed; this commits it, and returns -1 where cen_buffer_commit() would.
 */
CEN_API int cen_buffer_fd(struct cen_buffer *buf);
/* A duplicate of it, O_CLOEXEC, the caller's own. Errors as above, and EMFILE. */
CEN_API int cen_buffer_export(struct cen_buffer *buf);
/* Bytes, whole pages. */
CEN_API uint64_t cen_buffer_size(const struct cen_buffer *buf);
/* Did the module cenalloc export it? Only such buffers can be declared, moved or asked. */
CEN_API bool cen_buffer_is_native(const struct cen_buffer *buf);

/*
 * Say that the device @spec will use @buf. Before the first attach or commit this
 * decides the placement, afterwards it is checked against it.
 *
 * EINVAL: malformed @spec, or the devices contradict each other. ENODEV: no heap
 * of this machine would do. EBUSY: backed by memory that does not fit and cannot
 * move. ENOENT: no such device. ENOTTY: not cenalloc's buffer. E2BIG: too many.
 */
CEN_API int cen_buffer_declare(struct cen_buffer *buf, const char *spec);
/* The same for all of @set or none of it. EINVAL also when @set is empty. */
CEN_API int cen_buffer_declare_set(struct cen_buffer *buf, const struct cen_device_set *set);

/*
 * Allocate the memory now. No error when it is already there. EINVAL, ENODEV: as above;
 * ENOMEM: no memory left that fits; EDQUOT: over the user's quota.
 */
CEN_API int cen_buffer_commit(struct cen_buffer *buf);
/* The plan that was carried out; NULL with ENODATA before cen_buffer_commit(). */
CEN_API const struct cen_plan *cen_buffer_plan(struct cen_buffer *buf);

/* CEN_PROMISE_*: what holds for this buffer. The rest is up to the devices' drivers. */
#define CEN_PROMISE_DECLARED	(1U << 0) /* placed so that every declared device reaches it */
#define CEN_PROMISE_ATTACHED	(1U << 1) /* an attach that does not fit moves it or is refused */
#define CEN_PROMISE_NO_BOUNCE	(1U << 2) /* a map that would bounce is refused */
#define CEN_PROMISE_SEGMENTS	(1U << 3) /* each sg_table obeys its device's segment limits */
#define CEN_PROMISE_RANGED_SYNC	(1U << 4) /* cen_sync_begin() touches only its range */
#define CEN_PROMISE_ZEROED	(1U << 5) /* memory is handed out zeroed */
#define CEN_PROMISE_QUOTA	(1U << 6) /* memory counts against a per-user quota */
#define CEN_PROMISE_EXPLAINS	(1U << 7) /* refusals of attach and map are remembered */
#define CEN_PROMISES_ALL	((1U << 8) - 1)

CEN_API uint32_t cen_buffer_promises(const struct cen_buffer *buf);
/* The promise (exactly one bit) as a sentence; NULL for anything else. */
CEN_API const char *cen_promise_text(uint32_t promise);

/* -------------------------------------------------------- state of buffers */

/* A snapshot of @buf. ENOTTY: not cenalloc's and so unknown. */
CEN_API struct cen_buffer_info *cen_buffer_info_new(struct cen_buffer *buf);
CEN_API void cen_buffer_info_free(struct cen_buffer_info *info);
CEN_API const struct cen_info *cen_buffer_info_get(const struct cen_buffer_info *info);
CEN_API size_t cen_buffer_info_device_count(const struct cen_buffer_info *info);
CEN_API const struct cen_buffer_device *
cen_buffer_info_device(const struct cen_buffer_info *info, size_t index);

/*
 * Snapshots of all buffers of the calling user, of all users for CAP_SYS_ADMIN. ENOSYS in the
 * fall-back, which keeps no such list.
 */
CEN_API struct cen_buffer_list *cen_buffer_list_new(struct cen_ctx *ctx);
CEN_API void cen_buffer_list_free(struct cen_buffer_list *list);
CEN_API size_t cen_buffer_list_count(const struct cen_buffer_list *list);
CEN_API const struct cen_buffer_info *cen_buffer_list_get(const struct cen_buffer_list *list,
							  size_t index);

/* A process that holds a dma-buf. */
struct cen_holder {
	uint64_t inode;		/* the dma-buf, as struct cen_info.inode */
	pid_t pid;
	uint32_t fds;		/* file descriptors open on it */
	uint32_t maps;		/* mappings of it */
	char comm[16];
};

/*
 * Who holds dma-bufs: all processes whose /proc entries the caller may read, sorted by inode and
 * PID. @hidden (may be NULL) is set to the number of processes it may not.
 */
CEN_API struct cen_holder_list *cen_holder_list_new(size_t *hidden);
CEN_API void cen_holder_list_free(struct cen_holder_list *list);
CEN_API size_t cen_holder_list_count(const struct cen_holder_list *list);
CEN_API const struct cen_holder *cen_holder_list_get(const struct cen_holder_list *list,
						     size_t index);

/* -------------------------------------------------------------- CPU access */

/*
 * Map @length bytes of @buf at @offset (a multiple of the page size; @length 0: to
 * the end). @prot is PROT_READ, PROT_WRITE or both. Between cen_sync_begin() and
 * cen_sync_end() the CPU and the devices see the same bytes.
 *
 * EINVAL: outside the buffer or not on a page; ENOMEM; in the fall-back all of commit's.
 */
CEN_API struct cen_map *cen_buffer_map(struct cen_buffer *buf, uint64_t offset,
				       uint64_t length, int prot);
CEN_API void cen_buffer_unmap(struct cen_map *map);
CEN_API void *cen_map_data(const struct cen_map *map);
CEN_API size_t cen_map_length(const struct cen_map *map);

/*
 * A CPU access in progress. Begun by cen_sync_begin(), ended by cen_sync_end(), which may be
 * called more than once; with CEN_SYNC_GUARD it is ended at the end of the scope:
 *
 *	CEN_SYNC_GUARD(guard);
 *
 *	if (cen_sync_begin(&guard, buf, 0, 0, CEN_SYNC_READ))
 *		return -1;
 */
struct cen_sync_guard {
	struct cen_buffer *buffer;	/* NULL: nothing in progress */
	uint64_t offset;
	uint64_t length;
	uint32_t flags;
	uint32_t whole;
};

#define CEN_SYNC_GUARD(name) \
	__attribute__((cleanup(cen_sync_cleanup))) struct cen_sync_guard name = { 0 }

/*
 * Begin CPU access to @length bytes at @offset (0, 0: the whole buffer). @flags: CEN_SYNC_READ,
 * CEN_SYNC_WRITE or both. Waits for the fences of devices that are still at work.
 *
 * EINVAL: outside the buffer, other flags. EINTR: a signal came while waiting.
 */
CEN_API int cen_sync_begin(struct cen_sync_guard *guard, struct cen_buffer *buf,
			   uint64_t offset, uint64_t length, uint32_t flags);
/* End it: what the CPU wrote becomes visible to devices. 0 when nothing was in progress. */
CEN_API int cen_sync_end(struct cen_sync_guard *guard);

static inline void cen_sync_cleanup(struct cen_sync_guard *guard)
{
	(void)cen_sync_end(guard);
}

/* ------------------------------------------------------------------- rules */

#define CEN_RULES_DIR		"/etc/cenalloc/devices.d"
#define CEN_RULES_CONFIGFS	"/sys/kernel/config/cenalloc/devices"

/* The administrator's rules, see cenalloc-devices(5). */
CEN_API struct cen_rules *cen_rules_new(void);
CEN_API void cen_rules_free(struct cen_rules *rules);

/*
 * Add the rules of a file; of all files "*.conf" of a directory, in the order of their names
 * (NULL: CEN_RULES_DIR). Reading goes on after a mistake, so that all are found.
 *
 * Return the number of mistakes, each told by cen_rules_problem(); -1 and errno when something
 * could not be read at all. A rule with a mistake is not added, nor is one that contradicts
 * an earlier rule for its device.
 */
CEN_API int cen_rules_load_file(struct cen_rules *rules, const char *path);
CEN_API int cen_rules_load_dir(struct cen_rules *rules, const char *path);

CEN_API size_t cen_rules_problem_count(const struct cen_rules *rules);
/* "file:line: what is wrong; what is accepted", or NULL. */
CEN_API const char *cen_rules_problem(const struct cen_rules *rules, size_t index);

CEN_API size_t cen_rules_count(const struct cen_rules *rules);
/* "bus:name" of rule @index, or NULL. */
CEN_API const char *cen_rules_name(const struct cen_rules *rules, size_t index);
/* Its limits, merged over all files, or NULL. */
CEN_API const struct cen_limits *cen_rules_limits(const struct cen_rules *rules, size_t index);
/* "file:line" of its first section, or NULL. */
CEN_API const char *cen_rules_origin(const struct cen_rules *rules, size_t index);

/*
 * Hand the rules to the kernel: each becomes a directory in @configfs (NULL:
 * CEN_RULES_CONFIGFS). Rules the kernel has and @rules has not are removed.
 *
 * Returns the number of rules written; -1 and errno when one was refused (cen_error() names it
 * and where it came from). ENOENT: no module or configfs not mounted. EACCES, EPERM: not root.
 */
CEN_API int cen_rules_apply(const struct cen_rules *rules, const char *configfs);

/* -------------------------------------------------------------- conversion */

/*
 * "key=value[,key=value…]" to limits, added to @limits. EINVAL, with cen_error() naming the
 * key, the value and what is accepted.
 */
CEN_API int cen_limits_parse(struct cen_limits *limits, const char *text);
/*
 * Limits as "key=value,…" that cen_limits_parse() reads back; "" when nothing is limited. Returns
 * the length that was needed, as snprintf().
 */
CEN_API int cen_limits_format(const struct cen_limits *limits, char *text, size_t size);

/* "64K", "8M", "0x1000", "1G" to bytes. EINVAL: malformed; ERANGE: beyond 64 bits. */
CEN_API int cen_size_parse(uint64_t *size, const char *text);
/* Bytes for people: "8 MiB", "640 KiB", "4095 bytes". Returns as snprintf(). */
CEN_API int cen_size_format(uint64_t size, char *text, size_t room);

#ifdef __cplusplus
}
#endif

#endif /* _CEN_H */
