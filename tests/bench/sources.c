// SPDX-License-Identifier: GPL-2.0
/*
 * cenalloc, the kernel's system dma-heap and udmabuf as sources of dma-bufs.
 */
#include <err.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/cenalloc.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>

#include "sources.h"

const char *const source_name[SOURCES] = { "cenalloc", "dma_heap", "udmabuf" };

static const char *const node[SOURCES] = {
	"/dev/cenalloc", "/dev/dma_heap/system", "/dev/udmabuf"
};
static int node_fd[SOURCES];
int ours_in_two;

void sources_open(void)
{
	for (enum source s = 0; s < SOURCES; s++)
		node_fd[s] = open(node[s], O_RDWR | O_CLOEXEC);
	if (node_fd[OURS] < 0)
		err(1, "%s", node[OURS]);
}

int source_present(enum source source)
{
	return node_fd[source] >= 0;
}

int cenalloc_node(void)
{
	return node_fd[OURS];
}

static int alloc_ours(size_t size)
{
	struct cen_create create = {
		.size = size,
		.flags = ours_in_two ? 0 : CEN_CREATE_COMMIT,
	};
	struct cen_commit commit = { 0 };

	if (ioctl(node_fd[OURS], CEN_IOC_CREATE, &create))
		err(1, "CEN_IOC_CREATE %zu", size);
	commit.fd = create.fd;
	if (ours_in_two && ioctl(node_fd[OURS], CEN_IOC_COMMIT, &commit))
		err(1, "CEN_IOC_COMMIT %zu", size);
	return create.fd;
}

static int alloc_dma_heap(size_t size)
{
	struct dma_heap_allocation_data data = {
		.len = size,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};

	if (ioctl(node_fd[DMA_HEAP], DMA_HEAP_IOCTL_ALLOC, &data))
		err(1, "DMA_HEAP_IOCTL_ALLOC %zu", size);
	return data.fd;
}

/* The memfd is closed at once: the dma-buf keeps its pages. */
static int alloc_udmabuf(size_t size)
{
	struct udmabuf_create create = { .size = size };
	int memfd = memfd_create("bench", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	int fd;

	if (memfd < 0 || ftruncate(memfd, size) || fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK))
		err(1, "memfd %zu", size);
	create.memfd = memfd;
	fd = ioctl(node_fd[UDMABUF], UDMABUF_CREATE, &create);
	if (fd < 0)
		err(1, "UDMABUF_CREATE %zu", size);
	close(memfd);
	return fd;
}

int source_alloc(enum source source, size_t size)
{
	switch (source) {
	case OURS:
		return alloc_ours(size);
	case DMA_HEAP:
		return alloc_dma_heap(size);
	default:
		return alloc_udmabuf(size);
	}
}
