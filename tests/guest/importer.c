// SPDX-License-Identifier: GPL-2.0
/*
 * The test importer, one call per ioctl.
 */
#include "common.h"
#include "internal.h"

static bool t_limited[CTI_DEVICES];

const char *t_name(unsigned int device)
{
	static const char *const names[CTI_DEVICES] = {
		"platform:cen_test.0", "platform:cen_test.1", "platform:cen_test.2",
		"platform:cen_test.3", "platform:cen_test.4", "platform:cen_test.5",
		"platform:cen_test.6", "platform:cen_test.7",
	};

	return names[device];
}

struct cen_device t_dev(unsigned int device)
{
	return t_device(t_name(device));
}

void must_limit(struct cti_limits limits)
{
	t_limited[limits.device] = true;
	assert_ok(t_ioctl(t_cti, CTI_IOC_LIMITS, &limits));
}

void t_reset_limits(void)
{
	unsigned int i;
	int fd;

	fd = open("/dev/cen_test_importer", O_RDWR | O_CLOEXEC);
	for (i = 0; i < CTI_DEVICES; i++) {
		struct cti_limits none = { .device = i };

		if (t_limited[i] && !t_ioctl(fd, CTI_IOC_LIMITS, &none))
			t_limited[i] = false;
	}
	close(fd);
}

int t_attach_name(int fd, const char *name, uint32_t flags)
{
	struct cti_attach arg = { .fd = fd, .flags = flags };
	int ret;

	snprintf(arg.name, sizeof(arg.name), "%s", name);
	ret = t_ioctl(t_cti, CTI_IOC_ATTACH, &arg);
	return ret < 0 ? ret : (int)arg.id;
}

int t_attach(int fd, unsigned int device)
{
	return t_attach_name(fd, t_name(device), 0);
}

int must_attach(int fd, unsigned int device)
{
	int id = t_attach(fd, device);

	assert_ok(id);
	return id;
}

int t_dma_map(int id, enum cti_direction dir, struct cti_map *map)
{
	struct cti_map arg = { .id = id, .direction = dir };
	int ret = t_ioctl(t_cti, CTI_IOC_MAP, &arg);

	if (map)
		*map = arg;
	return ret;
}

struct cti_map must_dma_map(int id, enum cti_direction dir)
{
	struct cti_map map;

	assert_ok(t_dma_map(id, dir, &map));
	if (map.violations)
		print_error("# violations %#x: %u segments, largest %llu, %llu bytes, %u bits\n",
			    map.violations, map.segments, (unsigned long long)map.largest,
			    (unsigned long long)map.length, map.addr_bits);
	assert_int_equal(map.violations, 0);
	return map;
}

int t_dma_unmap(int id)
{
	struct cti_map arg = { .id = id };

	return t_ioctl(t_cti, CTI_IOC_UNMAP, &arg);
}

static int t_copy(unsigned long cmd, int id, uint64_t offset, const void *data, uint64_t length)
{
	struct cti_copy arg = {
		.data = (uintptr_t)data,
		.offset = offset,
		.length = length,
		.id = id,
	};

	return t_ioctl(t_cti, cmd, &arg);
}

int t_dma_read(int id, uint64_t offset, void *data, uint64_t length)
{
	return t_copy(CTI_IOC_READ, id, offset, data, length);
}

int t_dma_write(int id, uint64_t offset, const void *data, uint64_t length)
{
	return t_copy(CTI_IOC_WRITE, id, offset, data, length);
}

int t_begin(int id, enum cti_direction dir)
{
	struct cti_access arg = { .id = id, .direction = dir };

	return t_ioctl(t_cti, CTI_IOC_BEGIN, &arg);
}

int t_endacc(int id, enum cti_direction dir)
{
	struct cti_access arg = { .id = id, .direction = dir };

	return t_ioctl(t_cti, CTI_IOC_END, &arg);
}

int t_vmap(int fd)
{
	struct cti_vmap arg = { .fd = fd };
	int ret = t_ioctl(t_cti, CTI_IOC_VMAP, &arg);

	return ret < 0 ? ret : (int)arg.id;
}

int t_fence(int fd, bool write)
{
	struct cti_fence arg = { .fd = fd, .write = write };
	int ret = t_ioctl(t_cti, CTI_IOC_FENCE, &arg);

	return ret < 0 ? ret : (int)arg.id;
}

int t_signal(int id, int error)
{
	struct cti_signal arg = { .id = id, .error = error };

	return t_ioctl(t_cti, CTI_IOC_SIGNAL, &arg);
}

int t_release(int id)
{
	return t_ioctl(t_cti, CTI_IOC_RELEASE, (void *)(uintptr_t)id);
}
