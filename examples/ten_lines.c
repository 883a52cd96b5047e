// SPDX-License-Identifier: GPL-2.0
/* One buffer that all devices named on the command line can use: ten_lines /dev/video0 pci:0000:00:04.0 */
#include <err.h>
#include <stdio.h>

#include <cen.h>

int main(int argc, char **argv)
{
	struct cen_ctx *ctx = cen_ctx_open(0);
	struct cen_buffer *buf = ctx ? cen_buffer_new(ctx, 8 << 20) : NULL;

	for (int i = 1; buf && i < argc; i++)
		if (cen_buffer_declare(buf, argv[i]))
			errx(1, "%s", cen_error());
	if (!buf || cen_buffer_commit(buf))
		errx(1, "%s", cen_error());
	printf("dma-buf %d fits them all\n", cen_buffer_fd(buf));
	cen_buffer_free(buf);
	cen_ctx_close(ctx);
}
