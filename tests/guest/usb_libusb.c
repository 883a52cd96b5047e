// SPDX-License-Identifier: GPL-2.0
/*
 * A gadget and the real Linux host stack, joined by dummy_hcd: what a libusb program sees of
 * our ports, byte by byte.
 */
#include <libusb.h>
#include <poll.h>

#include "usb.h"

#define BIG	(1 * MIB)

static libusb_device_handle *host;

/* The host's view of the gadget; asserts that it turns up. */
static void host_open(void)
{
	for (unsigned int i = 0; i < 500 * t_slow() && !host; i++) {
		host = libusb_open_device_with_vid_pid(NULL, 0x1d6b, 0x0104);
		if (!host)
			usleep(10000);
	}
	assert_non_null(host);
	assert_int_equal(libusb_claim_interface(host, 0), 0);
}

static void host_close(void)
{
	if (host)
		libusb_close(host);
	host = NULL;
}

static int bulk(uint8_t address, void *data, int length, int *done)
{
	return libusb_bulk_transfer(host, address, data, length, done, 10000 * t_slow());
}

/* Addresses of the gadget's endpoints, in the order of its ports. */
static uint8_t in_address(int n)
{
	int port, address;
	char name[32];

	snprintf(name, sizeof(name), "usb-t-in%d", n);
	port = p_open(name);
	address = t_ioctl(port, _IO('g', 129), NULL);	/* FUNCTIONFS_ENDPOINT_REVMAP */
	close(port);
	assert_true(address > 0x80);
	return address;
}

static uint8_t out_address(int n)
{
	int port, address;
	char name[32];

	snprintf(name, sizeof(name), "usb-t-out%d", n);
	port = p_open(name);
	address = t_ioctl(port, _IO('g', 129), NULL);
	close(port);
	assert_true(address > 0 && address < 16);
	return address;
}

static void descriptors(void **state)
{
	(void)state;
	struct libusb_config_descriptor *config;
	const struct libusb_interface *interface;
	const struct libusb_interface_descriptor *alt;
	unsigned char text[64];
	int speed = libusb_get_device_speed(libusb_get_device(host));
	int packet = speed == LIBUSB_SPEED_SUPER ? 1024 : speed == LIBUSB_SPEED_HIGH ? 512 : 64;

	assert_int_equal(libusb_get_active_config_descriptor(libusb_get_device(host), &config), 0);
	assert_int_equal(config->bNumInterfaces, 1);
	interface = &config->interface[0];
	assert_int_equal(interface->num_altsetting, 2);
	alt = &interface->altsetting[0];
	assert_int_equal(alt->bInterfaceClass, LIBUSB_CLASS_VENDOR_SPEC);
	assert_int_equal(alt->bNumEndpoints, 4);
	for (int i = 0; i < 4; i++) {
		struct libusb_ss_endpoint_companion_descriptor *ss;

		assert_int_equal(alt->endpoint[i].bmAttributes, LIBUSB_TRANSFER_TYPE_BULK);
		assert_int_equal(alt->endpoint[i].wMaxPacketSize, packet);
		if (speed == LIBUSB_SPEED_SUPER) {
			assert_int_equal(libusb_get_ss_endpoint_companion_descriptor(NULL,
					 &alt->endpoint[i], &ss), 0);
			assert_int_equal(ss->bMaxBurst, 3);
			libusb_free_ss_endpoint_companion_descriptor(ss);
		}
	}
	assert_true(libusb_get_string_descriptor_ascii(host, alt->iInterface, text, sizeof(text)) > 0);
	assert_string_equal((char *)text, "a test");
	assert_int_equal(interface->altsetting[1].bNumEndpoints, 0);
	libusb_free_config_descriptor(config);
}

static void to_the_host(void **state)
{
	(void)state;
	static const int lengths[] = { 1, 63, 64, 511, 512, 513, 1024, 65536, 65537, BIG };
	int in = p_open("usb-t-in0"), got = 0;
	int fd = g_buffer(BIG, G_DUMMY, in);
	uint8_t *at = must_map(fd, BIG), *data = malloc(BIG);
	uint8_t address = in_address(0);

	assert_true(p_info(in).flags & CEN_PORT_VMAP);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		int done = 0;

		t_fill(at, BIG, i);
		assert_ok(g_enqueue(in, fd, 0, lengths[i], i));
		for (got = 0; got < lengths[i]; got += done)
			assert_int_equal(bulk(address, data + got, lengths[i] - got, &done), 0);
		assert_u64_equal(p_wait(in).actual, lengths[i]);
		assert_memory_equal(at, data, lengths[i]);
	}
	free(data);
	must_unmap(at, BIG);
}

