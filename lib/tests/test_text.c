// SPDX-License-Identifier: GPL-2.0
/* Sizes and limits as text. */
#include "support.h"

static void size_is(const char *text, uint64_t expected)
{
	uint64_t size = 1;

	assert_int_equal(cen_size_parse(&size, text), 0);
	assert_int_equal(size, expected);
}

static void sizes_are_read(void **state)
{
	(void)state;
	size_is("0", 0);
	size_is("4095", 4095);
	size_is("0x1000", 4096);
	size_is("0X1000K", 4096 * KIB);
	size_is("64K", 64 * KIB);
	size_is("0100K", 100 * KIB);
	size_is("09", 9);
	size_is("8m", 8 * MIB);
	size_is("1GiB", GIB);
	size_is("2MB", 2 * MIB);
	size_is("16777215T", 16777215ULL << 40);
}

static void size_fails(const char *text, int error)
{
	uint64_t size = 77;

	assert_failed(cen_size_parse(&size, text), error, text);
	assert_int_equal(size, 77);
}

static void malformed_sizes_are_refused(void **state)
{
	(void)state;
	size_fails("", EINVAL);
	size_fails("-1", EINVAL);
	size_fails(" 1", EINVAL);
	size_fails("K", EINVAL);
	size_fails("1X", EINVAL);
	size_fails("1KK", EINVAL);
	size_fails("1Kx", EINVAL);
	size_fails("0x", EINVAL);
	size_fails("99999999999999999999", ERANGE);
	size_fails("16777216T", ERANGE);
}

static void sizes_are_written_exactly(void **state)
{
	static const struct {
		uint64_t size;
		const char *text;
	} cases[] = {
		{ 0, "0 bytes" }, { 1, "1 byte" }, { 4095, "4095 bytes" }, { 4096, "4 KiB" },
		{ 640 * KIB, "640 KiB" }, { 1025 * KIB, "1025 KiB" }, { 8 * MIB, "8 MiB" },
		{ UINT64_MAX, "18446744073709551615 bytes" }, { 1ULL << 63, "8 EiB" },
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < CEN_ARRAY_SIZE(cases); i++) {
		assert_int_equal(cen_size_format(cases[i].size, text, sizeof(text)),
				 strlen(cases[i].text));
		assert_string_equal(text, cases[i].text);
	}
}

static void limits_are_read(void **state)
{
	struct cen_limits limits = { 0 };

	(void)state;
	assert_int_equal(cen_limits_parse(&limits,
					  "max-segments=4,segment-size=64K,segment-boundary=4G,"
					  "alignment=4K,address-bits=28,banks=0+2,non-coherent"), 0);
	assert_int_equal(limits.max_segs, 4);
	assert_int_equal(limits.seg_size, 64 * KIB);
	assert_int_equal(limits.seg_boundary, 4 * GIB - 1);
	assert_int_equal(limits.align, 4096);
	assert_int_equal(limits.addr_max, (1 << 28) - 1);
	assert_int_equal(limits.banks, 5);
	assert_int_equal(limits.flags, CEN_LIMIT_NONCOHERENT);
}

static void short_keys_are_the_same(void **state)
{
	struct cen_limits a = { 0 }, b = { 0 };

	(void)state;
	assert_int_equal(cen_limits_parse(&a, "max-segs=1,seg-size=1M,seg-boundary=2M,align=1K,addr-bits=64"), 0);
	assert_int_equal(cen_limits_parse(&b, "max-segments=1,segment-size=1M,segment-boundary=2M,"
					  "alignment=1K,address-bits=64"), 0);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_true(a.addr_max == UINT64_MAX);
}

static void limits_survive_text(void **state)
{
	static const char * const texts[] = {
		"", "max-segments=1", "segment-size=65535", "segment-boundary=4G",
		"alignment=1M", "address-bits=1", "address-bits=64", "banks=0", "banks=0+63",
		"non-coherent=yes",
		"max-segments=16,segment-size=4M,segment-boundary=4G,alignment=64K,address-bits=30,banks=1+2+3,non-coherent=yes",
	};
	char written[512];

	(void)state;
	for (size_t i = 0; i < CEN_ARRAY_SIZE(texts); i++) {
		struct cen_limits limits = { 0 };

		assert_int_equal(cen_limits_parse(&limits, texts[i]), 0);
		assert_int_equal(cen_limits_format(&limits, written, sizeof(written)),
				 strlen(texts[i]));
		assert_string_equal(written, texts[i]);
	}
}

static void limits_fail(const char *text, const char *said)
{
	struct cen_limits limits = { .max_segs = 9 }, before = limits;

	assert_failed(cen_limits_parse(&limits, text), EINVAL, said);
	assert_memory_equal(&limits, &before, sizeof(limits));
}

static void impossible_limits_are_refused(void **state)
{
	(void)state;
	limits_fail("max-segs", "has no value");
	limits_fail("colour=red", "unknown limit 'colour'");
	limits_fail("max-segments=0", "from 1 (contiguous)");
	limits_fail("max-segments=4294967296", "from 1 (contiguous)");
	limits_fail("max-segments=-1", "max-segments");
	limits_fail("segment-size=0", "1 or more");
	limits_fail("segment-boundary=1", "power of two");
	limits_fail("segment-boundary=3K", "power of two");
	limits_fail("alignment=48K", "power of two");
	limits_fail("alignment=0", "power of two");
	limits_fail("address-bits=0", "1 to 64");
	limits_fail("address-bits=65", "1 to 64");
	limits_fail("banks=64", "0 to 63");
	limits_fail("banks=", "0 to 63");
	limits_fail("banks=1;2", "0 to 63");
	limits_fail("banks=-1", "0 to 63");
	limits_fail("non-coherent=maybe", "yes or no");
	/* what was fine before the mistake does not stay */
	limits_fail("max-segments=1,address-bits=99", "1 to 64");
}

static void limits_add_to_what_is_there(void **state)
{
	struct cen_limits limits = { .max_segs = 9, .align = 64 };

	(void)state;
	assert_int_equal(cen_limits_parse(&limits, "max-segments=3"), 0);
	assert_int_equal(limits.max_segs, 3);
	assert_int_equal(limits.align, 64);
}

static void short_room_is_told(void **state)
{
	struct cen_limits limits = { .max_segs = 1 };
	char text[8];

	(void)state;
	assert_int_equal(cen_limits_format(&limits, text, sizeof(text)), strlen("max-segments=1"));
	assert_string_equal(text, "max-seg");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_read),
		cmocka_unit_test(malformed_sizes_are_refused),
		cmocka_unit_test(sizes_are_written_exactly),
		cmocka_unit_test(limits_are_read),
		cmocka_unit_test(short_keys_are_the_same),
		cmocka_unit_test(limits_survive_text),
		cmocka_unit_test(impossible_limits_are_refused),
		cmocka_unit_test(limits_add_to_what_is_there),
		cmocka_unit_test(short_room_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
