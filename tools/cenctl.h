/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CENCTL_H
#define _CENCTL_H

#include <argp.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <cen.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* What cenctl's exit status says, see cenctl(1). */
enum exit_code {
	EXIT_OK = 0,
	EXIT_REFUSED = 1,	/* no memory could serve; a rule has a mistake */
	EXIT_USAGE = 2,
	EXIT_NO_ALLOCATOR = 3,	/* no module, and nothing to fall back to */
	EXIT_TROUBLE = 4,	/* everything else: permission, memory, I/O */
};

/**
 * struct verb - one of cenctl's commands
 * @run: its main(), argv[0] is "cenctl verb"; returns an exit code
 */
struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
};

int cenctl_devices(int argc, char **argv);
int cenctl_heaps(int argc, char **argv);
int cenctl_explain(int argc, char **argv);
int cenctl_alloc(int argc, char **argv);
int cenctl_buffers(int argc, char **argv);
int cenctl_apply(int argc, char **argv);
int cenctl_fpga(int argc, char **argv);
int cenctl_ports(int argc, char **argv);
int cenctl_stream(int argc, char **argv);
int cenctl_link(int argc, char **argv);
int cenctl_top(int argc, char **argv);

/* options.c: options that verbs share, as children of their argp */

struct common_options {
	bool json;
	unsigned int ctx_flags;
};
extern const struct argp common_argp;	/* input: struct common_options */

struct want_options {
	uint64_t size;
	uint64_t align;
	struct cen_device_set *devices;
};
extern const struct argp want_argp;	/* input: struct want_options */

/* Parse for a verb. Does not return when the usage is wrong, or for --help. */
void parse_arguments(const struct argp *argp, int argc, char **argv, unsigned int flags,
		     void *input);

/* Open the allocator; says what is wrong and what is not promised. NULL: *code is set. */
struct cen_ctx *open_allocator(const struct common_options *common, int *code);
/* The exit code that belongs to libcen's errno @error. */
int failure_code(int error);
/* Say what libcen said; returns the same. */
int report_failure(int error);
/* Print and free @json. */
void print_json_to(FILE *out, struct json_object *json);
void print_json(struct json_object *json);		/* to standard output */

/* json.c: plain structs as JSON */
struct json_object *json_from_limits(const struct cen_limits *limits);
struct json_object *json_from_plan(const struct cen_plan *plan, const char *heap);
struct json_object *json_from_explanation(const struct cen_explanation *exp);
struct json_object *json_from_banks(uint64_t banks);
void json_add_string(struct json_object *to, const char *key, const char *value);
void json_add_u64(struct json_object *to, const char *key, uint64_t value);
void json_add_bool(struct json_object *to, const char *key, bool value);

/* table.c: columns as wide as what stands in them */
struct table;
struct table *table_new(unsigned int columns);
void table_add(struct table *table, const char *cell);	/* row by row */
void table_addf(struct table *table, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void table_add_size(struct table *table, uint64_t size, const char *zero);
void table_print_to(FILE *out, struct table *table);	/* and free */
void table_print(struct table *table);			/* the same, to standard output */

/* text.c */
/* Limits with what cannot be typed in: "address-bits=28,iommu". "-" when nothing is limited. */
void limits_text(const struct cen_limits *limits, char *text, size_t room);

#endif /* _CENCTL_H */