static void from_the_host(void **state)
{
	(void)state;
	static const int lengths[] = { 1, 513, 65536 + 1, 100000, BIG };
	int out = p_open("usb-t-out1");
	int fd = g_buffer(BIG, G_DUMMY, out);
	uint8_t *at = must_map(fd, BIG), *data = malloc(BIG);
	uint8_t address = out_address(1);

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct cen_completion c;
		int done;

		memset(at, 0, BIG);
		t_fill(data, BIG, i);
		assert_ok(g_enqueue(out, fd, 0, BIG, i));
		assert_int_equal(bulk(address, data, lengths[i], &done), 0);
		assert_int_equal(done, lengths[i]);
		c = p_wait(out);
		assert_int_equal(c.status, 0);
		assert_u64_equal(c.actual, lengths[i]);
		assert_memory_equal(at, data, lengths[i]);
		assert_u64_equal(t_not_zero(at + lengths[i], BIG - lengths[i]), BIG - lengths[i]);
	}
	free(data);
	must_unmap(at, BIG);
}

/* A stream of blocks from several buffers, more than the controller takes at once. */
static void many_blocks(void **state)
{
	(void)state;
	int in = p_open("usb-t-in1"), fds[8], done;
	uint8_t *data = malloc(P_BLOCK), *want = malloc(P_BLOCK);
	uint8_t address = in_address(1);

	for (int i = 0; i < 8; i++) {
		uint8_t *at;

		fds[i] = g_buffer(P_BLOCK, G_DUMMY, in);
		at = must_map(fds[i], P_BLOCK);
		t_fill(at, P_BLOCK, i);
		must_unmap(at, P_BLOCK);
	}
	for (int i = 0; i < 64; i++)
		assert_ok(g_enqueue(in, fds[i % 8], 0, P_BLOCK, i));
	for (int i = 0; i < 64; i++) {
		assert_int_equal(bulk(address, data, P_BLOCK, &done), 0);
		assert_int_equal(done, P_BLOCK);
		t_fill(want, P_BLOCK, i % 8);
		assert_memory_equal(data, want, P_BLOCK);
	}
	for (int i = 0; i < 64; i++)
		assert_u64_equal(p_wait(in).user_data, i);
	free(data);
	free(want);
}

/* dummy_hcd does not tell what it has: give it time to get it. */
static void flying(void)
{
	usleep(20000 * t_slow());
}

/* Halted by the device, cleared by the host; and the other way round. */
static void halts(void **state)
{
	(void)state;
	int in = p_open("usb-t-in0"), done;
	int fd = g_buffer(4096, G_DUMMY, in);
	uint8_t address = in_address(0), data[4096];

	assert_ok(g_write("halt", "in0 1"));
	assert_int_equal(bulk(address, data, 4096, &done), LIBUSB_ERROR_PIPE);
	assert_int_equal(libusb_clear_halt(host, address), 0);
	assert_ok(g_enqueue(in, fd, 0, 4096, 1));
	/* an endpoint that has something to send cannot be halted */
	flying();
	assert_errno(g_write("halt", "in0 1"), EAGAIN);
	assert_int_equal(bulk(address, data, 4096, &done), 0);
	assert_int_equal(p_wait(in).status, 0);

	assert_int_equal(libusb_control_transfer(host, LIBUSB_RECIPIENT_ENDPOINT,
			 LIBUSB_REQUEST_SET_FEATURE, 0, address, NULL, 0, 1000), 0);
	assert_ok(g_enqueue(in, fd, 0, 4096, 2));
	assert_int_equal(bulk(address, data, 4096, &done), LIBUSB_ERROR_PIPE);
	assert_ok(g_write("halt", "in0 0"));
	assert_int_equal(bulk(address, data, 4096, &done), 0);
	assert_int_equal(p_wait(in).status, 0);
	assert_errno(g_write("halt", "in7 1"), EINVAL);
	assert_errno(g_write("halt", "in0 2"), EINVAL);
	assert_errno(g_write("halt", "nonsense"), EINVAL);
}

