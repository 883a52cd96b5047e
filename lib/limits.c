// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Limits as text: the keys of cenalloc-devices(5), in rule files and on command lines. */
#include <inttypes.h>

#include "../kernel/solver/solver.h"
#include "internal.h"

#define CEN_LIMITS_TEXT 256

static bool power_of_two(uint64_t value)
{
	return value && !(value & (value - 1));
}

static int parse_number(const char *key, const char *value, const char *accepted, uint64_t min,
			uint64_t max, uint64_t *number)
{
	if (!cen_size_parse(number, value) && *number >= min && *number <= max)
		return 0;
	cen_say(-EINVAL, "%s = '%s': %s is accepted", key, value, accepted);
	return -EINVAL;
}

static int set_max_segs(struct cen_limits *limits, const char *key, const char *value)
{
	uint64_t number = 0;
	int error = parse_number(key, value, "a number of segments from 1 (contiguous) to 4294967295",
				 1, UINT32_MAX, &number);

	if (!error)
		limits->max_segs = (uint32_t)number;
	return error;
}

static int set_seg_size(struct cen_limits *limits, const char *key, const char *value)
{
	uint64_t number = 0;
	int error = parse_number(key, value, "a size in bytes, 1 or more", 1, UINT64_MAX, &number);

	if (!error)
		limits->seg_size = number;
	return error;
}

static int set_seg_boundary(struct cen_limits *limits, const char *key, const char *value)
{
	static const char accepted[] = "a power of two in bytes, 2 or more, that no segment may cross";
	uint64_t number = 0;
	int error = parse_number(key, value, accepted, 2, UINT64_MAX, &number);

	if (!error && !power_of_two(number))
		error = cen_say(-EINVAL, "%s = '%s': %s, is accepted", key, value, accepted);
	if (!error)
		limits->seg_boundary = number - 1;
	return error;
}

static int set_align(struct cen_limits *limits, const char *key, const char *value)
{
	static const char accepted[] = "a power of two in bytes";
	uint64_t number = 0;
	int error = parse_number(key, value, accepted, 1, UINT64_MAX, &number);

	if (!error && !power_of_two(number))
		error = cen_say(-EINVAL, "%s = '%s': %s is accepted", key, value, accepted);
	if (!error)
		limits->align = number;
	return error;
}

static int set_addr_bits(struct cen_limits *limits, const char *key, const char *value)
{
	uint64_t number = 0;
	int error = parse_number(key, value, "a number of bits from 1 to 64", 1, 64, &number);

	if (!error)
		limits->addr_max = UINT64_MAX >> (64 - number);
	return error;
}

/* Bank numbers, separated by blanks or '+': "0 2", "0+2". */
static int set_banks(struct cen_limits *limits, const char *key, const char *value)
{
	uint64_t banks = 0;
	const char *at = value;

	while (*at) {
		unsigned long bank;
		char *end;

		if (*at == ' ' || *at == '\t' || *at == '+') {
			at++;
			continue;
		}
		bank = *at >= '0' && *at <= '9' ? strtoul(at, &end, 10) : ~0UL;
		if (bank > 63 || (*end && !strchr(" \t+", *end)))
			goto refuse;
		banks |= 1ULL << bank;
		at = end;
	}
	if (!banks)
		goto refuse;
	limits->banks = banks;
	return 0;

refuse:
	return cen_say(-EINVAL,
		       "%s = '%s': bank numbers from 0 to 63, separated by blanks or '+', are accepted",
		       key, value);
}

static int set_noncoherent(struct cen_limits *limits, const char *key, const char *value)
{
	static const char * const yes[] = { "yes", "true", "on", "1" };
	static const char * const no[] = { "no", "false", "off", "0" };

	for (size_t i = 0; i < CEN_ARRAY_SIZE(yes); i++) {
		if (!strcmp(value, yes[i])) {
			limits->flags |= CEN_LIMIT_NONCOHERENT;
			return 0;
		}
		if (!strcmp(value, no[i])) {
			limits->flags &= ~CEN_LIMIT_NONCOHERENT;
			return 0;
		}
	}
	return cen_say(-EINVAL, "%s = '%s': yes or no is accepted", key, value);
}

