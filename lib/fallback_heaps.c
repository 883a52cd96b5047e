// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The heaps a kernel has without cenalloc, with what is certain about each.
 *
 * Certain is little: a page-backed heap promises nothing beyond single pages,
 * however large the pieces often are, and none lets the caller choose addresses.
 * What helps is the machine's size: on a board whose memory ends below 4 GiB
 * every heap suits a 32-bit device.
 */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fallback.h"

/* End of the highest zone, from /proc/zoneinfo, which everybody may read. */
static uint64_t memory_top(const struct cen_roots *roots, uint64_t page)
{
	uint64_t spanned = 0, start, top = 0;
	char path[256], line[128];
	FILE *zones;

	snprintf(path, sizeof(path), "%s/zoneinfo", roots->proc);
	zones = fopen(path, "re");
	if (!zones)
		return UINT64_MAX;
	while (fgets(line, sizeof(line), zones)) {
		if (sscanf(line, " spanned %" SCNu64, &spanned) == 1)
			continue;
		if (sscanf(line, " start_pfn: %" SCNu64, &start) != 1)
			continue;
		if (spanned && start + spanned > top)
			top = start + spanned;
		spanned = 0;
	}
	fclose(zones);
	return top && top <= UINT64_MAX / page ? top * page - 1 : UINT64_MAX;
}

/* Bytes of all CMA areas; 0 when the kernel has none or does not tell. */
static uint64_t cma_total(const struct cen_roots *roots)
{
	char path[256], line[128];
	uint64_t kib = 0;
	FILE *meminfo;

	snprintf(path, sizeof(path), "%s/meminfo", roots->proc);
	meminfo = fopen(path, "re");
	if (!meminfo)
		return 0;
	while (fgets(line, sizeof(line), meminfo))
		if (sscanf(line, "CmaTotal: %" SCNu64, &kib) == 1)
			break;
	fclose(meminfo);
	return kib << 10;
}

static uint64_t udmabuf_size_limit(const struct cen_roots *roots)
{
	char path[256], text[32];
	unsigned long mib = 0;

	snprintf(path, sizeof(path), "%s/module/udmabuf/parameters", roots->sys);
	if (!cen_sysfs_read(path, "size_limit_mb", text, sizeof(text)))
		mib = strtoul(text, NULL, 10);
	return mib ? (uint64_t)mib << 20 : 64ULL << 20;	/* the driver's default */
}

static enum fallback_kind kind_of(const char *name)
{
	static const struct {
		const char *prefix;
		enum fallback_kind kind;
	} known[] = {
		{ "system", FALLBACK_PAGES },		/* also system-uncached */
		{ "linux,cma", FALLBACK_CONTIGUOUS },
		{ "default_cma_region", FALLBACK_CONTIGUOUS },
		{ "default-pool", FALLBACK_CONTIGUOUS },
		{ "reserved", FALLBACK_CONTIGUOUS },
		{ "cma", FALLBACK_CONTIGUOUS },
	};

	for (size_t i = 0; i < CEN_ARRAY_SIZE(known); i++)
		if (!strncmp(name, known[i].prefix, strlen(known[i].prefix)))
			return known[i].kind;
	return FALLBACK_UNKNOWN;
}

static void heap_describe(struct fallback_heap *heap, const struct cen_fallback *fb,
			  const struct cen_roots *roots)
{
	struct cen_heap_props *props = &heap->props;
	uint64_t cma;

	props->reach[0].first = 0;
	props->reach[0].last = fb->top;
	props->nr_reach = 1;
	props->chunk_max = fb->page;
	props->align_max = fb->page;
	props->capacity = UINT64_MAX;

	switch (heap->kind) {
	case FALLBACK_PAGES:
		props->priority = 10;
		break;
	case FALLBACK_UDMABUF:
		/* Behind the system heap: its pages are allocated one by one. */
		props->priority = 20;
		props->capacity = udmabuf_size_limit(roots);
		break;
	case FALLBACK_CONTIGUOUS:
		/* Scarce: for those that need it. */
		props->priority = 30;
		cma = cma_total(roots) & ~(fb->page - 1);
		props->chunk_max = cma ? cma : UINT64_MAX & ~(fb->page - 1);
		if (cma)
			props->capacity = cma;
		break;
	case FALLBACK_UNKNOWN:
		props->priority = 40;
		props->disabled = EOPNOTSUPP;
		break;
	}
}

static void heap_add(struct cen_fallback *fb, const struct cen_roots *roots, const char *name,
		     enum fallback_kind kind)
{
	struct fallback_heap *heap;

	if (fb->heap_count == CEN_MAX_HEAPS || strlen(name) >= sizeof(heap->name))
		return;
	heap = &fb->heaps[fb->heap_count++];
	memset(heap, 0, sizeof(*heap));
	snprintf(heap->name, sizeof(heap->name), "%s", name);
	heap->kind = kind;
	heap_describe(heap, fb, roots);
}

int cen_fallback_find_heaps(struct cen_fallback *fb, const struct cen_roots *roots)
{
	struct dirent **entries;
	char path[256];
	int count;

	fb->page = (uint64_t)sysconf(_SC_PAGESIZE);
	fb->top = memory_top(roots, fb->page);

	snprintf(path, sizeof(path), "%s/dma_heap", roots->dev);
	count = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;

		/* The module's own node is not a heap to fall back to. */
		if (name[0] != '.' && strcmp(name, "cenalloc") != 0)
			heap_add(fb, roots, name, kind_of(name));
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);

	snprintf(path, sizeof(path), "%s/udmabuf", roots->dev);
	if (!access(path, F_OK))
		heap_add(fb, roots, "udmabuf", FALLBACK_UDMABUF);
	return fb->heap_count ? 0 : -ENOENT;
}

static int alloc_dma_heap(const char *path, uint64_t size)
{
	struct dma_heap_allocation_data arg = {
		.len = size,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};
	int fd = open(path, O_RDWR | O_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	error = cen_ioctl(fd, DMA_HEAP_IOCTL_ALLOC, &arg);
	close(fd);
	return error ? error : (int)arg.fd;
}

static int alloc_udmabuf(const char *path, uint64_t size)
{
	struct udmabuf_create arg = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = size };
	int fd, ret = -1;

	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	arg.memfd = (__u32)memfd_create("libcen", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if ((int)arg.memfd >= 0 && !ftruncate((int)arg.memfd, (off_t)size) &&
	    !fcntl((int)arg.memfd, F_ADD_SEALS, F_SEAL_SHRINK))
		ret = ioctl(fd, UDMABUF_CREATE, &arg);
	if (ret < 0)
		ret = -errno;
	/* The dma-buf holds the pages. */
	if ((int)arg.memfd >= 0)
		close((int)arg.memfd);
	close(fd);
	return ret;
}

int cen_fallback_alloc(const struct fallback_heap *heap, const struct cen_roots *roots,
		       uint64_t size)
{
	char path[256];

	if (heap->kind == FALLBACK_UDMABUF) {
		snprintf(path, sizeof(path), "%s/udmabuf", roots->dev);
		return alloc_udmabuf(path, size);
	}
	snprintf(path, sizeof(path), "%s/dma_heap/%s", roots->dev, heap->name);
	return alloc_dma_heap(path, size);
}
