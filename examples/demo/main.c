// SPDX-License-Identifier: GPL-2.0
/*
 * cen_demo: one job, done with buffers from several places.
 *
 * A camera captures into a buffer, a PCI device with 28 address bits reads from it and
 * writes to it, the CPU checks both. With cenalloc both devices are declared first and
 * the buffer is where both reach it; what becomes of the same job with the heaps of a
 * stock kernel is measured by the same code. Exits with 1 when cenalloc's part of it
 * is not perfect.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/videodev2.h>

#include <cen.h>

#include "report.h"

/*
 * vivid's second instance is the one with videobuf2's dma-contig allocator, which takes
 * one segment within 32 bits and says neither.
 */
#define CAMERA_DRIVER	"vivid"
#define CAMERA_BUS	"platform:vivid-001"

#define FRAMES		10
/* Enough for the second picture to come through the four queued buffers. */
#define FRAMES_SMALL	8

struct demo {
	struct cen_ctx *ctx;
	struct cen_device_set *devices;
	struct cen_device_info info[2];
	struct cen_explanation *plan;
	struct camera camera[2];	/* the same camera, with large and with small frames */
	struct edu edu;
	struct source cenalloc;
	struct source dma_heap;
	struct source udmabuf;
};

static void demo_open(struct demo *demo)
{
	char spec[64];
	int ret;

	demo->ctx = cen_ctx_open(CEN_CTX_MODULE);
	if (!demo->ctx)
		errx(1, "cenalloc: %s", cen_error());

	ret = camera_open(&demo->camera[0], CAMERA_DRIVER, CAMERA_BUS);
	if (ret)
		errx(1, "camera %s: %s (modprobe vivid n_devs=2 allocators=0,1)", CAMERA_BUS,
		     strerror(-ret));
	ret = edu_open(&demo->edu);
	if (ret)
		errx(1, "edu: %s (QEMU: -device edu; modprobe cen_edu)", strerror(-ret));

	/* Both devices, before anything attaches. */
	demo->devices = cen_device_set_new();
	snprintf(spec, sizeof(spec), "pci:%s", demo->edu.pci);
	if (!demo->devices || cen_device_set_add(demo->devices, demo->camera[0].node) ||
	    cen_device_set_add(demo->devices, spec))
		errx(1, "devices: %s", cen_error());

	demo->cenalloc = (struct source){ "cenalloc", source_cenalloc, demo->ctx, demo->devices };
	demo->dma_heap = (struct source){ .name = "dma-heap", .make = source_dma_heap };
	demo->udmabuf = (struct source){ .name = "udmabuf", .make = source_udmabuf };
}

static void demo_devices(struct demo *demo)
{
	static const char *const what[] = { "camera", "edu" };
	const char *const node[] = { demo->camera[0].node, demo->edu.node };

	report_heading("What the two devices can reach");
	for (size_t i = 0; i < 2; i++) {
		const struct cen_device *device = cen_device_set_get(demo->devices, i);

		if (cen_device_get_info(demo->ctx, device->name, &demo->info[i]))
			errx(1, "%s: %s", device->name, cen_error());
		report_device(what[i], node[i], &demo->info[i]);
	}
}

static void demo_plan(struct demo *demo, size_t size)
{
	const struct cen_plan *plan;

	demo->plan = cen_ctx_explain(demo->ctx, size, 0, demo->devices);
	if (!demo->plan)
		errx(1, "plan: %s", cen_error());
	plan = cen_explanation_plan(demo->plan);
	if (!plan)
		errx(1, "no plan:\n%s", cen_explanation_text(demo->plan));
	printf("\n");
	report_plan(plan, cen_explanation_heap(demo->plan, plan->heap), size);
}

/* What the camera shows when it fills memory of its own: the jobs are compared with it. */
static void demo_reference(struct camera *camera, uint8_t *reference[JOB_PATTERNS])
{
	for (unsigned int i = 0; i < JOB_PATTERNS; i++) {
		int ret = camera_set_menu(camera, "Test Pattern", job_patterns[i]);

		reference[i] = malloc(camera->frame);
		if (!reference[i])
			err(1, "reference");
		if (!ret)
			ret = camera_reference(camera, reference[i]);
		if (ret)
			errx(1, "camera: no reference of \"%s\": %s", job_patterns[i],
			     strerror(-ret));
	}
	if (!memcmp(reference[0], reference[1], camera->frame))
		errx(1, "camera: its test pictures do not differ");
}

