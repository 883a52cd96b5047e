// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>

#include <cen.h>

#include "buffer.h"

int source_cenalloc(const struct source *source, struct buffer *buf, size_t size)
{
	struct cen_buffer_info *info;

	buf->cen = cen_buffer_new(source->ctx, size);
	if (!buf->cen)
		return -errno;
	/* Before any device attaches: then one placement serves them all. */
	if (cen_buffer_declare_set(buf->cen, source->devices) || cen_buffer_commit(buf->cen))
		return -errno;

	info = cen_buffer_info_new(buf->cen);
	if (!info)
		return -errno;
	snprintf(buf->heap, sizeof(buf->heap), "%s", cen_buffer_info_get(info)->heap_name);
	buf->address_bits = cen_buffer_info_get(info)->addr_bits;
	cen_buffer_info_free(info);

	buf->fd = cen_buffer_export(buf->cen);
	return buf->fd < 0 ? -errno : 0;
}

int source_dma_heap(const struct source *source, struct buffer *buf, size_t size)
{
	struct dma_heap_allocation_data arg = { .len = size, .fd_flags = O_RDWR | O_CLOEXEC };
	int heap, ret;

	(void)source;
	heap = open("/dev/dma_heap/system", O_RDONLY | O_CLOEXEC);
	if (heap < 0)
		return -errno;
	ret = ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &arg) ? -errno : 0;
	close(heap);
	if (ret)
		return ret;
	buf->fd = (int)arg.fd;
	snprintf(buf->heap, sizeof(buf->heap), "system");
	return 0;
}

/* root sees in /proc/self/pagemap where its pages are; of that, how many bits it takes. */
static unsigned int pages_address_bits(const uint8_t *data, size_t size)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry, last = 0;

	if (fd < 0)
		return 0;
	for (size_t at = 0; at < size; at += page) {
		off_t where = (off_t)(((uintptr_t)data + at) / page * sizeof(entry));

		/* Bit 63: present; bits 0-54: the frame number, zero for the unprivileged. */
		if (pread(fd, &entry, sizeof(entry), where) != sizeof(entry) || !(entry >> 63))
			break;
		entry &= (1ULL << 55) - 1;
		if (entry * page + page - 1 > last && entry)
			last = entry * page + page - 1;
	}
	close(fd);
	return last ? 64 - __builtin_clzll(last) : 0;
}

int source_udmabuf(const struct source *source, struct buffer *buf, size_t size)
{
	struct udmabuf_create arg = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = size };
	int memfd, dev, ret;
	uint8_t *pages;

	(void)source;
	memfd = memfd_create("demo", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (memfd < 0)
		return -errno;
	arg.memfd = (uint32_t)memfd;
	dev = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	if (dev < 0 || ftruncate(memfd, (off_t)size) ||
	    fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK) < 0) {
		ret = -errno;
		goto out_close;
	}
	buf->fd = ioctl(dev, UDMABUF_CREATE, &arg);
	ret = buf->fd < 0 ? -errno : 0;
	if (ret)
		goto out_close;
	snprintf(buf->heap, sizeof(buf->heap), "memfd");
	pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, memfd, 0);
	if (pages != MAP_FAILED) {
		buf->address_bits = pages_address_bits(pages, size);
		munmap(pages, size);
	}
out_close:
	if (dev >= 0)
		close(dev);
	close(memfd);
	return ret;
}

int buffer_new(struct buffer *buf, const struct source *source, size_t size)
{
	int ret;

	memset(buf, 0, sizeof(*buf));
	buf->fd = -1;
	buf->size = size;
	ret = source->make(source, buf, size);
	if (ret)
		return ret;
	buf->data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, buf->fd, 0);
	if (buf->data == MAP_FAILED) {
		buf->data = NULL;
		return -errno;
	}
	return 0;
}

void buffer_free(struct buffer *buf)
{
	if (buf->data)
		munmap(buf->data, buf->size);
	if (buf->fd >= 0)
		close(buf->fd);
	cen_buffer_free(buf->cen);
	memset(buf, 0, sizeof(*buf));
	buf->fd = -1;
}

uint64_t buffer_moves(struct buffer *buf)
{
	struct cen_buffer_info *info = buf->cen ? cen_buffer_info_new(buf->cen) : NULL;
	uint64_t moves = info ? cen_buffer_info_get(info)->moves : 0;

	cen_buffer_info_free(info);
	return moves;
}

static int buffer_sync(struct buffer *buf, uint64_t flags)
{
	struct dma_buf_sync arg = { .flags = flags };
	int ret;

	do {
		ret = ioctl(buf->fd, DMA_BUF_IOCTL_SYNC, &arg);
	} while (ret < 0 && (errno == EINTR || errno == EAGAIN));
	return ret ? -errno : 0;
}

int buffer_cpu_begin(struct buffer *buf)
{
	return buffer_sync(buf, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW);
}

int buffer_cpu_end(struct buffer *buf)
{
	return buffer_sync(buf, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW);
}
