// SPDX-License-Identifier: GPL-2.0
/*
 * The rules' language: what is accepted, what is refused and in which words; that a
 * mistake changes nothing; and what a device may do without rules.
 */
#include <sys/stat.h>

#include "uio_common.h"

#define ADDRESS	"reg 0:0x80 width 64 address\n"
#define LENGTH	"reg 0:0x90 width 64 length\n"
#define COMMAND	"reg 0:0x98 width 64 command\n"
#define START	"start 0:0x98 mask 1 value 1 length 0:0x90 reads 0:0x80\n"
#define WHOLE	"dma-bits " T_LOW_BITS_TEXT "\n" ADDRESS LENGTH COMMAND START "idle 0:0x98 mask 1 value 0\n"

static const struct {
	const char *rules;
	const char *problem;
} mistakes[] = {
	{ "bogus", "line 1: \"bogus\" is no rule" },
	{ "\n\n  # remark\n bogus 1", "line 4: \"bogus\" is no rule" },
	{ "reg 0:0 width 32 rw; bogus", "line 1: \"bogus\" is no rule" },
	{ "reg", "line 1: reg: expected NUMBER:NUMBER, not \"\"" },
	{ "reg 0", "line 1: reg: expected NUMBER:NUMBER, not \"0\"" },
	{ "reg 6:0 width 32 rw", "line 1: reg: regions are 0 to 5" },
	{ "reg 0:x width 32 rw", "line 1: reg: \"0:x\" is not NUMBER:NUMBER" },
	{ "reg 0:0x8000000000000000 width 32 rw", "line 1: reg: offset out of range" },
	{ "reg 0:0x99999999999999999 width 32 rw",
	  "line 1: reg: \"0:0x99999999999999999\" is not NUMBER:NUMBER" },
	{ "reg 0:0", "line 1: reg: \"width\" is missing" },
	{ "reg 0:0 width", "line 1: width: a number is missing" },
	{ "reg 0:0 width 24 rw", "line 1: width: 8, 16, 32 or 64, not 24" },
	{ "reg 0:0 width 128 rw", "line 1: width: 128 is not between 0x8 and 0x40" },
	{ "reg 0:2 width 32 rw", "line 1: reg: not aligned to its width" },
	{ "reg 0:0 width 32", "line 1: reg: \"\" is no kind of register" },
	{ "reg 0:0 width 32 secret", "line 1: reg: \"secret\" is no kind of register" },
	{ "reg 0:0 width 16 address", "line 1: reg: an address wants a width of 32 or 64" },
	{ "reg 0:0 width 32 rw min", "line 1: min: a number is missing" },
	{ "reg 0:0 width 32 rw min 2 max 1", "line 1: reg: min is above max" },
	{ "reg 0:0 width 8 rw max 256", "line 1: max: 256 is not between 0x0 and 0xff" },
	{ "reg 0:0 width 32 rw own 0+1", "line 1: reg: \"own\" is no option of such a register" },
	{ "reg 0:0 width 32 rw unit 4", "line 1: reg: \"unit\" is no option of such a register" },
	{ "reg 0:0 width 32 address align 3", "line 1: align: 3 is no power of two" },
	{ "reg 0:0 width 32 address boundary 0",
	  "line 1: boundary: 0 is not between 0x1 and 0xffffffffffffffff" },
	{ "reg 0:0 width 32 address own 5", "line 1: own: expected NUMBER+NUMBER, not \"5\"" },
	{ "reg 0:0 width 32 address own 5+0", "line 1: own: \"5+0\" is empty or too large" },
	{ "reg 0:0 width 32 address own 0xffffffffffffffff+2",
	  "line 1: own: \"0xffffffffffffffff+2\" is empty or too large" },
	{ "reg 0:0 width 64 address high 0:8",
	  "line 1: reg: \"high\" is no option of such a register" },
	{ "reg 0:0 width 32 address high 1:4", "line 1: high: 1:4 cannot be the upper half" },
	{ "reg 0:4 width 32 address high 0:4", "line 1: high: 0:4 cannot be the upper half" },
	{ "reg 0:4 width 32 address high 0:6", "line 1: high: 0:6 cannot be the upper half" },
	{ "reg 0:0 width 32 rw\nreg 0:0 width 32 ro", "registers 0:0x0 and 0:0x0 overlap" },
	{ "reg 0:0 width 64 rw\nreg 0:4 width 32 ro", "registers 0:0x0 and 0:0x4 overlap" },
	{ "reg 0:8 width 32 rw\nreg 0:0 width 32 address high 0:8",
	  "registers 0:0x8 and 0:0x0 overlap" },
	{ COMMAND "start 0:0x90 mask 1 value 1",
	  "line 2: start: no reg line for 0:0x90 before this one" },
	{ LENGTH "start 0:0x90 mask 1 value 1",
	  "line 2: start: 0:0x90 is not that kind of register" },
	{ COMMAND "start 0:0x98 value 1", "line 2: \"mask\" is missing" },
	{ COMMAND "start 0:0x98 mask 1", "line 2: \"value\" is missing" },
	{ COMMAND "start 0:0x98 mask 1 value 2", "line 2: value: has bits that are not in mask" },
	{ COMMAND "start 0:0x98 mask 0 value 0",
	  "line 2: mask: 0 is not between 0x1 and 0xffffffffffffffff" },
	{ COMMAND "start 0:0x98 mask 1 value 1 eats 0:0x80",
	  "line 2: start: \"eats\" is no option of a start" },
	{ COMMAND ADDRESS "start 0:0x98 mask 1 value 1 reads 0:0x80",
	  "line 3: start: how long is the transfer? (length, bytes)" },
	{ COMMAND ADDRESS "start 0:0x98 mask 1 value 1 bytes 8 own 0:0x80",
	  "line 3: own: 0:0x80 says nothing of the device's own memory" },
	{ COMMAND LENGTH "start 0:0x98 mask 1 value 1 length 0:0x90 bytes 8",
	  "line 3: start: length or bytes, not both" },
	{ COMMAND "start 0:0x98 mask 1 value 1\nstart 0:0x98 mask 3 value 1",
	  "two start lines match the same command" },
	{ "dma-bits " T_LOW_BITS_TEXT "\n" ADDRESS, "address registers, but no start line uses one" },
	{ ADDRESS LENGTH COMMAND START, "address registers want a dma-bits line" },
	{ "dma-bits " T_LOW_BITS_TEXT "\n" ADDRESS LENGTH COMMAND START,
	  "address registers want an idle or a settle line" },
	{ ADDRESS "idle 0:0x80 mask 1 value 0", "line 2: idle: 0:0x80 is not that kind of register" },
	{ COMMAND "idle 0:0x98 mask 1 value 0 after 5", "line 2: idle: \"after\" is not within" },
	{ COMMAND "idle 0:0x98 mask 1 value 0\nidle 0:0x98 mask 1 value 0",
	  "line 3: a second idle line" },
	{ "reg 0:0 width 32 ro\nat-open 0:0 value 1",
	  "line 2: write: 0:0 is not that kind of register" },
	{ "reg 0:0 width 8 rw\nat-close 0:0 value 256",
	  "line 2: value: 256 is not between 0x0 and 0xff" },
	{ "dma-bits 65", "line 1: dma-bits: 65 is not between 0x1 and 0x40" },
	{ "dma-bits 28 29", "line 1: dma-bits: what is \"29\"?" },
	{ "alignment 24", "line 1: alignment: 24 is no power of two" },
	{ "settle", "line 1: settle: a number is missing" },
	{ "protect 0", "line 1: protect: expected REGION:OFFSET+SIZE" },
	{ "protect 0:0x1000", "line 1: protect: expected NUMBER+NUMBER, not \"0x1000\"" },
	{ "protect 0:0x1000+0", "line 1: protect: \"0x1000+0\" is empty or too large" },
	{ "reg 0:0 width 32 wo\nacknowledge 0:0 mask 1 by 0:0",
	  "line 2: acknowledge: 0:0 is not that kind of register" },
	{ "reg 0:0 width 32 rw\nacknowledge 0:0 by 0:0", "line 2: \"mask\" is missing" },
	{ "reg 0:0 width 32 rw\nacknowledge 0:0 mask 1", "line 2: \"by\" is missing" },
	{ "reg 0:0 width 32 ro\nacknowledge 0:0 mask 1 by 0:0",
	  "line 2: by: 0:0 is not that kind of register" },
	{ "irq level", "line 1: irq: intx, msi, none or any, not \"level\"" },
};

