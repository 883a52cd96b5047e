/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The job: a camera fills buffers, edu reads and writes the same buffers, the CPU
 * checks every byte of both. The same code runs for every source of buffers.
 */
#ifndef DEMO_JOB_H
#define DEMO_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "camera.h"
#include "edu.h"
#include "watch.h"

#define JOB_BUFFERS	4
#define JOB_PATTERNS	2	/* test pictures the camera shows, one after the other */
#define JOB_WINDOWS	4	/* pieces of each frame that go through edu */

/* What a device made of the job's buffers. */
struct job_device {
	const char *step;	/* what failed: "import", "stream"; NULL: nothing */
	int error;		/* positive errno, 0: nothing failed */
};

struct job {
	/* in */
	const struct source *source;
	struct camera *camera;
	struct edu *edu;
	uint8_t *reference[JOB_PATTERNS];
	size_t size;			/* of a buffer: a frame and some room behind it */
	unsigned int frames;		/* how many to capture */

	/* out */
	int error;			/* the buffers could not even be made */
	char heap[32];
	unsigned int segments;		/* as edu sees them, 0: never mapped */
	unsigned int address_bits;	/* of the memory, 0: not known */
	struct job_device on_camera;
	struct job_device on_edu;
	unsigned int frames_seen;
	unsigned int frames_right;
	unsigned int patterns_seen;	/* mask */
	uint64_t frame_bytes;		/* compared with the reference */
	uint64_t frame_bytes_wrong;
	uint64_t frame_bytes_untouched;	/* of the wrong ones: as before the capture */
	unsigned int windows;
	uint64_t edu_bytes;		/* read by edu, written by edu, compared */
	uint64_t edu_bytes_wrong;
	uint64_t edu_bytes_stray;	/* written beside where edu was told to write */
	uint64_t copied;		/* by the CPU: bounced while streaming, or moved */
	double seconds;
	struct watch watch;
};

/* The names of the camera's JOB_PATTERNS test pictures. */
extern const char *const job_patterns[JOB_PATTERNS];

void job_run(struct job *job);
/* Every frame and every byte right, and nobody copied. */
bool job_passed(const struct job *job);

#endif
