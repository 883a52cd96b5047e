// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Bytes as people write and read them. */
#include <ctype.h>
#include <inttypes.h>

#include "internal.h"

CEN_API int cen_size_parse(uint64_t *size, const char *text)
{
	static const char suffixes[] = "KMGT";
	const char *suffix;
	unsigned int shift = 0;
	uint64_t value;
	char *end;

	/* strtoull() would take "-1" and leading blanks. */
	if (!isdigit((unsigned char)text[0]))
		goto malformed;
	errno = 0;
	/* no base 0: "0100" is a hundred to everybody but C */
	value = strtoull(text, &end, text[0] == '0' && (text[1] | 32) == 'x' ? 16 : 10);
	if (errno == ERANGE)
		goto range;
	if (*end) {
		suffix = strchr(suffixes, toupper((unsigned char)*end));
		if (!suffix)
			goto malformed;
		shift = 10 * (unsigned int)(suffix - suffixes + 1);
		end++;
		if (!strcmp(end, "iB") || !strcmp(end, "B"))
			end += strlen(end);
		if (*end)
			goto malformed;
	}
	if (value > UINT64_MAX >> shift)
		goto range;
	*size = value << shift;
	return 0;

malformed:
	return cen_ret(cen_say(-EINVAL,
			       "'%s' is no size: a number in decimal or 0x…, with K, M, G or T behind it for powers of 1024, is accepted",
			       text));
range:
	return cen_ret(cen_say(-ERANGE, "'%s' does not fit 64 bits", text));
}

CEN_API int cen_size_format(uint64_t size, char *text, size_t room)
{
	static const char * const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	uint64_t value = size;
	size_t unit = 0;

	/* Only exact values: an explanation that rounds would not add up. */
	while (value && !(value & 1023) && unit + 1 < CEN_ARRAY_SIZE(units)) {
		value >>= 10;
		unit++;
	}
	if (value == 1 && !unit)
		return snprintf(text, room, "1 byte");
	return snprintf(text, room, "%" PRIu64 " %s", value, units[unit]);
}