static void read_attribute(const char *name, char *to, size_t size)
{
	char path[256];

	snprintf(path, sizeof(path), U_CONFIGFS "/%s/%s", u_name, name);
	assert_true(t_read_file(path, to, size));
}

static void test_mistakes(void **state)
{
	char problem[200], rules[4096];

	(void)state;
	assert_ok(u_store_rules("dma-bits 20\n"));
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		if (u_store_rules(mistakes[i].rules) != -EINVAL)
			fail_msg("accepted: %s", mistakes[i].rules);
		read_attribute("problem", problem, sizeof(problem));
		assert_string_equal(problem, mistakes[i].problem);
	}
	/* what was there before is there still */
	read_attribute("rules", rules, sizeof(rules));
	assert_string_equal(rules, "dma-bits 20");
	/* and the complaint ends with the mistake */
	assert_ok(u_store_rules(WHOLE));
	read_attribute("problem", problem, sizeof(problem));
	assert_string_equal(problem, "");
}

static void repeated(char *text, const char *line, int count, uint32_t step)
{
	text[0] = 0;
	for (int i = 0; i < count; i++)
		sprintf(text + strlen(text), line, i * step);
}

static void test_too_many(void **state)
{
	char text[8192], problem[200];

	(void)state;
	repeated(text, "reg 0:%u width 8 rw\n", CEN_UIO_MAX_REGS, 1);
	assert_ok(u_store_rules(text));
	repeated(text, "reg 0:%u width 8 rw\n", CEN_UIO_MAX_REGS + 1, 1);
	assert_errno(u_store_rules(text), EINVAL);
	read_attribute("problem", problem, sizeof(problem));
	assert_string_equal(problem, "line 65: more than 64 registers");
	repeated(text, "protect 0:%u+1\n", 17, 4096);
	assert_errno(u_store_rules(text), EINVAL);
	strcpy(text, COMMAND);
	repeated(text + strlen(text), "start 0:0x98 mask 0xff value %u\n", 17, 1);
	assert_errno(u_store_rules(text), EINVAL);
	strcpy(text, COMMAND);
	repeated(text + strlen(text), "at-open 0:0x98 value %u\n", 17, 1);
	assert_errno(u_store_rules(text), EINVAL);
	/* longer than one write of configfs: the rest would be taken for a text of its own */
	memset(text, '#', sizeof(text) - 1);
	text[4094] = 0;
	assert_ok(u_store_rules(text));
	text[4094] = '#', text[4095] = 0;
	assert_errno(u_store_rules(text), EFBIG);
}

