// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <time.h>

#include "job.h"

/* Neither byte is in a picture of the camera, so what it did not write is known. */
#define POISON_FRAME	0xa5
#define POISON_ROOM	0x5a
#define GUARD		64UL

const char *const job_patterns[JOB_PATTERNS] = { "100% Color Squares", "16x16 Checkers" };

/* One buffer of the job. */
struct slot {
	struct buffer buf;
	struct edu_buffer edu;
};

static double job_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void job_fail(struct job_device *device, const char *step, int ret)
{
	if (device->error)
		return;
	device->step = step;
	device->error = -ret;
}

static int job_poison(struct job *job, struct slot *slot)
{
	const size_t frame = job->camera->frame;
	int ret = buffer_cpu_begin(&slot->buf);

	if (ret)
		return ret;
	memset(slot->buf.data, POISON_FRAME, frame);
	memset(slot->buf.data + frame, POISON_ROOM, job->size - frame);
	return buffer_cpu_end(&slot->buf);
}

static uint64_t count_different(const uint8_t *a, const uint8_t *b, size_t length)
{
	uint64_t different = 0;

	if (!memcmp(a, b, length))
		return 0;
	for (size_t i = 0; i < length; i++)
		different += a[i] != b[i];
	return different;
}

static uint64_t count_value(const uint8_t *data, uint8_t value, size_t length)
{
	uint64_t same = 0;

	for (size_t i = 0; i < length; i++)
		same += data[i] == value;
	return same;
}

/* The frame is one of the pictures, byte by byte, or wrong by as much as from the nearest. */
static void job_check_frame(struct job *job, const struct slot *slot)
{
	const size_t length = job->camera->frame;
	uint64_t wrong, least = UINT64_MAX;

	for (unsigned int i = 0; i < JOB_PATTERNS; i++) {
		wrong = count_different(slot->buf.data, job->reference[i], length);
		if (!wrong)
			job->patterns_seen |= 1U << i;
		if (wrong < least)
			least = wrong;
	}
	job->frames_seen++;
	job->frames_right += !least;
	job->frame_bytes += length;
	job->frame_bytes_wrong += least;
	if (least)
		job->frame_bytes_untouched += count_value(slot->buf.data, POISON_FRAME, length);
}

/*
 * edu reads @length bytes at @from into its own memory and writes them from there to
 * @to, in the room behind the frame; the CPU then compares the two places.
 */
static int job_edu_window(struct job *job, struct slot *slot, size_t from, size_t to,
			  uint32_t length)
{
	const uint8_t *data = slot->buf.data;
	int ret;

	ret = edu_read(job->edu, &slot->edu, from, length);
	if (!ret)
		ret = edu_write(job->edu, &slot->edu, to, length);
	if (ret)
		return ret;

	ret = buffer_cpu_begin(&slot->buf);
	if (ret)
		return ret;
	job->windows++;
	job->edu_bytes += length;
	job->edu_bytes_wrong += count_different(data + from, data + to, length);
	/* Not a byte before or behind what it was told to write. */
	job->edu_bytes_stray += GUARD - count_value(data + to - GUARD, POISON_ROOM, GUARD);
	job->edu_bytes_stray += GUARD - count_value(data + to + length, POISON_ROOM, GUARD);
	memset(slot->buf.data + to - GUARD, POISON_ROOM, length + 2 * GUARD);
	return buffer_cpu_end(&slot->buf);
}

/*
 * Start, end, middle and across a page, at offsets where the pictures differ: what is
 * left in edu from one window cannot pass for the next.
 */
static int job_edu_frame(struct job *job, struct slot *slot)
{
	const size_t frame = job->camera->frame, room = job->size - frame;
	const struct {
		size_t from;
		uint32_t length;
	} windows[JOB_WINDOWS] = {
		{ 0, CEN_EDU_WINDOW },
		{ frame / 2 + 21, CEN_EDU_WINDOW - 1 },
		{ frame - CEN_EDU_WINDOW, CEN_EDU_WINDOW },
		{ frame / 4096 / 3 * 4096 - 1999, 3999 },
	};
	int ret = 0;

	for (unsigned int i = 0; i < JOB_WINDOWS && !ret; i++) {
		size_t spread = (room - CEN_EDU_WINDOW - 2 * GUARD) / JOB_WINDOWS;

		ret = job_edu_window(job, slot, windows[i].from, frame + GUARD + i * (spread + 1),
				     windows[i].length);
	}
	return ret;
}

