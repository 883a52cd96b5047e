// SPDX-License-Identifier: GPL-2.0
/*
 * Many ports: two controllers with all endpoints USB can address, and every one of them works.
 */
#include "usb.h"

#define UDCS	2
#define EPS	15

static char name[UDCS][16];

static void every_endpoint(void **state)
{
	(void)state;
	static int in[UDCS][EPS], out[UDCS][EPS], fds[UDCS][EPS];
	uint8_t data[4096], got[4096];

	for (int u = 0; u < UDCS; u++)
		for (int i = 0; i < EPS; i++) {
			char port[48], udc[48];

			snprintf(port, sizeof(port), "usb-%s-in%d", name[u], i);
			in[u][i] = p_open(port);
			snprintf(port, sizeof(port), "usb-%s-out%d", name[u], i);
			out[u][i] = p_open(port);
			snprintf(udc, sizeof(udc), "cen_sim_udc.%d", u);
			fds[u][i] = g_buffer(4096, udc, in[u][i]);
			assert_ok(p_attach(out[u][i], fds[u][i]));
			/* out first: what comes in is what goes out again */
			assert_ok(g_enqueue(out[u][i], fds[u][i], 0, 4096, i));
			assert_ok(g_enqueue(in[u][i], fds[u][i], 0, 4096, i));
		}
	for (int u = UDCS - 1; u >= 0; u--)
		for (int i = EPS - 1; i >= 0; i--) {
			char ep[48];

			t_fill(data, sizeof(data), u * EPS + i);
			snprintf(ep, sizeof(ep), "../cen_sim_udc.%d/ep%dout", u, i + 1);
			assert_int_equal(g_host_write(ep, data, sizeof(data)), sizeof(data));
			snprintf(ep, sizeof(ep), "../cen_sim_udc.%d/ep%din", u, i + 1);
			assert_int_equal(g_host_read(ep, got, sizeof(got)), sizeof(got));
			assert_memory_equal(data, got, sizeof(data));
			assert_int_equal(p_wait(out[u][i]).status, 0);
			assert_int_equal(p_wait(in[u][i]).status, 0);
		}
}

/* One endpoint more than there are: refused as a whole. */
static void too_many(void **state)
{
	(void)state;
	assert_int_not_equal(t_sh(". /cen/tests/usb_common.sh; modprobe usb_f_cen;"
				  "usb_gadget_make x in=15 out=15;"
				  "g=$usb_gadgets/x; mkdir $g/functions/cen.y;"
				  "ln -s $g/functions/cen.y $g/configs/c.1/;"
				  "usb_bind x cen_sim_udc.2 2>/dev/null"), 0);
	assert_false(t_exists("/dev/cen/usb-x-in0"));
	assert_false(t_exists("/dev/cen/usb-y-in0"));
	t_sh(". /cen/tests/usb_common.sh; g=$usb_gadgets/x;"
	     "rm $g/configs/c.1/cen.y; rmdir $g/functions/cen.y; usb_gadget_remove x");
}

static const struct CMUnitTest tests[] = {
	t_test(every_endpoint),
	t_test(too_many),
};

int main(void)
{
	int ret;

	g_load("cen_sim_udc", "devices=3");
	for (int u = 0; u < UDCS; u++) {
		snprintf(name[u], sizeof(name[u]), "m%d", u);
		if (t_sh(". /cen/tests/usb_common.sh; usb_gadget m%d cen_sim_udc.%d in=15 out=15 &&"
			 "for i in $(seq $((100 * ${CEN_SLOW:-1}))); do"
			 " grep -q enabled $usb_gadgets/m%d/functions/cen.m%d/state && exit 0; sleep 0.1;"
			 "done; exit 1", u, u, u, u)) {
			printf("Bail out! no gadget\n");
			return 1;
		}
	}
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	for (int u = 0; u < UDCS; u++)
		t_sh(". /cen/tests/usb_common.sh; usb_gadget_remove m%d", u);
	g_unload("cen_sim_udc");
	return ret;
}