static void test_names(void **state)
{
	static const char * const bad[] = {
		"nocolon", "pci:", ":x",
		"pci:0123456789012345678901234567890123456789012345678901234567890",
	};
	char path[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(path, sizeof(path), U_CONFIGFS "/%s", bad[i]);
		assert_errno(mkdir(path, 0755) ? -errno : 0, EINVAL);
	}
	assert_int_equal(mkdir(U_CONFIGFS "/platform:nobody.0", 0755), 0);
	assert_int_equal(rmdir(U_CONFIGFS "/platform:nobody.0"), 0);
}

/* Rules that do not fit the device are found when it is bound. */
static void test_rules_of_another_device(void **state)
{
	(void)state;
	assert_errno(u_bind_text("reg 0:0x100000 width 32 rw"), ENODEV);
	assert_errno(u_bind_text("reg 2:0 width 32 rw"), ENODEV);
	assert_ok(u_bind_text("reg 0:0xffffc width 32 rw"));
}

/* Memory that nobody has: the DMA API says no, and the device stays without driver. */
static void test_impossible_mask(void **state)
{
	(void)state;
	if (u_confined() || t_swiotlb_forced())
		t_skip("there it is possible");
	assert_errno(u_bind_text("dma-bits 12\n" ADDRESS LENGTH COMMAND START "settle 1"), ENODEV);
	assert_false(u_bound());
}

/* A model's rules serve where the device has none of its own. */
static void test_rules_of_a_model(void **state)
{
	struct cen_uio_info info = {};

	(void)state;
	must_unbind();
	assert_ok(u_bind_text(NULL));
	must_unbind();
	assert_int_equal(mkdir(U_CONFIGFS "/pci-id:1234:11e8", 0755), 0);
	assert_ok(t_write_file(U_CONFIGFS "/pci-id:1234:11e8/rules", "reg 0:4 width 32 rw"));
	assert_ok(u_bind_text(NULL));
	u_open();
	assert_ok(u_call(CEN_UIO_IOC_INFO, &info));
	assert_int_equal(info.regs_count, 1);
	u_close();
	assert_ok(u_bind_text("reg 0:4 width 32 rw; reg 0:8 width 32 rw"));
	u_open();
	info = (struct cen_uio_info) {};
	assert_ok(u_call(CEN_UIO_IOC_INFO, &info));
	assert_int_equal(info.regs_count, 2);
	assert_int_equal(rmdir(U_CONFIGFS "/pci-id:1234:11e8"), 0);
}