static int job_stream(struct job *job, struct slot *slots)
{
	struct camera_frame got;
	struct slot *slot;
	int ret = 0;

	for (unsigned int i = 0; i < job->frames && !ret; i++) {
		if (i == job->frames / 2)
			ret = camera_set_menu(job->camera, "Test Pattern", job_patterns[1]);
		if (!ret)
			ret = camera_dequeue(job->camera, &got);
		if (!ret && (got.index >= JOB_BUFFERS || got.bytes != job->camera->frame))
			ret = -EPROTO;
		if (ret)
			break;
		slot = &slots[got.index];

		ret = buffer_cpu_begin(&slot->buf);
		if (ret)
			break;
		job_check_frame(job, slot);
		ret = buffer_cpu_end(&slot->buf);
		if (ret)
			break;

		if (slot->edu.handle) {
			int failed = job_edu_frame(job, slot);

			if (failed)
				job_fail(&job->on_edu, "transfer", failed);
		}
		ret = job_poison(job, slot);
		if (!ret)
			ret = camera_queue(job->camera, got.index, slot->buf.fd);
	}
	return ret;
}

/* Buffers in, frames out. */
static void job_camera(struct job *job, struct slot *slots)
{
	int ret;

	ret = camera_set_menu(job->camera, "Test Pattern", job_patterns[0]);
	if (!ret)
		ret = camera_request(job->camera, JOB_BUFFERS);
	for (unsigned int i = 0; i < JOB_BUFFERS && !ret; i++)
		ret = camera_queue(job->camera, i, slots[i].buf.fd);
	if (ret) {
		job_fail(&job->on_camera, "import", ret);
	} else {
		ret = camera_start(job->camera);
		if (!ret)
			ret = job_stream(job, slots);
		if (ret)
			job_fail(&job->on_camera, "stream", ret);
	}
	camera_stop(job->camera);
	camera_request(job->camera, 0);
}

/* Every buffer is given to edu before the first frame, and stays with it. */
static void job_edu(struct job *job, struct slot *slots)
{
	for (unsigned int i = 0; i < JOB_BUFFERS; i++) {
		int ret = edu_attach(job->edu, slots[i].buf.fd, &slots[i].edu);

		if (ret) {
			job_fail(&job->on_edu, "import", ret);
			continue;
		}
		if (slots[i].edu.segments > job->segments)
			job->segments = slots[i].edu.segments;
	}
}

void job_run(struct job *job)
{
	struct slot slots[JOB_BUFFERS] = { 0 };
	double began = job_now();
	unsigned int made;

	for (made = 0; made < JOB_BUFFERS && !job->error; made++) {
		job->error = -buffer_new(&slots[made].buf, job->source, job->size);
		if (!job->error)
			job->error = -job_poison(job, &slots[made]);
		if (slots[made].buf.address_bits > job->address_bits)
			job->address_bits = slots[made].buf.address_bits;
	}
	memcpy(job->heap, slots[0].buf.heap, sizeof(job->heap));

	if (!job->error) {
		uint64_t before;

		watch_begin(&job->watch);
		job_edu(job, slots);
		watch_read(&job->watch);
		/* What edu asked for and was refused has not been copied. */
		before = job->on_edu.error ? job->watch.bounce_bytes : 0;
		job_camera(job, slots);
		watch_end(&job->watch);
		job->copied = job->frames_seen ? job->watch.bounce_bytes - before : 0;
		if (job->watch.address_bits > job->address_bits)
			job->address_bits = job->watch.address_bits;
		for (unsigned int i = 0; i < made; i++)
			job->copied += buffer_moves(&slots[i].buf) * job->size;
	}

	for (unsigned int i = 0; i < made; i++) {
		if (slots[i].edu.handle)
			edu_detach(job->edu, &slots[i].edu);
		buffer_free(&slots[i].buf);
	}
	job->seconds = job_now() - began;
}

bool job_passed(const struct job *job)
{
	return !job->error && !job->on_camera.error && !job->on_edu.error &&
	       job->frames_seen == job->frames && job->frames_right == job->frames &&
	       job->patterns_seen == (1U << JOB_PATTERNS) - 1 &&
	       job->windows == job->frames * JOB_WINDOWS && !job->edu_bytes_wrong &&
	       !job->edu_bytes_stray && !job->copied;
}
