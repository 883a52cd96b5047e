// SPDX-License-Identifier: GPL-2.0
/* An image file, read straight into a buffer that the FPGA's manager reaches. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fpga.h"

#define PIECE	(1UL << 20)

static int read_all(int fd, const char *path, char *to, uint64_t size, bool progress)
{
	uint64_t done = 0;

	while (done < size) {
		uint64_t left = size - done;
		ssize_t got = read(fd, to + done, left < PIECE ? left : PIECE);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			warnx("%s: %s", path, got ? strerror(errno) : "shorter than it was");
			return -1;
		}
		/* what is in the buffer needs no copy in the page cache */
		posix_fadvise(fd, (off_t)done, got, POSIX_FADV_DONTNEED);
		done += (uint64_t)got;
		if (progress)
			fpga_progress_bytes(path, done, size);
	}
	return 0;
}

static struct cen_buffer *buffer_for(struct cen_ctx *ctx, const char *device, uint64_t size,
				     int *code)
{
	struct cen_buffer *buf = cen_buffer_new(ctx, size);

	if (buf && !cen_buffer_declare(buf, device) && !cen_buffer_commit(buf))
		return buf;
	*code = report_failure(errno);
	cen_buffer_free(buf);
	return NULL;
}

static int fill(struct cen_buffer *buf, int fd, const char *path, uint64_t size, bool progress)
{
	struct cen_map *map = cen_buffer_map(buf, 0, 0, PROT_READ | PROT_WRITE);
	CEN_SYNC_GUARD(guard);
	int ret;

	if (!map || cen_sync_begin(&guard, buf, 0, 0, CEN_SYNC_WRITE)) {
		warnx("%s", cen_error());
		cen_buffer_unmap(map);
		return -1;
	}
	ret = read_all(fd, path, cen_map_data(map), size, progress);
	if (cen_sync_end(&guard)) {
		warnx("%s", cen_error());
		ret = -1;
	}
	cen_buffer_unmap(map);
	return ret;
}

struct cen_buffer *fpga_read_image(struct cen_ctx *ctx, const char *device, const char *path,
				   bool progress, uint64_t *size, int *code)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct cen_buffer *buf = NULL;
	struct stat stat;

	*code = EXIT_TROUBLE;
	if (fd < 0 || fstat(fd, &stat)) {
		warn("%s", path);
	} else if (!S_ISREG(stat.st_mode) || stat.st_size <= 0) {
		warnx("%s: %s", path, S_ISREG(stat.st_mode) ? "is empty" : "is no file");
	} else {
		*size = (uint64_t)stat.st_size;
		buf = buffer_for(ctx, device, *size, code);
		if (buf && fill(buf, fd, path, *size, progress)) {
			cen_buffer_free(buf);
			buf = NULL;
		}
	}
	if (fd >= 0)
		close(fd);
	return buf;
}