static const struct {
	const char *key;
	const char *alias;	/* shorter, for command lines */
	int (*set)(struct cen_limits *limits, const char *key, const char *value);
} limit_keys[] = {
	{ "max-segments", "max-segs", set_max_segs },
	{ "segment-size", "seg-size", set_seg_size },
	{ "segment-boundary", "seg-boundary", set_seg_boundary },
	{ "alignment", "align", set_align },
	{ "address-bits", "addr-bits", set_addr_bits },
	{ "banks", "bank", set_banks },
	{ "non-coherent", "noncoherent", set_noncoherent },
};

int cen_limits_set(struct cen_limits *limits, const char *key, const char *value)
{
	char known[CEN_LIMITS_TEXT] = "";
	size_t used = 0;

	for (size_t i = 0; i < CEN_ARRAY_SIZE(limit_keys); i++)
		if (!strcmp(key, limit_keys[i].key) || !strcmp(key, limit_keys[i].alias))
			return limit_keys[i].set(limits, limit_keys[i].key, value);

	for (size_t i = 0; i < CEN_ARRAY_SIZE(limit_keys); i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
					 i ? ", " : "", limit_keys[i].key);
	return cen_say(-EINVAL, "unknown limit '%s': %s are accepted", key, known);
}

static int limits_parse(struct cen_limits *limits, char *text)
{
	struct cen_limits parsed = *limits;
	char *save = NULL;
	int error;

	for (char *item = strtok_r(text, ",", &save); item; item = strtok_r(NULL, ",", &save)) {
		char *value = strchr(item, '=');

		/* A bare "non-coherent" says yes. */
		if (value)
			*value++ = '\0';
		else if (!strcmp(item, "non-coherent") || !strcmp(item, "noncoherent"))
			value = (char *)"yes";
		else
			return cen_say(-EINVAL, "limit '%s' has no value: key=value is accepted", item);
		error = cen_limits_set(&parsed, item, value);
		if (error)
			return error;
	}
	if (cen_limits_check(&parsed))
		return cen_say(-EINVAL, "the limits contradict each other");
	*limits = parsed;
	return 0;
}

CEN_API int cen_limits_parse(struct cen_limits *limits, const char *text)
{
	char *copy = strdup(text);
	int error;

	if (!copy)
		return cen_ret(cen_say(-ENOMEM, "out of memory"));
	error = limits_parse(limits, copy);
	free(copy);
	return cen_ret(error);
}

/* A size that cen_size_parse() reads back. */
static void format_size(uint64_t value, char *text, size_t room)
{
	static const char suffixes[] = "KMGT";
	int unit = -1;

	while (value && !(value & 1023) && unit + 1 < 4) {
		value >>= 10;
		unit++;
	}
	if (unit < 0)
		snprintf(text, room, "%" PRIu64, value);
	else
		snprintf(text, room, "%" PRIu64 "%c", value, suffixes[unit]);
}

CEN_API int cen_limits_format(const struct cen_limits *limits, char *text, size_t size)
{
	char all[CEN_LIMITS_TEXT * 2] = "", number[32];
	size_t used = 0;

#define ADD(...) \
	used += (size_t)snprintf(all + used, sizeof(all) - used, __VA_ARGS__)
#define ADD_SIZE(key, value) do { \
	format_size(value, number, sizeof(number)); \
	ADD("," key "=%s", number); \
} while (0)
	if (limits->max_segs)
		ADD(",max-segments=%u", limits->max_segs);
	if (limits->seg_size)
		ADD_SIZE("segment-size", limits->seg_size);
	if (limits->seg_boundary && limits->seg_boundary != UINT64_MAX)
		ADD_SIZE("segment-boundary", limits->seg_boundary + 1);
	if (limits->align)
		ADD_SIZE("alignment", limits->align);
	if (limits->addr_max)
		ADD(",address-bits=%u", cen_addr_bits(limits->addr_max));
	if (limits->banks) {
		const char *sep = ",banks=";

		for (unsigned int bank = 0; bank < 64; bank++) {
			if (!(limits->banks & (1ULL << bank)))
				continue;
			ADD("%s%u", sep, bank);
			sep = "+";
		}
	}
	if (limits->flags & CEN_LIMIT_NONCOHERENT)
		ADD(",non-coherent=yes");
#undef ADD_SIZE
#undef ADD
	return snprintf(text, size, "%s", all + (all[0] == ','));
}
