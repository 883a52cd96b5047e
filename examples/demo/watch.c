// SPDX-License-Identifier: GPL-2.0
/*
 * Bounces are counted by the kernel's own trace event "swiotlb_bounced", in a trace
 * instance of our own. It also tells the address that was out of reach, of which only
 * the number of bits is kept.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "watch.h"

#define INSTANCE "/sys/kernel/tracing/instances/cen_demo"

static int watch_trace_set(const char *file, const char *value)
{
	char path[128];
	int fd, ret = 0;

	snprintf(path, sizeof(path), INSTANCE "/%s", file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static int watch_trace_open(void)
{
	if (mkdir(INSTANCE, 0700) && errno != EEXIST)
		return -1;
	if (watch_trace_set("events/swiotlb/swiotlb_bounced/enable", "1"))
		return -1;
	return open(INSTANCE "/trace_pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

int watch_begin(struct watch *watch)
{
	memset(watch, 0, sizeof(*watch));
	watch->kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (watch->kmsg < 0)
		return -errno;
	lseek(watch->kmsg, 0, SEEK_END);
	watch->trace = watch_trace_open();
	return 0;
}

static void watch_trace_line(struct watch *watch, const char *line)
{
	const char *addr = strstr(line, "dev_addr="), *size = strstr(line, "size=");
	unsigned long long start, bytes;
	unsigned int bits;

	if (!addr || !size || sscanf(addr, "dev_addr=%llx", &start) != 1 ||
	    sscanf(size, "size=%llu", &bytes) != 1 || !bytes)
		return;
	bits = 64 - __builtin_clzll((start + bytes - 1) | 1);
	if (bits > watch->address_bits)
		watch->address_bits = bits;
	watch->bounces++;
	watch->bounce_bytes += bytes;
}

/* trace_pipe hands out whole lines. */
static void watch_trace_read(struct watch *watch)
{
	char text[8192], *line, *rest;
	ssize_t got;

	while ((got = read(watch->trace, text, sizeof(text) - 1)) > 0) {
		text[got] = '\0';
		rest = text;
		while ((line = strsep(&rest, "\n")))
			watch_trace_line(watch, line);
	}
}

/* The kernel's complaints about a buffer's placement; a stack trace may follow them. */
static bool watch_log_wanted(const char *text)
{
	return strstr(text, "contiguous chunk") || strstr(text, "swiotlb addr") ||
	       strstr(text, "swiotlb buffer");
}

/* @record is "level,sequence,time,flags;text\n" and lines of further detail. */
static void watch_log_record(struct watch *watch, char *record)
{
	char *text = strchr(record, ';');

	if (!text || !watch_log_wanted(text))
		return;
	text++;
	text[strcspn(text, "\n")] = '\0';
	for (size_t i = 0; i < watch->lines; i++)
		if (!strcmp(watch->line[i], text))
			return;
	if (watch->lines < WATCH_LINES)
		snprintf(watch->line[watch->lines++], sizeof(watch->line[0]), "%s", text);
}

void watch_read(struct watch *watch)
{
	char record[8192];
	ssize_t got;

	/* EPIPE: records were lost, the next read goes on with the oldest left. */
	while ((got = read(watch->kmsg, record, sizeof(record) - 1)) > 0 ||
	       (got < 0 && errno == EPIPE)) {
		if (got < 0)
			continue;
		record[got] = '\0';
		watch_log_record(watch, record);
	}
	if (watch->trace >= 0)
		watch_trace_read(watch);
}

void watch_end(struct watch *watch)
{
	watch_read(watch);
	close(watch->kmsg);
	if (watch->trace >= 0) {
		watch_trace_set("events/swiotlb/swiotlb_bounced/enable", "0");
		close(watch->trace);
		rmdir(INSTANCE);
	}
}
