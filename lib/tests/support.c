// SPDX-License-Identifier: GPL-2.0
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

int machine_setup(void **state)
{
	static const char * const names[] = { "dev", "sys", "proc", "rules" };
	struct machine *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	snprintf(m->dir, sizeof(m->dir), "/tmp/cen-test-XXXXXX");
	assert_non_null(mkdtemp(m->dir));
	for (size_t i = 0; i < CEN_ARRAY_SIZE(names); i++) {
		snprintf(m->paths[i], sizeof(m->paths[i]), "%s/%s", m->dir, names[i]);
		assert_int_equal(mkdir(m->paths[i], 0700), 0);
	}
	m->roots.dev = m->paths[0];
	m->roots.sys = m->paths[1];
	m->roots.proc = m->paths[2];
	m->roots.rules = m->paths[3];
	*state = m;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

int machine_teardown(void **state)
{
	struct machine *m = *state;
	int ret = nftw(m->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);

	free(m);
	return ret;
}

const char *machine_path(const struct machine *m, const char *path)
{
	static char full[512];

	snprintf(full, sizeof(full), "%s/%s", m->dir, path);
	return full;
}

void machine_dir(const struct machine *m, const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s/%s", m->dir, path);
	for (char *at = full + strlen(m->dir) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(full, 0700);
		*at = '/';
	}
	mkdir(full, 0700);
	assert_int_equal(access(full, F_OK), 0);
}

static void make_parent(const struct machine *m, const char *path)
{
	char parent[512];

	snprintf(parent, sizeof(parent), "%s", path);
	*strrchr(parent, '/') = '\0';
	machine_dir(m, parent);
}

void machine_write(const struct machine *m, const char *path, const char *text)
{
	FILE *file;

	make_parent(m, path);
	file = fopen(machine_path(m, path), "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

void machine_link(const struct machine *m, const char *path, const char *target)
{
	char full[512];

	make_parent(m, path);
	snprintf(full, sizeof(full), "%s/%s", m->dir, target);
	assert_int_equal(symlink(full, machine_path(m, path)), 0);
}

void machine_pci(const struct machine *m, const char *name, unsigned int bits)
{
	char path[256], target[256], text[16];

	snprintf(text, sizeof(text), "%u\n", bits);
	snprintf(path, sizeof(path), "sys/devices/pci0000:00/%s/dma_mask_bits", name);
	machine_write(m, path, text);
	snprintf(path, sizeof(path), "sys/bus/pci/drivers/some/%s", name);
	machine_dir(m, path);
	snprintf(path, sizeof(path), "sys/devices/pci0000:00/%s/driver", name);
	machine_link(m, path, "sys/bus/pci/drivers/some");
	snprintf(path, sizeof(path), "sys/devices/pci0000:00/%s/subsystem", name);
	machine_link(m, path, "sys/bus/pci");
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", name);
	snprintf(target, sizeof(target), "sys/devices/pci0000:00/%s", name);
	machine_link(m, path, target);
}

void machine_memory(const struct machine *m, unsigned int gib)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "Node 0, zone      DMA\n  pages free     100\n        spanned  4095\n"
		 "        present  3998\n  start_pfn:           1\n"
		 "Node 0, zone   Normal\n  pages free     100\n        spanned  %llu\n"
		 "        present  100\n  start_pfn:           4096\n"
		 "Node 0, zone  Movable\n        spanned  0\n  start_pfn:           0\n",
		 gib * GIB / 4096 - 4096);
	machine_write(m, "proc/zoneinfo", text);
}

void assert_failed(int ret, int error, const char *text)
{
	int saved = errno;

	assert_int_equal(ret, -1);
	assert_int_equal(saved, error);
	assert_contains(cen_error(), text);
}

void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' does not contain '%s'", text, part);
}
