// SPDX-License-Identifier: GPL-2.0
/*
 * Device-tree overlays that come and go with the images of slots, and the devices that are in
 * them. Wants a kernel with CONFIG_OF_OVERLAY: that of the debug lanes.
 */
#include <endian.h>
#include <sys/stat.h>

#include "fpga_common.h"

#define SIZE	(64 * KIB)
#define R	f_region[0]
#define TREE	"/sys/firmware/devicetree/base"
#define DEVICES	"/sys/bus/platform/devices"

/* --- a flattened device tree, by hand ------------------------------------------------------------- */

enum { FDT_BEGIN = 1, FDT_END_NODE, FDT_PROP, FDT_END = 9 };

static struct {
	uint8_t data[1024];
	size_t used;
} body;

static void put_u32(uint32_t value)
{
	value = htobe32(value);
	memcpy(body.data + body.used, &value, sizeof(value));
	body.used += sizeof(value);
}

static void put_text(const char *text)
{
	strcpy((char *)body.data + body.used, text);
	body.used = (body.used + strlen(text) + 4) & ~3UL;
}

static void begin_node(const char *name)
{
	put_u32(FDT_BEGIN);
	put_text(name);
}

static void put_property(uint32_t name, const char *value)
{
	put_u32(FDT_PROP);
	put_u32(strlen(value) + 1);
	put_u32(name);
	put_text(value);
}

/* / { fragment@0 { target-path = @target; __overlay__ { @node { compatible = "cenalloc,test"; }; }; }; }; */
static void overlay_file(const char *name, const char *target, const char *node)
{
	static const char strings[] = "target-path\0compatible";
	uint32_t header[10] = { 0xd00dfeed };
	const uint64_t reserved[2] = { 0, 0 };
	char path[64];
	FILE *file;

	memset(&body, 0, sizeof(body));
	begin_node("");
	begin_node("fragment@0");
	put_property(0, target);
	begin_node("__overlay__");
	begin_node(node);
	put_property(12, "cenalloc,test");
	for (int i = 0; i < 4; i++)
		put_u32(FDT_END_NODE);
	put_u32(FDT_END);

	header[2] = sizeof(header) + sizeof(reserved);		/* structure */
	header[3] = header[2] + body.used;			/* strings */
	header[1] = header[3] + sizeof(strings);		/* all */
	header[4] = sizeof(header);				/* reserved memory */
	header[5] = 17;
	header[6] = 16;
	header[8] = sizeof(strings);
	header[9] = body.used;
	for (size_t i = 0; i < ARRAY_SIZE(header); i++)
		header[i] = htobe32(header[i]);

	mkdir(F_FIRMWARE_DIR, 0755);
	snprintf(path, sizeof(path), F_FIRMWARE_DIR "/%s", name);
	file = fopen(path, "we");
	assert_non_null(file);
	fwrite(header, sizeof(header), 1, file);
	fwrite(reserved, sizeof(reserved), 1, file);
	fwrite(body.data, body.used, 1, file);
	fwrite(strings, sizeof(strings), 1, file);
	fclose(file);
}

/* In the tree, and as a device of the platform bus: both or neither. */
static bool is_there(const char *node)
{
	char path[128];
	bool in_tree;

	snprintf(path, sizeof(path), TREE "/%s/compatible", node);
	in_tree = t_exists(path);
	snprintf(path, sizeof(path), DEVICES "/%s/of_node/compatible", node);
	assert_int_equal(t_exists(path), in_tree);
	return in_tree;
}

/* --- tests ------------------------------------------------------------------------------------------------ */

static void two_slots(void)
{
	overlay_file("a.dtbo", "/", "cen-test-a");
	overlay_file("b.dtbo", "/", "cen-test-b");
	must_slot(R, "a", f_buffer(SIZE, 0xa, 1));
	must_slot(R, "b", f_buffer(SIZE, 0xb, 1));
	assert_ok(f_put(R, "a", "overlay", "a.dtbo"));
	assert_ok(f_put(R, "b", "overlay", "b.dtbo"));
}

static void comes_and_goes(void **state)
{
	(void)state;
	two_slots();
	assert_string_equal(f_read(R, "a", "overlay"), "a.dtbo");
	assert_false(is_there("cen-test-a"));
	assert_ok(f_put(R, NULL, "active", "a"));
	assert_true(is_there("cen-test-a"));
	assert_int_equal(must_f_info(R).flags & CEN_FPGA_OVERLAY, CEN_FPGA_OVERLAY);
	assert_ok(f_put(R, NULL, "active", "b"));
	assert_false(is_there("cen-test-a"));
	assert_true(is_there("cen-test-b"));
	/* once more: its own devices go and come */
	assert_ok(f_put(R, NULL, "active", "b"));
	assert_true(is_there("cen-test-b"));
	assert_int_equal(f_design(F_TABLES, 1), 0xb);
	/* one without */
	assert_ok(f_put(R, "a", "overlay", "\n"));
	assert_ok(f_put(R, NULL, "active", "a"));
	assert_false(is_there("cen-test-b"));
	assert_int_equal(must_f_info(R).flags & CEN_FPGA_OVERLAY, 0);
}

