/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A V4L2 capture device that fills dma-bufs. Functions return 0 or -errno.
 */
#ifndef DEMO_CAMERA_H
#define DEMO_CAMERA_H

#include <stddef.h>
#include <stdint.h>

struct camera {
	int fd;
	char node[32];
	uint32_t width;
	uint32_t height;
	char format[5];		/* four-character code */
	size_t frame;		/* bytes of a frame */
};

struct camera_frame {
	uint32_t index;		/* of the buffer */
	uint32_t sequence;
	size_t bytes;
};

/* Opens the capture node whose driver and bus information are these. */
int camera_open(struct camera *cam, const char *driver, const char *bus_info);
void camera_close(struct camera *cam);

int camera_set_format(struct camera *cam, uint32_t width, uint32_t height, uint32_t fourcc);
/* Sets menu control @name to the entry called @entry. */
int camera_set_menu(struct camera *cam, const char *name, const char *entry);

/*
 * Captures one frame into memory of the driver's own and leaves a copy in @frame: what
 * the frames in dma-bufs are compared with.
 */
int camera_reference(struct camera *cam, uint8_t *frame);

int camera_request(struct camera *cam, uint32_t count);
int camera_queue(struct camera *cam, uint32_t index, int dmabuf);
int camera_start(struct camera *cam);
/* Waits up to 10 s for the next frame (-ETIMEDOUT). */
int camera_dequeue(struct camera *cam, struct camera_frame *frame);
void camera_stop(struct camera *cam);

#endif
