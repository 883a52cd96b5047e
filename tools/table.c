// SPDX-License-Identifier: GPL-2.0
/* Text in columns. The first row is the heading; the last column is not padded. */
#include <err.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cenctl.h"

struct table {
	unsigned int columns;
	char **cells;
	size_t count;
};

struct table *table_new(unsigned int columns)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		err(EXIT_TROUBLE, "table");
	table->columns = columns;
	return table;
}

void table_add(struct table *table, const char *cell)
{
	char **cells = realloc(table->cells, (table->count + 1) * sizeof(*cells));

	if (!cells)
		err(EXIT_TROUBLE, "table");
	table->cells = cells;
	cells[table->count] = strdup(cell && *cell ? cell : "-");
	if (!cells[table->count])
		err(EXIT_TROUBLE, "table");
	table->count++;
}

void table_addf(struct table *table, const char *fmt, ...)
{
	va_list args;
	char *cell;
	int len;

	va_start(args, fmt);
	len = vasprintf(&cell, fmt, args);
	va_end(args);
	if (len < 0)
		err(EXIT_TROUBLE, "table");
	table_add(table, cell);
	free(cell);
}

void table_add_size(struct table *table, uint64_t size, const char *zero)
{
	char text[32];

	cen_size_format(size, text, sizeof(text));
	table_add(table, size || !zero ? text : zero);
}

static void table_free(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table);
}

void table_print_to(FILE *out, struct table *table)
{
	size_t *widths = calloc(table->columns, sizeof(*widths));

	if (!widths)
		err(EXIT_TROUBLE, "table");
	for (size_t i = 0; i < table->count; i++) {
		size_t len = strlen(table->cells[i]);

		if (len > widths[i % table->columns])
			widths[i % table->columns] = len;
	}
	for (size_t i = 0; i < table->count; i++) {
		if ((i + 1) % table->columns)
			fprintf(out, "%-*s  ", (int)widths[i % table->columns], table->cells[i]);
		else
			fprintf(out, "%s\n", table->cells[i]);
	}
	free(widths);
	table_free(table);
}

void table_print(struct table *table)
{
	table_print_to(stdout, table);
}
