// SPDX-License-Identifier: GPL-2.0
/*
 * The system a test runs in: files, lanes, parameters, the shell, random numbers.
 */
#include <fnmatch.h>

#include "common.h"
#include "internal.h"

bool t_exists(const char *path)
{
	return !access(path, F_OK);
}

bool t_read_file(const char *path, char *to, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, to, size - 1);
	close(fd);
	if (n < 0)
		return false;
	while (n && to[n - 1] == '\n')
		n--;
	to[n] = 0;
	return true;
}

int t_write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

long long t_proc_value(const char *path, const char *name)
{
	size_t length = strlen(name);
	long long value = -1;
	char line[256];
	FILE *file;

	file = fopen(path, "re");
	assert_non_null(file);
	while (value < 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, length) && strspn(line + length, ": \t"))
			value = atoll(line + length + strspn(line + length, ": \t"));
	fclose(file);
	return value;
}

bool t_lane(const char *glob)
{
	const char *lane = getenv("CEN_LANE");

	return lane && !fnmatch(glob, lane, 0);
}

bool t_swiotlb_forced(void)
{
	char line[4096];

	return t_read_file("/proc/cmdline", line, sizeof(line)) && strstr(line, "swiotlb=force");
}

bool t_bounce_sync(void)
{
	char mode[32];

	return t_read_file("/sys/module/cenalloc/parameters/bounce", mode, sizeof(mode)) &&
	       !strcmp(mode, "sync");
}

#define T_PARAMS	4
static struct { char path[128], value[32]; } t_params[T_PARAMS];

void must_set_param(const char *name, const char *value)
{
	size_t i;

	for (i = 0; i < T_PARAMS && t_params[i].path[0]; i++)
		;
	assert_true(i < T_PARAMS);
	snprintf(t_params[i].path, sizeof(t_params[i].path), "/sys/module/cenalloc/parameters/%s",
		 name);
	assert_true(t_read_file(t_params[i].path, t_params[i].value, sizeof(t_params[i].value)));
	assert_ok(t_write_file(t_params[i].path, value));
}

/* Newest first: a parameter may have been set twice. */
void t_reset_params(void)
{
	size_t i = T_PARAMS;

	while (i--) {
		if (t_params[i].path[0])
			t_write_file(t_params[i].path, t_params[i].value);
		t_params[i].path[0] = 0;
	}
}

int t_sh(const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	return system(line);
}

uint64_t t_random(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

uint64_t t_seed(uint64_t fallback)
{
	const char *text = getenv("CEN_SEED");
	uint64_t seed = text ? strtoull(text, NULL, 0) : fallback;

	printf("# seed %llu (set CEN_SEED to choose)\n", (unsigned long long)seed);
	return seed;
}

unsigned int t_slow(void)
{
	const char *text = getenv("CEN_SLOW");
	unsigned int slow = text ? strtoul(text, NULL, 0) : 1;

	return slow ? slow : 1;
}