/* The devices of an image are at work: nobody else programs the region. */
static void keeps_others_out(void **state)
{
	int fd = f_buffer(SIZE, 0xc, 1);

	(void)state;
	two_slots();
	assert_ok(f_put(R, NULL, "active", "a"));
	assert_errno(f_load(R, fd, CEN_FPGA_PARTIAL), EBUSY);
	assert_int_equal(f_result.step, CEN_FPGA_STEP_CLAIM);
	assert_false(must_f_info(R).flags & CEN_FPGA_ISOLATED);
	assert_int_equal(f_design(F_TABLES, 1), 0xa);
	assert_string_equal(f_read(R, NULL, "active"), "a");
	assert_ok(f_rmdir(R, "a"));
	assert_false(is_there("cen-test-a"));
	assert_ok(f_load(R, fd, CEN_FPGA_PARTIAL));
}

static void fails(void **state)
{
	(void)state;
	two_slots();
	assert_errno(f_put(R, "b", "overlay", "no-such.dtbo"), ENOENT);
	assert_string_equal(f_read(R, "b", "overlay"), "b.dtbo");
	assert_ok(f_put(R, NULL, "active", "a"));
	/* not an overlay */
	assert_ok(t_sh("echo garbage > " F_FIRMWARE_DIR "/bad.dtbo"));
	assert_ok(f_put(R, "b", "overlay", "bad.dtbo"));
	assert_true(f_put(R, NULL, "active", "b") < 0);
	assert_true(!strncmp(f_read(R, NULL, "message"), "overlay: ", 9));
	assert_true(strstr(f_read(R, NULL, "message"), "EINVAL") ||
		    strstr(f_read(R, NULL, "message"), "(-22)"));
	/* it was programmed; there are no devices */
	assert_int_equal(f_design(F_TABLES, 1), 0xb);
	assert_string_equal(f_read(R, NULL, "active"), "b");
	assert_false(is_there("cen-test-a"));
	assert_int_equal(must_f_info(R).flags & CEN_FPGA_OVERLAY, 0);
	assert_string_equal(f_read(R, "b", "state"), "active");
	assert_ok(f_load(R, f_buffer(SIZE, 0xc, 1), CEN_FPGA_PARTIAL));
	assert_ok(f_put(R, NULL, "active", "a"));
	assert_true(is_there("cen-test-a"));
	/* one for a place that the tree does not have */
	overlay_file("bad.dtbo", "/no-such-bus", "cen-test-b");
	assert_ok(f_put(R, "b", "overlay", "bad.dtbo"));
	assert_true(f_put(R, NULL, "active", "b") < 0);
	assert_true(!strncmp(f_read(R, NULL, "message"), "overlay: ", 9));
	assert_string_equal(f_read(R, NULL, "active"), "b");
	assert_false(is_there("cen-test-a"));
	assert_ok(f_put(R, NULL, "active", "a"));
	assert_true(is_there("cen-test-a"));
	/* an image that fails has no devices either */
	assert_ok(f_put(R, "b", "overlay", "b.dtbo"));
	f_set(F_MGR0, "write", EIO);
	assert_errno(f_put(R, NULL, "active", "b"), EIO);
	assert_false(is_there("cen-test-a"));
	assert_false(is_there("cen-test-b"));
	assert_int_equal(must_f_info(R).flags & CEN_FPGA_OVERLAY, 0);
}

static void unplugged(void **state)
{
	(void)state;
	two_slots();
	assert_ok(f_put(R, NULL, "active", "a"));
	f_set(F_MGR0, "plugged", 0);
	assert_true(is_there("cen-test-a"));
	f_set(F_MGR0, "plugged", 1);
	assert_ok(f_put(R, NULL, "active", "b"));
	assert_false(is_there("cen-test-a"));
	f_set(F_MGR0, "plugged", 0);
	assert_ok(f_rmdir(R, "b"));
	assert_false(is_there("cen-test-b"));
}

static const struct CMUnitTest tests[] = {
	f_test(comes_and_goes),
	f_test(keeps_others_out),
	f_test(fails),
	f_test(unplugged),
};

int main(void)
{
	int ret;

	if (!f_overlays())
		t_skip_all("this kernel has no CONFIG_OF_OVERLAY; fpga_slots sees the refusal");
	f_begin();
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	f_end();
	t_sh("rm -f " F_FIRMWARE_DIR "/*.dtbo");
	return ret;
}
