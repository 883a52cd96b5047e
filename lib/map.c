// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Mappings of a buffer for the CPU. */
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"

struct cen_map {
	void *data;
	size_t length;
};

static int map_check(const struct cen_buffer *buf, uint64_t offset, uint64_t *length, int prot)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (prot & ~(PROT_READ | PROT_WRITE) || !prot)
		return cen_say(-EINVAL, "map: PROT_READ, PROT_WRITE or both are accepted");
	if (offset & (page - 1))
		return cen_say(-EINVAL, "map: offset %llu is no multiple of the page size %llu",
			       (unsigned long long)offset, (unsigned long long)page);
	if (offset >= buf->size || *length > buf->size - offset)
		return cen_say(-EINVAL, "map: %llu bytes at %llu lie outside a buffer of %llu bytes",
			       (unsigned long long)*length, (unsigned long long)offset,
			       (unsigned long long)buf->size);
	if (!*length)
		*length = buf->size - offset;
	if (*length > SIZE_MAX)
		return cen_say(-ENOMEM, "map: more than this address space holds");
	return 0;
}

CEN_API struct cen_map *cen_buffer_map(struct cen_buffer *buf, uint64_t offset,
				       uint64_t length, int prot)
{
	struct cen_map *map;
	int fd = cen_buffer_fd(buf);	/* the fall-back's size is known with it */
	int error;

	if (fd < 0)
		return NULL;
	error = map_check(buf, offset, &length, prot);
	if (error)
		return cen_ret_null(error);
	map = calloc(1, sizeof(*map));
	if (!map)
		return cen_ret_null(cen_say(-ENOMEM, "out of memory"));
	map->length = (size_t)length;
	map->data = mmap(NULL, map->length, prot, MAP_SHARED, fd, (off_t)offset);
	if (map->data == MAP_FAILED) {
		error = -errno;
		free(map);
		return cen_ret_null(cen_say(error, "map: %s", strerror(-error)));
	}
	return map;
}

CEN_API void cen_buffer_unmap(struct cen_map *map)
{
	int saved = errno;

	if (!map)
		return;
	munmap(map->data, map->length);
	free(map);
	errno = saved;
}

CEN_API void *cen_map_data(const struct cen_map *map)
{
	return map->data;
}

CEN_API size_t cen_map_length(const struct cen_map *map)
{
	return map->length;
}
