// SPDX-License-Identifier: GPL-2.0
/* What the tests of cen_fpga share. */
#include <dirent.h>
#include <endian.h>
#include <linux/dma-heap.h>
#include <sys/stat.h>

#include "fpga_common.h"

#define DEVICES	"/sys/devices/platform"
#define DEBUGFS	"/sys/kernel/debug/cen_sim_fpga"

char f_region[2][32];
char f_manager[F_KINDS][32];
struct cen_fpga_result f_result;

/* --- the FPGAs -------------------------------------------------------------------------------- */

/* Names in a directory, sorted, no more than @room of them. */
static unsigned int names_in(const char *path, char (*names)[32], unsigned int room)
{
	struct dirent *entry;
	DIR *dir = opendir(path);
	unsigned int count = 0, i;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || count == room)
			continue;
		for (i = count++; i && strcmp(names[i - 1], entry->d_name) > 0; i--)
			memcpy(names[i], names[i - 1], sizeof(names[i]));
		snprintf(names[i], sizeof(names[i]), "%.31s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return count;
}

void f_find(void)
{
	char path[128];

	for (int kind = 0; kind < F_KINDS; kind++) {
		snprintf(path, sizeof(path), DEVICES "/cen_sim_fpga.%d/fpga_manager", kind);
		if (names_in(path, &f_manager[kind], 1) != 1)
			fail_msg("no manager in %s", path);
	}
	if (names_in(DEVICES "/cen_sim_fpga.0/fpga_region", f_region, 2) != 2)
		fail_msg("there are not two regions");
}

bool f_overlays(void)
{
	return !t_sh("grep -qw of_overlay_fdt_apply /proc/kallsyms");
}

void f_begin(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!t_exists("/cen/modules/cen_fpga.ko"))
		t_skip_all("this kernel has no FPGA core, and its source was not there to build it from");
	if (t_sh("modprobe cen_fpga && modprobe cen_sim_fpga")) {
		printf("Bail out! no module cen_fpga or cen_sim_fpga\n");
		exit(1);
	}
	f_find();
}

void f_end(void)
{
	t_sh("rmmod cen_sim_fpga cen_fpga");
}

int f_setup(void **state)
{
	memset(&f_result, 0, sizeof(f_result));
	return t_setup(state);
}

static void remove_slots(void)
{
	char regions[8][32], slots[16][32], path[128], file[200];
	struct stat stat_of;
	unsigned int nr, i;

	nr = names_in(F_CONFIGFS, regions, ARRAY_SIZE(regions));
	while (nr--) {
		snprintf(path, sizeof(path), F_CONFIGFS "/%s", regions[nr]);
		for (i = names_in(path, slots, ARRAY_SIZE(slots)); i--; ) {
			snprintf(file, sizeof(file), "%s/%s", path, slots[i]);
			if (!stat(file, &stat_of) && S_ISDIR(stat_of.st_mode))
				rmdir(file);
		}
		rmdir(path);
	}
}

int f_teardown(void **state)
{
	static const char *const faults[] = { "header", "init", "write", "complete", "stall_ms" };
	static const char *const bridges[] = { "get", "disable", "enable", "claimed" };
	char device[32];

	for (int kind = 0; kind < F_KINDS; kind++) {
		snprintf(device, sizeof(device), "cen_sim_fpga.%d", kind);
		for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
			f_set(device, faults[i], 0);
		f_set(device, "check", 1);
		f_set(device, "plugged", 1);
	}
	for (int region = 0; region < 2; region++) {
		snprintf(device, sizeof(device), "cen_sim_fpga_region.%d", region);
		for (size_t i = 0; i < ARRAY_SIZE(bridges); i++)
			f_set(device, bridges[i], 0);
	}
	remove_slots();
	return t_teardown(state);
}

/* --- images ------------------------------------------------------------------------------------ */

static uint32_t crc32(const uint8_t *data, size_t length)
{
	static uint32_t table[256];
	uint32_t crc = ~0U;

	for (uint32_t i = 0; !table[255] && i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] & 1 ? table[i] >> 1 ^ 0xedb88320 : table[i] >> 1;
	}
	while (length--)
		crc = crc >> 8 ^ table[(crc ^ *data++) & 0xff];
	return ~crc;
}

void f_seal(void *image)
{
	struct cen_sim_fpga_header *header = image;

	header->header_crc = htole32(crc32(image, offsetof(struct cen_sim_fpga_header, header_crc)));
}

void f_image(void *to, size_t size, uint32_t design, uint32_t region)
{
	struct cen_sim_fpga_header header = { .magic = CEN_SIM_FPGA_MAGIC };
	uint8_t *data = (uint8_t *)to + sizeof(header);

	assert_true(size > sizeof(header));
	size -= sizeof(header);
	t_fill(data, size, design);
	header.size = htole32(sizeof(header));
	header.design = htole32(design);
	header.region = htole32(region);
	header.data_size = htole64(size);
	header.data_crc = htole32(crc32(data, size));
	memcpy(to, &header, sizeof(header));
	f_seal(to);
}

static int fill(int fd, size_t size, uint32_t design, uint32_t region)
{
	void *at = must_map(fd, size);

	assert_ok(t_dma_buf_sync(fd, CEN_SYNC_WRITE));
	f_image(at, size, design, region);
	assert_ok(t_dma_buf_sync(fd, CEN_SYNC_WRITE | CEN_SYNC_END));
	must_unmap(at, size);
	return fd;
}