static void demo_format(struct camera *camera, uint32_t width, uint32_t height, uint32_t fourcc)
{
	/* No clock in the picture: frames are to be told apart by their bytes alone. */
	int ret = camera_set_menu(camera, "OSD Text Mode", "None");

	if (!ret)
		ret = camera_set_format(camera, width, height, fourcc);
	if (ret)
		errx(1, "camera: format: %s", strerror(-ret));
}

static bool demo_jobs(struct demo *demo, struct job *jobs, size_t count)
{
	bool passed = true;

	for (size_t i = 0; i < count; i++) {
		job_run(&jobs[i]);
		report_job(&jobs[i]);
		fflush(stdout);
		if (jobs[i].source == &demo->cenalloc)
			passed &= job_passed(&jobs[i]);
	}
	return passed;
}

static void usage(FILE *out)
{
	fprintf(out, "usage: cen_demo [--json FILE]\n");
}

static const char *parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", required_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *json = NULL;
	int opt;

	while ((opt = getopt_long(argc, argv, "hj:", options, NULL)) != -1) {
		switch (opt) {
		case 'j':
			json = optarg;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			exit(2);
		}
	}
	return json;
}

int main(int argc, char **argv)
{
	const char *json = parse(argc, argv);
	/* Large frames first, then frames that fit into one 64 KiB chunk of the system heap. */
	struct demo demo = { 0 };
	struct job jobs[] = {
		{ .source = &demo.cenalloc, .size = 1 << 20, .frames = FRAMES },
		{ .source = &demo.dma_heap, .size = 1 << 20, .frames = FRAMES },
		{ .source = &demo.udmabuf, .size = 1 << 20, .frames = FRAMES },
		{ .source = &demo.cenalloc, .size = 64 << 10, .frames = FRAMES_SMALL },
		{ .source = &demo.dma_heap, .size = 64 << 10, .frames = FRAMES_SMALL },
	};
	const size_t large = 3, count = sizeof(jobs) / sizeof(jobs[0]);
	uint8_t *reference[2][JOB_PATTERNS];
	bool passed;
	int ret;

	demo_open(&demo);
	demo_devices(&demo);
	demo_plan(&demo, jobs[0].size);

	report_heading("The job: capture, read and write back by DMA, compare");
	demo_format(&demo.camera[0], 640, 480, V4L2_PIX_FMT_YUYV);
	demo_reference(&demo.camera[0], reference[0]);
	for (size_t i = 0; i < count; i++) {
		jobs[i].camera = &demo.camera[i >= large];
		jobs[i].edu = &demo.edu;
		memcpy(jobs[i].reference, reference[i >= large], sizeof(reference[0]));
	}
	passed = demo_jobs(&demo, jobs, large);

	demo.camera[1] = demo.camera[0];
	demo_format(&demo.camera[1], 320, 180, V4L2_PIX_FMT_GREY);
	demo_reference(&demo.camera[1], reference[1]);
	for (size_t i = large; i < count; i++)
		memcpy(jobs[i].reference, reference[1], sizeof(reference[1]));
	passed &= demo_jobs(&demo, jobs + large, count - large);

	report_heading("Side by side");
	report_table(jobs, count);
	report_verdict(passed, passed ? "cenalloc: every byte as it should be, none copied."
				      : "cenalloc: NOT as it should be, see above.");

	if (json) {
		ret = report_json(json, demo.info, 2, cen_explanation_plan(demo.plan), jobs, count,
				  passed);
		if (ret)
			errx(1, "%s: %s", json, strerror(-ret));
	}
	for (size_t i = 0; i < JOB_PATTERNS; i++) {
		free(reference[0][i]);
		free(reference[1][i]);
	}
	cen_explanation_free(demo.plan);
	cen_device_set_free(demo.devices);
	cen_ctx_close(demo.ctx);
	edu_close(&demo.edu);
	camera_close(&demo.camera[0]);
	return !passed;
}