/* Rules are taken when a device is bound: what changes later counts for the next time. */
static void test_changes_wait(void **state)
{
	uint64_t value;

	(void)state;
	assert_ok(u_bind_text("reg 0:4 width 32 rw"));
	u_open();
	assert_ok(u_store_rules("reg 0:4 width 32 ro"));
	assert_ok(u_write(EDU_LIVENESS, 32, 0xff));
	u_close();
	assert_ok(u_bind_text("reg 0:4 width 32 ro"));
	u_open();
	assert_errno(u_write(EDU_LIVENESS, 32, 0), EPERM);
	assert_ok(u_read(EDU_LIVENESS, 32, &value));
	assert_u64_equal(value, 0xffffff00);
}

/* Nobody said anything: no register, no memory, no page; interrupts as usual. */
static void test_no_rules(void **state)
{
	struct cen_uio_info info = {};
	uint64_t value;

	(void)state;
	assert_ok(u_bind_text(NULL));
	u_open();
	assert_ok(u_call(CEN_UIO_IOC_INFO, &info));
	assert_int_equal(info.flags & ~CEN_UIO_CONFINED, 0);
	assert_int_equal(info.windows_count, 0);
	assert_int_equal(info.irq, CEN_UIO_IRQ_INTX);
	assert_errno(u_read(EDU_ID, 32, &value), EPERM);
	assert_int_equal(u_reason.code, CEN_UIO_WHY_REGISTER);
	assert_errno(u_write(EDU_LIVENESS, 32, 0), EPERM);
	assert_errno(u_attach(must_create(4096), CEN_UIO_TO_DEVICE), EPERM);
	assert_int_equal(u_reason.code, CEN_UIO_WHY_RULES);
	assert_ptr_equal(mmap(NULL, 4096, PROT_READ, MAP_SHARED, u_uio, 0), MAP_FAILED);
	assert_int_equal(errno, EINVAL);
}

/* Empty rules are rules: "I know the device, none of its registers takes an address". */
static void test_empty_rules(void **state)
{
	struct cen_uio_info info = {};
	volatile uint32_t *regs;

	(void)state;
	assert_ok(u_bind_text("# nothing to guard\n"));
	u_open();
	assert_ok(u_call(CEN_UIO_IOC_INFO, &info));
	assert_int_equal(info.flags & ~CEN_UIO_CONFINED, CEN_UIO_RULES);
	regs = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED, u_uio, 0);
	assert_ptr_not_equal(regs, MAP_FAILED);
	assert_int_equal(regs[EDU_ID / 4] & 0xffff, 0xed);
	regs[EDU_LIVENESS / 4] = 1;
	assert_int_equal(regs[EDU_LIVENESS / 4], ~1U);
	munmap((void *)regs, MIB);
	assert_errno(u_attach(must_create(4096), CEN_UIO_TO_DEVICE), EPERM);
}

/* Guarded pages and those named by protect lie between the windows. */
static void test_windows(void **state)
{
	static const struct cen_uio_window want[] = {
		{ .offset = 0x1000, .size = 0x3000, .map = 0 },
		{ .offset = 0x6000, .size = 0xa000, .map = 1 },
		{ .offset = 0x11000, .size = 0xef000, .map = 2 },
	};
	struct cen_uio_window windows[CEN_UIO_MAX_WINDOWS];
	struct cen_uio_info info = {
		.windows = (uintptr_t)windows, .windows_count = CEN_UIO_MAX_WINDOWS,
	};

	(void)state;
	assert_ok(u_bind_text(WHOLE "; protect 0:0x4ffc+8; protect 0:0x5000+0x800\n"
			      "reg 0:0x10ff8 width 64 length; reg 0:0x20000 width 32 rw"));
	u_open();
	assert_ok(u_call(CEN_UIO_IOC_INFO, &info));
	assert_int_equal(info.windows_count, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		assert_u64_equal(windows[i].offset, want[i].offset);
		assert_u64_equal(windows[i].size, want[i].size);
		assert_u64_equal(windows[i].map, want[i].map);
	}
	u_close();

	/* UIO has five maps */
	assert_ok(u_bind_text("protect 0:0x1000+1;protect 0:0x3000+1;protect 0:0x5000+1\n"
			      "protect 0:0x7000+1;protect 0:0x9000+1;protect 0:0xfffff+1"));
	u_open();
	info.flags = 0;
	assert_ok(u_call(CEN_UIO_IOC_INFO, &info));
	assert_int_equal(info.windows_count, 5);
	assert_true(info.flags & CEN_UIO_CUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		u_test(test_mistakes),
		u_test(test_too_many),
		u_test(test_names),
		u_test(test_rules_of_another_device),
		u_test(test_impossible_mask),
		u_test(test_rules_of_a_model),
		u_test(test_changes_wait),
		u_test(test_no_rules),
		u_test(test_empty_rules),
		u_test(test_windows),
	};
	int ret;

	u_begin();
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	u_end();
	return ret;
}