/* Setting 1 has no endpoints: what flies ends, what comes then waits for setting 0. */
static void alternate_settings(void **state)
{
	(void)state;
	int in = p_open("usb-t-in0"), done;
	int fd = g_buffer(8192, G_DUMMY, in);
	uint8_t address = in_address(0), data[8192];

	assert_ok(g_enqueue(in, fd, 0, 8192, 1));
	flying();
	assert_int_equal(libusb_set_interface_alt_setting(host, 0, 1), 0);
	assert_int_equal(p_wait(in).status, -ESHUTDOWN);
	g_wait_state("bound");
	assert_ok(g_enqueue(in, fd, 0, 8192, 2));
	assert_int_equal(p_poll(in, POLLIN, 100) & POLLIN, 0);
	assert_int_equal(libusb_set_interface_alt_setting(host, 0, 0), 0);
	assert_int_equal(bulk(address, data, 8192, &done), 0);
	assert_int_equal(done, 8192);
	assert_int_equal(p_wait(in).status, 0);
}

/* The radio's ramp, through a link, in the hands of a program at the host's end. */
static void radio_to_libusb(void **state)
{
	(void)state;
	const char *names[] = { P_DEVICE, "platform:" G_DUMMY };
	int rx, in = p_open("usb-t-in0"), fds[4], done;
	int32_t sinks[] = { in };
	struct cen_port_link arg = {
		.buffers = (uintptr_t)fds, .buffer_count = ARRAY_SIZE(fds),
		.sinks = (uintptr_t)sinks, .sink_count = 1, .length = P_BLOCK, .blocks = 100,
	};
	uint32_t *data = malloc(P_BLOCK), counter = 0, wrong = 0;
	uint8_t address = in_address(0);

	p_load("");
	rx = p_open("sdr0-rx");
	p_reset();
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = must_create(P_BLOCK);
		for (int j = 0; j < 2; j++) {
			struct cen_device device = t_device(names[j]);

			assert_ok(t_declare(fds[i], &device, 1));
		}
		assert_ok(p_attach(rx, fds[i]));
		assert_ok(p_attach(in, fds[i]));
	}
	assert_ok(t_ioctl(rx, CEN_PORT_IOC_LINK, &arg));
	for (unsigned int i = 0; i < arg.blocks; i++) {
		assert_int_equal(bulk(address, data, P_BLOCK, &done), 0);
		assert_int_equal(done, P_BLOCK);
		for (size_t j = 0; j < P_BLOCK / sizeof(*data); j++)
			wrong += data[j] != counter++;
	}
	assert_int_equal(wrong, 0);
	assert_true(p_poll(arg.fd, POLLIN, 5000) & POLLHUP);
	close(arg.fd);
	close(rx);
	free(data);
	assert_int_equal(p_unload(), 0);
}

/* The last test: the gadget leaves the bus with transfers in flight. */
static void unbound_in_flight(void **state)
{
	(void)state;
	int in = p_open("usb-t-in0");
	int fd = g_buffer(8192, G_DUMMY, in);

	for (int i = 0; i < 8; i++)
		assert_ok(g_enqueue(in, fd, 0, 8192, i));
	host_close();
	g_unbind();
	/* the first were in the controller when the cable went, the others had to wait */
	for (int i = 0; i < 8; i++) {
		int status = p_wait(in).status;

		assert_true(status == -ESHUTDOWN || status == -ENODEV);
	}
	assert_errno(p_detach(in, fd), ENODEV);
	assert_int_equal(p_poll(fd, POLLOUT, 1000), POLLOUT);
}

static const struct CMUnitTest tests[] = {
	t_test(descriptors),
	t_test(to_the_host),
	t_test(from_the_host),
	t_test(many_blocks),
	t_test(halts),
	t_test(alternate_settings),
	t_test(radio_to_libusb),
	t_test(unbound_in_flight),
};

/* Argument: options of dummy_hcd. */
int main(int argc, char **argv)
{
	int ret;

	g_load("dummy_hcd", argc > 1 ? argv[1] : "");
	g_gadget(G_DUMMY, "in=2 out=2 maxburst=3 'string=a test'");
	libusb_init(NULL);
	host_open();
	ret = t_run(tests, ARRAY_SIZE(tests), 0);
	host_close();
	libusb_exit(NULL);
	g_gadget_remove();
	g_unload("dummy_hcd");
	return ret;
}
