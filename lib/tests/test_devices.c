// SPDX-License-Identifier: GPL-2.0
/* Sets of devices, device nodes, names that are nearly right. */
#include "support.h"

static struct cen_device_set *new_set(void)
{
	struct cen_device_set *set = cen_device_set_new();

	assert_non_null(set);
	return set;
}

static void specs_become_entries(void **state)
{
	struct cen_device_set *set = new_set();
	const struct cen_device *device;

	(void)state;
	assert_int_equal(cen_device_set_add(set, "pci:0000:00:04.0"), 0);
	assert_int_equal(cen_device_set_add(set, "platform:vivid.0,max-segments=1"), 0);
	assert_int_equal(cen_device_set_add(set, "limits:my dsp,address-bits=28"), 0);
	assert_int_equal(cen_device_set_count(set), 3);

	device = cen_device_set_get(set, 0);
	assert_string_equal(device->name, "pci:0000:00:04.0");
	assert_int_equal(device->flags, 0);
	device = cen_device_set_get(set, 1);
	assert_int_equal(device->flags, CEN_DEVICE_LIMITS);
	assert_int_equal(device->limits.max_segs, 1);
	device = cen_device_set_get(set, 2);
	assert_string_equal(device->name, "my dsp");
	assert_int_equal(device->flags, CEN_DEVICE_ANONYMOUS);
	assert_int_equal(device->limits.addr_max, (1 << 28) - 1);
	assert_null(cen_device_set_get(set, 3));
	cen_device_set_free(set);
}

static void malformed_specs_are_refused(void **state)
{
	static const struct {
		const char *spec;
		int error;
		const char *said;
	} cases[] = {
		{ "", EINVAL, "is no device" },
		{ "vivid.0", EINVAL, "is no device" },
		{ ":vivid.0", EINVAL, "is no device" },
		{ "platform:", EINVAL, "is no device" },
		{ "platfrom:vivid.0", EINVAL, "unknown bus 'platfrom'" },
		{ "platform:vivid.0,max-segments=none", EINVAL, "platform:vivid.0: max-segments" },
		{ "limits:", EINVAL, "needs a name" },
		{ "/dev/no-such-node", ENOENT, "/dev/no-such-node" },
		{ "/", ENOTTY, "no device node" },
		{ "platform:0123456789012345678901234567890123456789012345678901234", ENAMETOOLONG,
		  "at most 63" },
	};
	struct cen_device_set *set = new_set();

	(void)state;
	for (size_t i = 0; i < CEN_ARRAY_SIZE(cases); i++)
		assert_failed(cen_device_set_add(set, cases[i].spec), cases[i].error,
			      cases[i].said);
	assert_int_equal(cen_device_set_count(set), 0);
	cen_device_set_free(set);
}

static void limits_of_one_device_meet(void **state)
{
	struct cen_device_set *set = new_set();
	const struct cen_device *device;

	(void)state;
	assert_int_equal(cen_device_set_add(set, "platform:cam"), 0);
	assert_int_equal(cen_device_set_add(set, "platform:cam,max-segments=4,banks=1+2"), 0);
	assert_int_equal(cen_device_set_add(set, "platform:cam,max-segments=8,banks=2+3"), 0);
	assert_int_equal(cen_device_set_count(set), 1);
	device = cen_device_set_get(set, 0);
	assert_int_equal(device->flags, CEN_DEVICE_LIMITS);
	assert_int_equal(device->limits.max_segs, 4);
	assert_int_equal(device->limits.banks, 4);
	assert_failed(cen_device_set_add(set, "platform:cam,banks=5"), EINVAL, "named twice");
	assert_failed(cen_device_set_add(set, "limits:platform:cam"), EINVAL, "at once");
	cen_device_set_free(set);
}

static void a_set_is_finite(void **state)
{
	struct cen_device_set *set = new_set();
	char spec[32];

	(void)state;
	for (int i = 0; i < CEN_MAX_DEVICES; i++) {
		snprintf(spec, sizeof(spec), "limits:%d", i);
		assert_int_equal(cen_device_set_add(set, spec), 0);
	}
	assert_failed(cen_device_set_add(set, "limits:more"), E2BIG, "at most 64");
	assert_int_equal(cen_device_set_count(set), CEN_MAX_DEVICES);
	cen_device_set_free(set);
}

/* /dev/null stands in for the node: its numbers are the same everywhere. */
static void a_node_leads_to_its_device(void **state)
{
	struct machine *m = *state;
	char name[CEN_NAME_LEN];

	machine_pci(m, "0000:00:14.0", 64);
	/* a camera on a bus that does no DMA of its own */
	machine_dir(m, "sys/bus/usb");
	machine_dir(m, "sys/class/video4linux");
	machine_link(m, "sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/subsystem", "sys/bus/usb");
	machine_link(m, "sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/video4linux/video0/subsystem",
		     "sys/class/video4linux");
	machine_link(m, "sys/dev/char/1:3",
		     "sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/video4linux/video0");
	assert_int_equal(cen_node_resolve(&m->roots, "/dev/null", name), 0);
	assert_string_equal(name, "pci:0000:00:14.0");
}

