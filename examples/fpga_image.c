// SPDX-License-Identifier: GPL-2.0
/*
 * Makes an image for the simulated FPGA (cen_sim_fpga), with data that is different for
 * every design:
 *
 *	fpga_image FILE SIZE DESIGN REGION
 *
 * REGION: 1 or 2, 0 for the whole FPGA, "any".
 */
#include <endian.h>
#include <err.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kernel/sim/cen_sim_fpga.h"

static uint32_t crc32(uint32_t crc, const uint8_t *data, size_t length)
{
	static uint32_t table[256];

	for (uint32_t i = 0; !table[255] && i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] & 1 ? table[i] >> 1 ^ 0xedb88320 : table[i] >> 1;
	}
	while (length--)
		crc = crc >> 8 ^ table[(crc ^ *data++) & 0xff];
	return crc;
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (!*text || *end)
		errx(2, "'%s' is no number", text);
	return value;
}

int main(int argc, char **argv)
{
	struct cen_sim_fpga_header header = { .magic = CEN_SIM_FPGA_MAGIC };
	uint32_t state, *data;
	size_t size;
	FILE *file;

	if (argc != 5)
		errx(2, "usage: fpga_image FILE SIZE DESIGN REGION");
	size = number(argv[2]) & ~3UL;
	if (size <= sizeof(header))
		errx(2, "an image has more than %zu bytes", sizeof(header));
	size -= sizeof(header);
	data = malloc(size);
	if (!data)
		err(1, "image");
	state = (uint32_t)number(argv[3]) | 1;
	for (size_t i = 0; i < size / sizeof(*data); i++) {
		state = state * 1664525 + 1013904223;
		data[i] = htole32(state);
	}
	header.size = htole32(sizeof(header));
	header.design = htole32((uint32_t)number(argv[3]));
	header.region = htole32(strcmp(argv[4], "any") ? (uint32_t)number(argv[4]) :
				CEN_SIM_FPGA_ANY);
	header.data_size = htole64(size);
	header.data_crc = htole32(~crc32(~0U, (uint8_t *)data, size));
	header.header_crc = htole32(~crc32(~0U, (uint8_t *)&header,
					   offsetof(struct cen_sim_fpga_header, header_crc)));

	file = fopen(argv[1], "wb");
	if (!file || fwrite(&header, sizeof(header), 1, file) != 1 ||
	    fwrite(data, size, 1, file) != 1 || fclose(file))
		err(1, "%s", argv[1]);
	free(data);
	return 0;
}
