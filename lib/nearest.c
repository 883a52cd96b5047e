// SPDX-License-Identifier: GPL-2.0 OR MIT
/* How unlike two device names are, to suggest what was meant. */
#include "internal.h"

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

/* Edit distance (insert, delete, replace), one row at a time. */
unsigned int cen_name_distance(const char *a, const char *b)
{
	unsigned int row[CEN_NAME_LEN + 1];
	size_t len = strnlen(b, CEN_NAME_LEN);

	for (size_t j = 0; j <= len; j++)
		row[j] = (unsigned int)j;
	for (unsigned int i = 1; *a; a++, i++) {
		unsigned int diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= len; j++) {
			unsigned int above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (*a != b[j - 1]));
			diagonal = above;
		}
	}
	return row[len];
}