static void a_node_without_a_device_is_refused(void **state)
{
	struct machine *m = *state;
	char name[CEN_NAME_LEN];

	assert_int_equal(cen_node_resolve(&m->roots, "/dev/null", name), -ENODEV);
	assert_contains(cen_error(), "1:3");
	machine_link(m, "sys/dev/char/1:3", "sys/devices/virtual/mem/null");
	machine_dir(m, "sys/devices/virtual/mem/null");
	assert_int_equal(cen_node_resolve(&m->roots, "/dev/null", name), -ENODEV);
	assert_contains(cen_error(), "no");
	assert_int_equal(cen_node_resolve(&m->roots, m->dir, name), -ENOTTY);
}

static void names_do_not_leave_sysfs(void **state)
{
	struct machine *m = *state;
	char path[256];

	machine_pci(m, "0000:00:14.0", 64);
	assert_int_equal(cen_sysfs_device(&m->roots, "pci:0000:00:14.0", path, sizeof(path)), 0);
	assert_int_equal(cen_sysfs_device(&m->roots, "pci:..", path, sizeof(path)), -EINVAL);
	assert_int_equal(cen_sysfs_device(&m->roots, "pci:../../../etc", path, sizeof(path)),
			 -EINVAL);
	assert_int_equal(cen_sysfs_device(&m->roots, "pci:0000:00:15.0", path, sizeof(path)),
			 -ENOENT);
}

static void distances(void **state)
{
	(void)state;
	assert_int_equal(cen_name_distance("", ""), 0);
	assert_int_equal(cen_name_distance("abc", ""), 3);
	assert_int_equal(cen_name_distance("", "abc"), 3);
	assert_int_equal(cen_name_distance("platform:vivid.0", "platform:vivid.0"), 0);
	assert_int_equal(cen_name_distance("platform:vivid0", "platform:vivid.0"), 1);
	assert_int_equal(cen_name_distance("kitten", "sitting"), 3);
}

static void nearly_right_names_are_suggested(void **state)
{
	struct machine *m = *state;
	struct cen_device_list *list;
	struct cen_device_info info;
	struct cen_ctx *ctx;

	machine_memory(m, 2);
	machine_write(m, "dev/dma_heap/system", "");
	machine_pci(m, "0000:00:04.0", 28);
	machine_dir(m, "sys/bus/platform/devices/vivid.0");
	ctx = cen_ctx_open_at(CEN_CTX_FALLBACK, &m->roots);
	assert_non_null(ctx);
	list = cen_device_list_new(ctx);
	assert_non_null(list);
	assert_int_equal(cen_device_list_count(list), 2);
	assert_string_equal(cen_device_list_get(list, 0)->name, "pci:0000:00:04.0");
	assert_string_equal(cen_device_list_get(list, 0)->driver, "some");
	assert_int_equal(cen_device_list_get(list, 0)->limits.addr_max, (1 << 28) - 1);
	assert_string_equal(cen_device_list_nearest(list, "platform:vivid0"), "platform:vivid.0");
	assert_string_equal(cen_device_list_nearest(list, "platfrom:vivid.0"), "platform:vivid.0");
	assert_string_equal(cen_device_list_nearest(list, "pci:00:04.0"), "pci:0000:00:04.0");
	assert_null(cen_device_list_nearest(list, "platform:i8042"));
	cen_device_list_free(list);

	assert_failed(cen_device_get_info(ctx, "platform:vivid.1", &info), ENOENT,
		      "did you mean 'platform:vivid.0'?");
	assert_failed(cen_device_get_info(ctx, "usb:1-1", &info), EINVAL, "usb:1-1");
	assert_int_equal(cen_device_get_info(ctx, "pci:0000:00:04.0", &info), 0);
	cen_ctx_close(ctx);
}

static void nodes_are_listed_with_their_device(void **state)
{
	struct machine *m = *state;
	struct cen_device_list *list;
	struct cen_ctx *ctx;

	machine_memory(m, 2);
	machine_write(m, "dev/dma_heap/system", "");
	machine_pci(m, "0000:00:04.0", 32);
	machine_dir(m, "sys/class/drm");
	machine_write(m, "sys/devices/pci0000:00/0000:00:04.0/drm/card0/uevent",
		      "MAJOR=226\nMINOR=0\nDEVNAME=dri/card0\n");
	machine_link(m, "sys/devices/pci0000:00/0000:00:04.0/drm/card0/subsystem", "sys/class/drm");
	machine_link(m, "sys/dev/char/226:0", "sys/devices/pci0000:00/0000:00:04.0/drm/card0");
	ctx = cen_ctx_open_at(CEN_CTX_FALLBACK, &m->roots);
	assert_non_null(ctx);
	list = cen_device_list_new(ctx);
	assert_non_null(list);
	assert_string_equal(cen_device_list_nodes(list, 0), "/dev/dri/card0");
	assert_null(cen_device_list_nodes(list, 1));
	cen_device_list_free(list);
	cen_ctx_close(ctx);
}

#define on_machine(test) cmocka_unit_test_setup_teardown(test, machine_setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(specs_become_entries),
		cmocka_unit_test(malformed_specs_are_refused),
		cmocka_unit_test(limits_of_one_device_meet),
		cmocka_unit_test(a_set_is_finite),
		on_machine(a_node_leads_to_its_device),
		on_machine(a_node_without_a_device_is_refused),
		on_machine(names_do_not_leave_sysfs),
		cmocka_unit_test(distances),
		on_machine(nearly_right_names_are_suggested),
		on_machine(nodes_are_listed_with_their_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