int f_buffer(size_t size, uint32_t design, uint32_t region)
{
	return fill(must_create(size), size, design, region);
}

int f_foreign(size_t size, uint32_t design, uint32_t region)
{
	struct dma_heap_allocation_data data = {
		.len = (size + PAGE - 1) & ~(PAGE - 1), .fd_flags = O_RDWR | O_CLOEXEC,
	};
	int heap = open("/dev/dma_heap/system", O_RDONLY | O_CLOEXEC);

	if (heap < 0)
		t_skip("no system heap");
	assert_ok(t_ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data));
	close(heap);
	return fill((int)data.fd, size, design, region);
}

void f_firmware(const char *name, size_t size, uint32_t design, uint32_t region)
{
	uint8_t *image = malloc(size);
	char path[128];
	FILE *file;

	assert_non_null(image);
	f_image(image, size, design, region);
	mkdir("/lib/firmware", 0755);
	snprintf(path, sizeof(path), F_FIRMWARE_DIR "/%s", name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(image, size, 1, file), 1);
	fclose(file);
	free(image);
}

/* --- loading ---------------------------------------------------------------------------------------- */

int f_open(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/cen_fpga/%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

struct cen_fpga_info must_f_info(const char *name)
{
	struct cen_fpga_info info = { .flags = 0 };
	int fd = f_open(name);

	assert_ok(fd);
	assert_ok(t_ioctl(fd, CEN_FPGA_IOC_INFO, &info));
	close(fd);
	return info;
}

void must_be_writing(const char *name)
{
	struct cen_fpga_info info;

	for (unsigned int i = 0; i < 5000 * t_slow(); i++) {
		info = must_f_info(name);
		if (info.flags & CEN_FPGA_LOADING && info.last.state == CEN_FPGA_STATE_WRITE)
			return;
		usleep(1000);
	}
	fail_msg("%s is not being written: flags %#x, state %u", name, info.flags, info.last.state);
}

int f_load_part(const char *name, int fd, uint64_t offset, uint64_t length, uint32_t flags)
{
	struct cen_fpga_load load = {
		.fd = fd, .offset = offset, .length = length, .flags = flags,
	};
	int node = f_open(name), ret;

	if (node < 0)
		return node;
	ret = t_ioctl(node, CEN_FPGA_IOC_LOAD, &load);
	close(node);
	f_result = load.result;
	return ret;
}

int f_load(const char *name, int fd, uint32_t flags)
{
	return f_load_part(name, fd, 0, 0, flags);
}

uint32_t f_design(int kind, int region)
{
	static const char *const files[] = { "design", "design1", "design2" };
	char path[160], text[32];

	snprintf(path, sizeof(path), "/sys/class/fpga_manager/%s/%s", f_manager[kind],
		 files[region]);
	if (!t_read_file(path, text, sizeof(text)))
		fail_msg("cannot read %s", path);
	return (uint32_t)strtoul(text, NULL, 0);
}

/* --- the simulation's switches --------------------------------------------------------------------------- */

void f_set(const char *device, const char *file, unsigned long value)
{
	char path[160], text[32];

	snprintf(path, sizeof(path), DEBUGFS "/%s/%s", device, file);
	snprintf(text, sizeof(text), "%lu", value);
	assert_ok(t_write_file(path, text));
}

unsigned long f_get(const char *device, const char *file)
{
	char path[160], text[32];

	snprintf(path, sizeof(path), DEBUGFS "/%s/%s", device, file);
	if (!t_read_file(path, text, sizeof(text)))
		fail_msg("cannot read %s", path);
	return text[0] == 'Y' ? 1 : strtoul(text, NULL, 0);
}

/* --- slots ---------------------------------------------------------------------------------------------------- */

static void slot_path(char path[256], const char *region, const char *slot, const char *file)
{
	snprintf(path, 256, F_CONFIGFS "/%s%s%s%s%s", region, slot ? "/" : "", slot ? slot : "",
		 file ? "/" : "", file ? file : "");
}

int f_mkdir(const char *region, const char *slot)
{
	char path[256];

	slot_path(path, region, slot, NULL);
	return mkdir(path, 0755) ? -errno : 0;
}

int f_rmdir(const char *region, const char *slot)
{
	char path[256];

	slot_path(path, region, slot, NULL);
	return rmdir(path) ? -errno : 0;
}

int f_put(const char *region, const char *slot, const char *file, const char *text)
{
	char path[256];

	slot_path(path, region, slot, file);
	return t_write_file(path, text);
}

const char *f_read(const char *region, const char *slot, const char *file)
{
	static char text[4][256];
	static unsigned int turn;
	char path[256], *to = text[turn++ % ARRAY_SIZE(text)];

	slot_path(path, region, slot, file);
	if (!t_read_file(path, to, sizeof(text[0])))
		snprintf(to, sizeof(text[0]), "%s", strerror(errno));
	to[strcspn(to, "\n")] = '\0';
	return to;
}

void must_slot(const char *region, const char *slot, int fd)
{
	char text[16];

	f_mkdir(region, NULL);
	assert_ok(f_mkdir(region, slot));
	assert_ok(f_put(region, slot, "flags", "partial"));
	snprintf(text, sizeof(text), "%d", fd);
	assert_ok(f_put(region, slot, "dmabuf", text));
}
