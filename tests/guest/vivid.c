// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers of cenalloc in a camera nobody here wrote: vivid, with both of its memory
 * allocators. vivid-000 maps what it gets for the CPU only (vmalloc), vivid-001 wants one
 * segment (dma-contig); both do their DMA as platform:vivid.0.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/videodev2.h>

#include "../../examples/demo/camera.h"
#include "../../examples/demo/edu.h"
#include "foreign.h"

#define BUFFERS	3
#define FRAMES	6
#define HIGH_TRIES	64

#define VMALLOC	"platform:vivid-000"
#define CONTIG	"platform:vivid-001"

static struct cen_ctx *ctx;

static void camera_ready(struct camera *cam, const char *bus_info, uint8_t **reference)
{
	assert_int_equal(camera_open(cam, "vivid", bus_info), 0);
	assert_int_equal(camera_set_menu(cam, "OSD Text Mode", "None"), 0);
	assert_int_equal(camera_set_menu(cam, "Test Pattern", "16x16 Checkers"), 0);
	assert_int_equal(camera_set_format(cam, 640, 480, V4L2_PIX_FMT_YUYV), 0);
	if (!reference)
		return;
	*reference = malloc(cam->frame);
	assert_non_null(*reference);
	assert_int_equal(camera_reference(cam, *reference), 0);
}

/* The rule of the administrator, said by the program itself. */
static void one_segment(struct camera *cam, char spec[64])
{
	snprintf(spec, 64, "%s,max-segments=1", cam->node);
}

static void stream(struct camera *cam, struct test_buffer *bufs, const uint8_t *reference)
{
	struct camera_frame got;

	assert_int_equal(camera_request(cam, BUFFERS), 0);
	for (int i = 0; i < BUFFERS; i++) {
		test_buffer_fill(&bufs[i], i);
		assert_int_equal(camera_queue(cam, i, bufs[i].fd), 0);
	}
	assert_int_equal(camera_start(cam), 0);
	for (int i = 0; i < FRAMES; i++) {
		struct test_buffer *buf;
		CEN_SYNC_GUARD(guard);

		assert_int_equal(camera_dequeue(cam, &got), 0);
		assert_in_range(got.index, 0, BUFFERS - 1);
		assert_int_equal(got.bytes, cam->frame);
		buf = &bufs[got.index];
		assert_int_equal(cen_sync_begin(&guard, buf->cen, 0, 0, CEN_SYNC_READ), 0);
		assert_memory_equal(buf->data, reference, cam->frame);
		assert_int_equal(cen_sync_end(&guard), 0);
		/* nothing behind the frame was touched */
		assert_int_equal(test_buffer_wrong(buf, got.index, cam->frame,
						   buf->size - cam->frame), 0);
		test_buffer_fill(buf, got.index);
		assert_int_equal(camera_queue(cam, got.index, buf->fd), 0);
	}
	camera_stop(cam);
	assert_int_equal(camera_request(cam, 0), 0);
}

static void capture(const char *bus_info)
{
	struct test_buffer bufs[BUFFERS];
	const char *specs[2] = { NULL };
	uint8_t *reference;
	struct camera cam;
	char spec[64];

	camera_ready(&cam, bus_info, &reference);
	one_segment(&cam, spec);
	specs[0] = spec;
	for (int i = 0; i < BUFFERS; i++)
		test_buffer_new(&bufs[i], ctx, 768 << 10, specs);
	stream(&cam, bufs, reference);
	for (int i = 0; i < BUFFERS; i++) {
		/* the camera has given everything back */
		assert_int_equal(test_buffer_maps(&bufs[i]), 0);
		assert_int_equal(test_buffer_moves(&bufs[i]), 0);
		test_buffer_free(&bufs[i]);
	}
	free(reference);
	camera_close(&cam);
}

static void test_capture_vmalloc(void **state)
{
	(void)state;
	capture(VMALLOC);
}

static void test_capture_contig(void **state)
{
	(void)state;
	capture(CONTIG);
}

/* A node and the name behind it are the same device. */
static void test_node_resolves(void **state)
{
	char name[CEN_NAME_LEN];
	struct camera cam;

	(void)state;
	camera_ready(&cam, CONTIG, NULL);
	assert_int_equal(cen_device_resolve(cam.node, name), 0);
	assert_string_equal(name, "platform:vivid.0");
	camera_close(&cam);
}

