// SPDX-License-Identifier: GPL-2.0
/*
 * Handing rules over. The directory stands in for configfs: making one makes its
 * attributes, as the kernel does; removing one removes them.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

static const char * const attributes[] = {
	"max_segments", "seg_size", "seg_boundary", "align", "banks", "addr_max", "noncoherent",
};

/* An attribute that refuses to be written, and how often a directory was made. */
static const char *refusing;
static int made;

int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __real_unlinkat(int dir, const char *path, int flags);
int __wrap_unlinkat(int dir, const char *path, int flags);
int __real_rmdir(const char *path);
int __wrap_rmdir(const char *path);

int __wrap_mkdir(const char *path, mode_t mode)
{
	int ret = __real_mkdir(path, mode);

	if (ret || !strstr(path, "/configfs/"))
		return ret;
	made++;
	for (size_t i = 0; i < CEN_ARRAY_SIZE(attributes); i++) {
		char file[512];
		int fd;

		snprintf(file, sizeof(file), "%s/%s", path, attributes[i]);
		if (refusing && !strcmp(refusing, attributes[i])) {
			/* reads as 0, cannot be written to */
			assert_int_equal(symlink("/dev/full", file), 0);
			continue;
		}
		fd = open(file, O_WRONLY | O_CREAT, 0600);
		assert_int_equal(write(fd, "0\n", 2), 2);
		close(fd);
	}
	return 0;
}

static void remove_attributes(int dir, const char *path)
{
	for (size_t i = 0; i < CEN_ARRAY_SIZE(attributes); i++) {
		char file[512];

		snprintf(file, sizeof(file), "%s/%s", path, attributes[i]);
		__real_unlinkat(dir, file, 0);
	}
}

int __wrap_unlinkat(int dir, const char *path, int flags)
{
	if (flags & AT_REMOVEDIR)
		remove_attributes(dir, path);
	return __real_unlinkat(dir, path, flags);
}

int __wrap_rmdir(const char *path)
{
	remove_attributes(AT_FDCWD, path);
	return __real_rmdir(path);
}

static struct cen_rules *load(struct machine *m, const char *text)
{
	struct cen_rules *rules = cen_rules_new();

	assert_non_null(rules);
	machine_write(m, "rules/a.conf", text);
	assert_int_equal(cen_rules_load_dir(rules, m->roots.rules), 0);
	return rules;
}

static void apply(struct machine *m, const char *text, int count)
{
	struct cen_rules *rules = load(m, text);

	assert_int_equal(cen_rules_apply(rules, machine_path(m, "configfs")), count);
	cen_rules_free(rules);
}

static void attribute_is(struct machine *m, const char *device, const char *name,
			 const char *expected)
{
	char dir[256], text[64];

	snprintf(dir, sizeof(dir), "%s/configfs/%s", m->dir, device);
	assert_int_equal(cen_sysfs_read(dir, name, text, sizeof(text)), 0);
	assert_string_equal(text, expected);
}

static int setup(void **state)
{
	refusing = NULL;
	made = 0;
	machine_setup(state);
	machine_dir(*state, "configfs");
	return 0;
}

static void every_limit_arrives(void **state)
{
	struct machine *m = *state;

	apply(m, "[platform:cam]\nmax-segments=4\nsegment-size=1M\nsegment-boundary=4G\n"
	      "alignment=64K\nbanks=1 2\naddress-bits=30\nnon-coherent=yes\n", 1);
	attribute_is(m, "platform:cam", "max_segments", "4");
	attribute_is(m, "platform:cam", "seg_size", "1048576");
	attribute_is(m, "platform:cam", "seg_boundary", "4294967295");
	attribute_is(m, "platform:cam", "align", "65536");
	attribute_is(m, "platform:cam", "banks", "6");
	attribute_is(m, "platform:cam", "addr_max", "1073741823");
	attribute_is(m, "platform:cam", "noncoherent", "1");
}

static void applying_twice_changes_nothing(void **state)
{
	struct machine *m = *state;

	apply(m, "[platform:cam]\nmax-segments=4\n", 1);
	apply(m, "[platform:cam]\nmax-segments=4\n", 1);
	assert_int_equal(made, 1);
	attribute_is(m, "platform:cam", "max_segments", "4");
}

static void a_changed_rule_is_rewritten(void **state)
{
	struct machine *m = *state;

	apply(m, "[platform:cam]\nmax-segments=4\nalignment=1M\n", 1);
	apply(m, "[platform:cam]\nmax-segments=1\naddress-bits=32\n", 1);
	attribute_is(m, "platform:cam", "max_segments", "1");
	attribute_is(m, "platform:cam", "align", "0");
	attribute_is(m, "platform:cam", "addr_max", "4294967295");
}

static void rules_without_a_file_go(void **state)
{
	struct machine *m = *state;

	apply(m, "[platform:a]\nmax-segments=4\n[platform:b]\nmax-segments=4\n", 2);
	apply(m, "[platform:b]\nmax-segments=4\n", 1);
	assert_int_equal(access(machine_path(m, "configfs/platform:a"), F_OK), -1);
	attribute_is(m, "platform:b", "max_segments", "4");
	apply(m, "", 0);
	assert_int_equal(access(machine_path(m, "configfs/platform:b"), F_OK), -1);
}

static void a_refusal_names_the_rule(void **state)
{
	struct machine *m = *state;
	struct cen_rules *rules = load(m, "\n[platform:cam]\nmax-segments=4\nalignment=64K\n");

	refusing = "align";
	assert_failed(cen_rules_apply(rules, machine_path(m, "configfs")), ENOSPC,
		      "a.conf:2: [platform:cam]: the kernel refused align = 65536");
	/* half a rule would be worse than none */
	assert_int_equal(access(machine_path(m, "configfs/platform:cam"), F_OK), -1);
	cen_rules_free(rules);
}

/* It may have none with the new limits before the old ones are lifted. */
static void so_does_one_to_lift_a_limit(void **state)
{
	struct machine *m = *state;
	struct cen_rules *rules;
	const char *align;

	apply(m, "[platform:cam]\nalignment=1M\n", 1);
	align = machine_path(m, "configfs/platform:cam/align");
	assert_int_equal(unlink(align), 0);
	/* reads as some number, cannot be written to */
	assert_int_equal(symlink("/proc/uptime", align), 0);
	rules = load(m, "\n[platform:cam]\nmax-segments=4\n");
	assert_int_equal(cen_rules_apply(rules, machine_path(m, "configfs")), -1);
	assert_non_null(strstr(cen_error(), "a.conf:2: [platform:cam]: the kernel refused align = 0"));
	cen_rules_free(rules);
}

static void without_the_module_there_is_nowhere_to_go(void **state)
{
	struct machine *m = *state;
	struct cen_rules *rules = load(m, "[platform:cam]\nmax-segments=4\n");

	assert_failed(cen_rules_apply(rules, machine_path(m, "no-configfs")), ENOENT,
		      "is cenalloc loaded");
	cen_rules_free(rules);
}

#define with_configfs(test) cmocka_unit_test_setup_teardown(test, setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_configfs(every_limit_arrives),
		with_configfs(applying_twice_changes_nothing),
		with_configfs(a_changed_rule_is_rewritten),
		with_configfs(rules_without_a_file_go),
		with_configfs(a_refusal_names_the_rule),
		with_configfs(so_does_one_to_lift_a_limit),
		with_configfs(without_the_module_there_is_nowhere_to_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
