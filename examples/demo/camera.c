// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/videodev2.h>

#include "camera.h"

#define FRAME_TIMEOUT_MS 10000

static int camera_ioctl(struct camera *cam, unsigned long request, void *arg)
{
	int ret;

	do {
		ret = ioctl(cam->fd, request, arg);
	} while (ret < 0 && errno == EINTR);
	return ret < 0 ? -errno : 0;
}

static bool camera_matches(struct camera *cam, const char *driver, const char *bus_info)
{
	const uint32_t needed = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
	struct v4l2_capability cap = { 0 };

	return !camera_ioctl(cam, VIDIOC_QUERYCAP, &cap) &&
	       (cap.device_caps & needed) == needed &&
	       !strcmp((const char *)cap.driver, driver) &&
	       !strcmp((const char *)cap.bus_info, bus_info);
}

int camera_open(struct camera *cam, const char *driver, const char *bus_info)
{
	struct dirent *entry;
	DIR *dir = opendir("/sys/class/video4linux");

	memset(cam, 0, sizeof(*cam));
	cam->fd = -1;
	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, "video", 5))
			continue;
		snprintf(cam->node, sizeof(cam->node), "/dev/%.20s", entry->d_name);
		cam->fd = open(cam->node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (cam->fd < 0)
			continue;
		if (camera_matches(cam, driver, bus_info))
			break;
		close(cam->fd);
		cam->fd = -1;
	}
	closedir(dir);
	return cam->fd < 0 ? -ENODEV : 0;
}

void camera_close(struct camera *cam)
{
	if (cam->fd >= 0)
		close(cam->fd);
	cam->fd = -1;
}

int camera_set_format(struct camera *cam, uint32_t width, uint32_t height, uint32_t fourcc)
{
	struct v4l2_format fmt = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.fmt.pix = {
			.width = width,
			.height = height,
			.pixelformat = fourcc,
			.field = V4L2_FIELD_NONE,
		},
	};
	int ret;

	ret = camera_ioctl(cam, VIDIOC_S_FMT, &fmt);
	if (ret)
		return ret;
	/* The driver may have adjusted what it was asked for. */
	if (fmt.fmt.pix.width != width || fmt.fmt.pix.height != height ||
	    fmt.fmt.pix.pixelformat != fourcc)
		return -EOPNOTSUPP;
	cam->width = width;
	cam->height = height;
	cam->frame = fmt.fmt.pix.sizeimage;
	memcpy(cam->format, &fmt.fmt.pix.pixelformat, 4);
	return 0;
}

int camera_set_menu(struct camera *cam, const char *name, const char *entry)
{
	struct v4l2_queryctrl query = { .id = V4L2_CTRL_FLAG_NEXT_CTRL };
	struct v4l2_querymenu menu = { 0 };
	struct v4l2_control ctrl = { 0 };

	while (!camera_ioctl(cam, VIDIOC_QUERYCTRL, &query)) {
		if (query.type == V4L2_CTRL_TYPE_MENU && !strcmp((char *)query.name, name))
			break;
		query.id |= V4L2_CTRL_FLAG_NEXT_CTRL;
	}
	if (strcmp((char *)query.name, name))
		return -ENOENT;

	menu.id = query.id;
	for (int i = query.minimum; i <= query.maximum; i++) {
		menu.index = i;
		if (camera_ioctl(cam, VIDIOC_QUERYMENU, &menu) || strcmp((char *)menu.name, entry))
			continue;
		ctrl.id = query.id;
		ctrl.value = i;
		return camera_ioctl(cam, VIDIOC_S_CTRL, &ctrl);
	}
	return -ENOENT;
}

static int camera_request_memory(struct camera *cam, uint32_t count, enum v4l2_memory memory)
{
	struct v4l2_requestbuffers req = {
		.count = count,
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = memory,
	};
	int ret = camera_ioctl(cam, VIDIOC_REQBUFS, &req);

	if (ret)
		return ret;
	return req.count < count ? -ENOMEM : 0;
}

static int camera_wait(struct camera *cam)
{
	struct pollfd pfd = { .fd = cam->fd, .events = POLLIN };
	int ret;

	do {
		ret = poll(&pfd, 1, FRAME_TIMEOUT_MS);
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		return -errno;
	if (!ret)
		return -ETIMEDOUT;
	return pfd.revents & POLLIN ? 0 : -EIO;
}

static int camera_dequeue_memory(struct camera *cam, enum v4l2_memory memory,
				 struct camera_frame *frame)
{
	struct v4l2_buffer buf = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = memory,
	};
	int ret;

	ret = camera_wait(cam);
	if (ret)
		return ret;
	ret = camera_ioctl(cam, VIDIOC_DQBUF, &buf);
	if (ret)
		return ret;
	if (buf.flags & V4L2_BUF_FLAG_ERROR)
		return -EIO;
	frame->index = buf.index;
	frame->sequence = buf.sequence;
	frame->bytes = buf.bytesused;
	return 0;
}

int camera_reference(struct camera *cam, uint8_t *frame)
{
	struct v4l2_buffer buf = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_MMAP,
	};
	struct camera_frame got;
	void *data;
	int ret;

	ret = camera_request_memory(cam, 1, V4L2_MEMORY_MMAP);
	if (ret)
		return ret;
	ret = camera_ioctl(cam, VIDIOC_QUERYBUF, &buf);
	if (ret)
		goto out_stop;
	data = mmap(NULL, buf.length, PROT_READ, MAP_SHARED, cam->fd, buf.m.offset);
	if (data == MAP_FAILED) {
		ret = -errno;
		goto out_stop;
	}
	ret = camera_ioctl(cam, VIDIOC_QBUF, &buf);
	if (!ret)
		ret = camera_start(cam);
	if (!ret)
		ret = camera_dequeue_memory(cam, V4L2_MEMORY_MMAP, &got);
	if (!ret && got.bytes != cam->frame)
		ret = -EIO;
	if (!ret)
		memcpy(frame, data, cam->frame);
	munmap(data, buf.length);
out_stop:
	camera_stop(cam);
	camera_request_memory(cam, 0, V4L2_MEMORY_MMAP);
	return ret;
}

int camera_request(struct camera *cam, uint32_t count)
{
	return camera_request_memory(cam, count, V4L2_MEMORY_DMABUF);
}

int camera_queue(struct camera *cam, uint32_t index, int dmabuf)
{
	struct v4l2_buffer buf = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_DMABUF,
		.index = index,
		.m.fd = dmabuf,
	};

	return camera_ioctl(cam, VIDIOC_QBUF, &buf);
}

int camera_start(struct camera *cam)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	return camera_ioctl(cam, VIDIOC_STREAMON, &type);
}

int camera_dequeue(struct camera *cam, struct camera_frame *frame)
{
	return camera_dequeue_memory(cam, V4L2_MEMORY_DMABUF, frame);
}

void camera_stop(struct camera *cam)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	camera_ioctl(cam, VIDIOC_STREAMOFF, &type);
}
