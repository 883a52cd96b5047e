// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cen.h>

#include "report.h"

enum colour { PLAIN, BOLD, GOOD, BAD, DIM };

/* The guest's output is a pipe; whoever looks at its other end says so in CEN_COLOR. */
static const char *colour(enum colour which)
{
	static const char *const codes[] = {
		"\033[0m", "\033[1m", "\033[32m", "\033[31m", "\033[2m",
	};
	static int wanted = -1;

	if (wanted < 0) {
		const char *value = getenv("CEN_COLOR");

		wanted = value ? !strcmp(value, "1") : isatty(STDOUT_FILENO);
	}
	return wanted ? codes[which] : "";
}

/* Pads by hand: the width of a field would count the colour's bytes. */
static void field(int width, enum colour which, const char *text)
{
	int length = (int)strlen(text);

	if (width > 0)
		printf("%s%s%s%*s", colour(which), text, colour(PLAIN),
		       width > length ? width - length : 0, "");
	else
		printf("%*s%s%s%s", -width > length ? -width - length : 0, "", colour(which), text,
		       colour(PLAIN));
}

/* 614400 as "614,400". */
static const char *grouped(uint64_t value, char text[32])
{
	char digits[24];
	size_t length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
	size_t at = 0;

	for (size_t i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = '\0';
	return text;
}

void report_heading(const char *text)
{
	static int number;

	printf("\n%s%d. %s%s\n\n", colour(BOLD), ++number, text, colour(PLAIN));
}

void report_device(const char *what, const char *node, const struct cen_device_info *info)
{
	const struct cen_limits *limits = &info->limits;
	char bits[48] = "any address", segs[48] = "any number of segments";

	if (limits->addr_max && limits->addr_max != UINT64_MAX)
		snprintf(bits, sizeof(bits), "%d address bits",
			 64 - __builtin_clzll(limits->addr_max));
	if (limits->max_segs)
		snprintf(segs, sizeof(segs), "%u segment%s", limits->max_segs,
			 limits->max_segs == 1 ? " (contiguous)" : "s");
	printf("   %-7s %-17s %-14s %s, %s\n", what, info->name, node, bits, segs);
	if (info->sources & CEN_FROM_ADMIN)
		printf("   %-7s %s(in part by a rule of the administrator: the driver does not "
		       "say it)%s\n", "", colour(DIM), colour(PLAIN));
}

void report_plan(const struct cen_plan *plan, const char *heap, size_t size)
{
	char chunk[32], whole[32];

	cen_size_format(size, whole, sizeof(whole));
	cen_size_format(plan->chunk, chunk, sizeof(chunk));
	printf("   plan for %s: heap %s%s%s, pieces of at least %s, below 2^%u\n", whole,
	       colour(BOLD), heap, colour(PLAIN), chunk, plan->addr_bits);
}

static void report_step(const char *who, const struct job_device *device)
{
	printf("   %-9s%s%s refused: %s (%s)%s\n", who, colour(BAD), device->step,
	       strerrorname_np(device->error), strerror(device->error), colour(PLAIN));
}

void report_job(const struct job *job)
{
	char a[32], b[32];

	cen_size_format(job->size, a, sizeof(a));
	printf("   %s%s%s, %d buffers of %s, frames %ux%u %s\n", colour(BOLD), job->source->name,
	       colour(PLAIN), JOB_BUFFERS, a, job->camera->width, job->camera->height,
	       job->camera->format);
	if (job->error) {
		printf("   %sno buffers: %s%s\n\n", colour(BAD), strerror(job->error),
		       colour(PLAIN));
		return;
	}

	if (job->on_camera.error)
		report_step("camera", &job->on_camera);
	if (job->frames_seen)
		printf("   %-9s%u of %u frames right, %s of %s bytes wrong\n", "camera",
		       job->frames_right, job->frames, grouped(job->frame_bytes_wrong, a),
		       grouped(job->frame_bytes, b));
	if (job->frame_bytes_untouched)
		printf("   %-9s%s%s bytes are as they were before the capture%s\n", "",
		       colour(BAD), grouped(job->frame_bytes_untouched, a), colour(PLAIN));
	if (job->copied)
		printf("   %-9s%s%s bytes were copied on the way%s\n", "",
		       colour(BAD), grouped(job->copied, a), colour(PLAIN));
	if (job->on_edu.error)
		report_step("edu", &job->on_edu);
	if (job->windows)
		printf("   %-9s%u pieces read and written by DMA, %s of %s bytes wrong\n", "edu",
		       job->windows, grouped(job->edu_bytes_wrong, a), grouped(job->edu_bytes, b));
	if (job->edu_bytes_stray)
		printf("   %-9s%s%s bytes written where edu was not told to%s\n", "", colour(BAD),
		       grouped(job->edu_bytes_stray, a), colour(PLAIN));
	for (size_t i = 0; i < job->watch.lines; i++)
		printf("   %-9s%s%s%s\n", i ? "" : "log", colour(DIM), job->watch.line[i],
		       colour(PLAIN));
	printf("   %-9s%s%.1f s%s\n\n", "took", colour(DIM), job->seconds, colour(PLAIN));
}

/* The table's columns; negative: flush right. */
enum {
	W_BUFFERS = 13, W_SOURCE = 10, W_HEAP = 11, W_SEGMENTS = -8, W_BITS = -6, W_CAMERA = 8,
	W_EDU = 7, W_VERIFIED = -11, W_WRONG = -10, W_COPIES = -12,
};

static void report_outcome(int width, const struct job_device *device, bool ran, uint64_t wrong)
{
	if (device->error)
		field(width, BAD, strerrorname_np(device->error));
	else if (!ran)
		field(width, DIM, "-");
	else
		field(width, wrong ? BAD : GOOD, wrong ? "wrong" : "ok");
}

static void report_row(const struct job *job)
{
	uint64_t wrong = job->frame_bytes_wrong + job->edu_bytes_wrong;
	uint64_t verified = job->frame_bytes + job->edu_bytes - wrong;
	bool ran = job->frames_seen;
	char size[32], text[48];

	cen_size_format(job->size, size, sizeof(size));
	snprintf(text, sizeof(text), "%d x %s", JOB_BUFFERS, size);
	field(W_BUFFERS, PLAIN, text);
	field(W_SOURCE, BOLD, job->source->name);
	field(W_HEAP, PLAIN, job->error ? strerrorname_np(job->error) : job->heap);
	snprintf(text, sizeof(text), "%u", job->segments);
	field(W_SEGMENTS, PLAIN, job->segments ? text : "-");
	snprintf(text, sizeof(text), "%u", job->address_bits);
	field(W_BITS, PLAIN, job->address_bits ? text : "?");
	printf("  ");
	report_outcome(W_CAMERA, &job->on_camera, ran, job->frame_bytes_wrong);
	report_outcome(W_EDU, &job->on_edu, job->windows,
		       job->edu_bytes_wrong + job->edu_bytes_stray);
	field(W_VERIFIED, ran ? PLAIN : DIM, ran ? grouped(verified, text) : "-");
	wrong += job->edu_bytes_stray;
	field(W_WRONG, wrong ? BAD : PLAIN, ran ? grouped(wrong, text) : "-");
	field(W_COPIES, job->copied ? BAD : PLAIN, ran ? grouped(job->copied, text) : "-");
	printf("\n");
}

void report_table(const struct job *jobs, size_t count)
{
	static const struct {
		int width;
		const char *text;
	} head[] = {
		{ W_BUFFERS, "buffers" }, { W_SOURCE, "from" }, { W_HEAP, "heap" },
		{ W_SEGMENTS, "segments" }, { W_BITS, "bits" }, { 2, "" },
		{ W_CAMERA, "camera" }, { W_EDU, "edu" }, { W_VERIFIED, "verified" },
		{ W_WRONG, "wrong" }, { W_COPIES, "CPU copies" },
	};
	static const char *const notes[][2] = {
		{ "segments", "pieces of memory that edu sees; -: it could not map the buffer" },
		{ "bits", "address bits that the highest byte of a buffer needs; edu has 28" },
		{ "verified", "bytes that the CPU found right: whole frames, and what edu moved" },
		{ "CPU copies", "bytes copied on the way. The program copies none: this is what" },
		{ "", "the kernel sent through bounce buffers (its trace event swiotlb_bounced)" },
		{ "", "and what cenalloc moved for a device that came late" },
	};

	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		field(head[i].width, DIM, head[i].text);
	printf("\n");
	for (size_t i = 0; i < count; i++)
		report_row(&jobs[i]);
	printf("\n");
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		printf("%s%-11s %s%s\n", colour(DIM), notes[i][0], notes[i][1], colour(PLAIN));
}

void report_verdict(bool passed, const char *text)
{
	printf("\n%s%s%s\n", colour(passed ? GOOD : BAD), text, colour(PLAIN));
}