/* Too small for a frame: the camera's own error, and no trace of it in the buffer. */
static void test_small_buffer(void **state)
{
	struct test_buffer buf;
	const char *specs[2] = { NULL };
	struct camera cam;
	char spec[64];

	(void)state;
	camera_ready(&cam, CONTIG, NULL);
	one_segment(&cam, spec);
	specs[0] = spec;
	test_buffer_new(&buf, ctx, 64 << 10, specs);
	assert_int_equal(camera_request(&cam, 2), 0);
	assert_int_equal(camera_queue(&cam, 0, buf.fd), -EINVAL);
	assert_int_equal(test_buffer_maps(&buf), 0);
	assert_int_equal(camera_request(&cam, 0), 0);
	test_buffer_free(&buf);
	camera_close(&cam);
}

/*
 * A buffer for the camera alone that happens to lie beyond 2^28. What lies below is kept
 * until there is one: there are 256 MiB of it and no more.
 */
static void high_buffer(struct test_buffer *buf, const char *const specs[])
{
	struct test_buffer low[HIGH_TRIES];
	int tries = 0;

	for (;;) {
		test_buffer_new(buf, ctx, 4 << 20, specs);
		if (test_buffer_bits(buf) > T_LOW_BITS)
			break;
		assert_in_range(tries, 0, HIGH_TRIES - 1);
		low[tries++] = *buf;
	}
	while (tries)
		test_buffer_free(&low[--tries]);
}

/*
 * The camera holds the buffer where edu cannot reach it: edu's import is refused, with
 * the reason, and succeeds once the camera has let go.
 */
static void test_second_device_too_late(void **state)
{
	struct cen_explanation *why;
	struct test_buffer buf;
	const char *specs[2] = { NULL };
	struct edu_buffer in;
	struct camera cam;
	struct edu edu;
	bool told = false;
	char spec[64], name[64];

	(void)state;
	if (!test_run("modprobe cen_edu") || edu_open(&edu))
		t_skip("no edu device, or no driver for it");
	snprintf(name, sizeof(name), "pci:%s", edu.pci);
	if (test_translated(ctx, name)) {
		edu_close(&edu);
		t_skip("behind a translating IOMMU edu reaches all memory");
	}
	camera_ready(&cam, CONTIG, NULL);
	one_segment(&cam, spec);
	specs[0] = spec;
	high_buffer(&buf, specs);
	test_buffer_fill(&buf, 7);
	assert_int_equal(camera_request(&cam, 2), 0);
	assert_int_equal(camera_queue(&cam, 0, buf.fd), 0);
	assert_int_equal(test_buffer_maps(&buf), 1);

	assert_int_equal(edu_attach(&edu, buf.fd, &in), -EBUSY);
	why = cen_buffer_explain_last(buf.cen);
	assert_non_null(why);
	assert_int_equal(cen_explanation_error(why), EBUSY);
	for (size_t i = 0; i < cen_explanation_reason_count(why); i++)
		told |= cen_explanation_reason(why, i)->code == CEN_WHY_MAPPED;
	assert_true(told);
	cen_explanation_free(why);
	assert_int_equal(test_buffer_moves(&buf), 0);

	camera_stop(&cam);
	assert_int_equal(camera_request(&cam, 0), 0);
	assert_int_equal(test_buffer_maps(&buf), 0);
	assert_int_equal(edu_attach(&edu, buf.fd, &in), 0);
	assert_int_equal(test_buffer_moves(&buf), 1);
	assert_int_equal(test_buffer_wrong(&buf, 7, 0, buf.size), 0);
	assert_int_equal(edu_detach(&edu, &in), 0);
	test_buffer_free(&buf);
	camera_close(&cam);
	edu_close(&edu);
}

static int setup(void **state)
{
	(void)state;
	ctx = cen_ctx_open(CEN_CTX_MODULE);
	return ctx ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	cen_ctx_close(ctx);
	test_run("modprobe -r vivid");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_node_resolves),
		cmocka_unit_test(test_capture_vmalloc),
		cmocka_unit_test(test_capture_contig),
		cmocka_unit_test(test_small_buffer),
		cmocka_unit_test(test_second_device_too_late),
	};

	/* Another test may have left it with other parameters. */
	test_run("modprobe -r vivid 2>/dev/null");
	if (!test_run("modprobe vivid n_devs=2 allocators=0,1")) {
		printf("1..0 # SKIP no module vivid\n");
		return 0;
	}
	return cmocka_run_group_tests_name("vivid", tests, setup, teardown);
}
